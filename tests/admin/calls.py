"""Every call of the admin API, as the app has them."""

from __future__ import annotations

import re
from typing import NamedTuple

from tests.harness.site import Site

PREFIX = "/admin/api"


class Call(NamedTuple):
    """One method of one address; what stands for an id there is nobody's."""

    method: str
    path: str
    permission: str | None


def admin_calls(site: Site, prefix: str = PREFIX) -> list[Call]:
    """All calls below a prefix, signing out last."""
    found = [
        Call(
            method,
            re.sub(r"<[^>]+>", "nobody-of-this-id-0000", rule.rule.removeprefix(PREFIX)),
            getattr(site.app.view_functions[rule.endpoint], "permission", None),
        )
        for rule in site.app.url_map.iter_rules()
        if rule.rule.startswith(prefix)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]
    return sorted(found, key=lambda call: (call.path == "/logout", call))
