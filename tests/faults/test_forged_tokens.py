"""A forged token is refused before Redis is asked."""

from __future__ import annotations

from typing import Any, cast

import pytest

from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.watched import held_back
from wxlogin.sessions import Tokens
from wxlogin.sessions.tokens import new_public_id

FORGED = {
    "garbage": "x",
    "form": f"wxs_{'A' * 64}.{'A' * 43}",
    "another key": Tokens(["n4Kq8Wc2Rz6Jv0Xf5Ty9Bm3Hd7Lp1Gs-"]).mint(new_public_id())[0],
}


def commands(site: Site) -> dict[str, int]:
    """The commands that Redis has carried out, scripts' own among them."""
    stats = cast("dict[str, Any]", site.redis.info("commandstats"))
    counted = {name: row["calls"] for name, row in stats.items()}
    counted.pop("cmdstat_info", None)
    return counted


@pytest.mark.parametrize("token", FORGED.values(), ids=FORGED.keys())
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/session"),
        ("GET", "/v1/auth"),
        ("POST", "/v1/logout"),
        ("DELETE", "/v1/sessions/x"),
    ],
)
def test_a_forged_token_costs_no_command(
    site: Site, phone: Phone, method: str, path: str, token: str
) -> None:
    phone.login()
    assert phone.refusal() == ""
    phone.token = token
    with held_back(site):
        before = commands(site)
        assert site.problem(phone.ask(method, path)) == "TOKEN_INVALID"
        assert commands(site) == before


def test_a_true_token_is_counted(site: Site, phone: Phone) -> None:
    """What the test above measures does move."""
    phone.login()
    with held_back(site):
        before = commands(site)
        assert phone.refusal() == ""
        after = commands(site)
    assert after["cmdstat_evalsha"] > before["cmdstat_evalsha"]
