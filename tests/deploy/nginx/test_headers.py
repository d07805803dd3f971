"""Headers that say who asks come from wxlogin, and never from the caller."""

from __future__ import annotations

import re

from tests.deploy.nginx.raw_client import sent
from tests.harness.nginx import FOLDER, Backend, bearer
from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.house.source import ROOT

LATER = {"X-Wxlogin-Person", "X-Wxlogin-External-Id", "X-Wxlogin-Assertion"}
SIGNATURE = {"X-Wxlogin-Timestamp", "X-Wxlogin-Nonce", "X-Wxlogin-Signature"}
PROXIES = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Forwarded")
PASSED = "X-Wxlogin-Content-SHA256"
"""The backend compares it with the body; where the call is signed, the signature covers it."""


def family() -> set[str]:
    """Every header of wxlogin's that its code names, and those that are to come."""
    code = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "wxlogin").rglob("*.py"))
    return LATER | set(re.findall(r"X-Wxlogin-[A-Za-z0-9-]+", code))


def spelt(name: str) -> list[str]:
    """A header's name and what many backends take for the same."""
    return [name, name.lower(), name.replace("-", "_"), name.replace("-", "_").upper()]


def test_the_family_is_known() -> None:
    assert {"X-Wxlogin-User", "X-Wxlogin-Problem", PASSED, *LATER} < family()


def test_every_header_is_replaced_by_name() -> None:
    text = (FOLDER / "protect.conf").read_text(encoding="utf-8")
    assert set(re.findall(r"proxy_set_header (X-Wxlogin-\S+)", text)) == family() - {PASSED}


def test_what_a_caller_says_of_itself_does_not_reach_the_backend(
    site: Site, phone: Phone, backend: Backend
) -> None:
    for name in sorted(family() - {PASSED}):
        forged = [(spelling, "mallory") for spelling in spelt(name)]
        told = sent(site, "GET", "/orders", [*bearer(phone.token).items(), *forged])
        # A part of a signature is refused before it comes so far.
        assert told.status == (401 if name in SIGNATURE else 200), name
    assert len(backend.got) == len(family() - {PASSED} - SIGNATURE)
    assert "mallory" not in str(backend.got)


def test_where_a_caller_says_it_is_does_not_reach_the_backend(
    site: Site, phone: Phone, backend: Backend
) -> None:
    forged = [(spelling, "203.0.113.9") for name in PROXIES for spelling in spelt(name)]
    assert sent(site, "GET", "/orders", [*bearer(phone.token).items(), *forged]).status == 200
    (got,) = backend.got
    assert "203.0.113.9" not in str(got)
    assert got.headers["X-Forwarded-For"] == got.headers["X-Real-IP"] == "127.0.0.1"
    assert got.headers["X-Forwarded-Proto"] == "https"


def test_the_hash_of_the_body_passes(phone: Phone, backend: Backend) -> None:
    assert phone.ask("POST", "/orders", data=b"x", headers={PASSED: "0" * 64}).ok
    assert backend.got[0].headers[PASSED] == "0" * 64
