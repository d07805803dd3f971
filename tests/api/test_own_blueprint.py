"""The example of a team's own blueprint: sessions, limits and signals in the same app."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from examples.own_blueprint.notes import add_notes
from tests.harness.phone import Phone
from tests.harness.signer import Signer
from tests.harness.site import Site
from tests.harness.team import dispatch
from wxlogin.outbox import EventType
from wxlogin.outbox.signals import signal


@pytest.fixture
def site(site: Site, tmp_path: Path) -> Iterator[Site]:
    """A wxlogin with the notes in it, which dispatches where a test has it dispatch."""
    site.services.webhooks.dispatcher.stop()
    add_notes(site.app, str(tmp_path / "notes.sqlite3"))
    yield site
    for type_ in EventType:  # the receivers of signals are the process's
        signal(type_).receivers.clear()


def notes_of(phone: Phone) -> list[str]:
    """What the phone reads."""
    answer = phone.ask("GET", "/notes")
    assert answer.ok, answer.text
    return list(answer.json()["notes"])


def written(phone: Phone, text: str) -> int:
    """Write a note; the status."""
    return phone.ask("POST", "/notes", json={"text": text}).status_code


def test_notes_belong_to_who_is_signed_in(site: Site) -> None:
    alice, bob = Phone(site), Phone(site, "bob")
    assert site.problem(site.request("GET", "/notes")) == "TOKEN_MISSING"
    alice.login()
    bob.login()
    assert written(alice, "milk") == 201
    assert (notes_of(alice), notes_of(bob)) == (["milk"], [])
    alice.logout()
    assert alice.refusal("/notes") == "SESSION_REVOKED"


def test_a_user_is_limited_and_no_other_with_them(site: Site) -> None:
    alice, bob = Phone(site), Phone(site, "bob")
    alice.login()
    bob.login()
    assert [written(alice, str(number)) for number in range(21)] == [201] * 20 + [429]
    refused = alice.ask("POST", "/notes", json={"text": "more"})
    assert site.problem(refused) == "RATE_LIMITED"
    assert written(bob, "milk") == 201
    site.clock.forward(61)
    assert written(alice, "eggs") == 201


def test_signals_tell_of_users(site: Site) -> None:
    alice, bob = Phone(site), Phone(site, "bob")
    alice.login()
    bob.login()
    dispatch(site)
    assert (notes_of(alice), notes_of(bob)) == (["Welcome"], ["Welcome"])
    dispatch(site)
    assert notes_of(alice) == ["Welcome"]
    assert alice.ask("DELETE", "/v1/me").ok
    dispatch(site)
    alice.login()
    assert notes_of(alice) == []
    assert notes_of(bob) == ["Welcome"]


@pytest.mark.settings(WXLOGIN_REQUEST_SIGNING="required")
def test_its_requests_are_signed_where_wxlogin_s_are(site: Site, phone: Phone) -> None:
    phone.login()
    refused = phone.ask("POST", "/notes", json={"text": "milk"})
    assert site.problem(refused) == "REQUEST_UNSIGNED"
    assert Signer(phone).call("POST", "/notes", b'{"text": "milk"}').status_code == 201
