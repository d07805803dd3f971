"""A user who logs in from here and there, behind one proxy (WXLOGIN_TRUSTED_HOPS=1)."""

from __future__ import annotations

from typing import Any

from tests.harness.phone import Phone

SHENZHEN = "219.133.40.177"
GUANGZHOU = "14.23.152.222"
BEIJING = "220.181.38.148"
TIANJIN = "60.24.0.1"
HONG_KONG = "1.36.0.1"
CHINA = "39.147.12.241"  # somewhere there
TOKYO = "133.11.0.1"
AMERICA = "8.8.8.8"
NOWHERE = "10.1.2.3"


class Traveller(Phone):
    """The phone of somebody on the way."""

    def login_from(self, address: str, *, after: float = 0) -> dict[str, Any]:
        """Log in from an address once so many seconds went by; it succeeds wherever that is."""
        self.site.clock.forward(after)
        self.headers["X-Forwarded-For"] = address
        return self.login()
