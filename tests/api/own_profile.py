"""A user's own nickname and avatar, as the mini-program sends and sees them."""

from __future__ import annotations

from typing import Any

from tests.harness.phone import Phone
from tests.harness.site import Site

ME, PROFILE = "/v1/me", "/v1/me/profile"
CHECK = "/wxa/msg_sec_check"
AVATAR = "https://cdn.example.com/avatars/1.png?v=2"


def put(phone: Phone, **body: Any) -> dict[str, Any]:
    """Store a nickname, an avatar or both; the profile as it is then."""
    answer = phone.ask("PUT", PROFILE, json=body)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    return dict(answer.json()["profile"])


def refusal(phone: Phone, **body: Any) -> str:
    """The code with which a profile is refused."""
    return phone.site.problem(phone.ask("PUT", PROFILE, json=body))


def shown(phone: Phone) -> dict[str, Any]:
    """What the user sees of themselves."""
    answer = phone.ask("GET", ME)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    return dict(answer.json())


def checks(site: Site) -> int:
    """How often WeChat was asked about a text."""
    return int(site.sandbox.world.calls[CHECK])
