"""docs/webhooks.md is followed: the commands, the receiver, the code in the app."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from tests.harness.command_line import CommandLine
from tests.harness.doc_pages import written
from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.team import Team, dispatch
from tests.house.source import ROOT
from wxlogin.outbox import EventType
from wxlogin.outbox.signals import signal

PAGES = [ROOT / "docs/webhooks.md", ROOT / "docs/webhooks.zh-CN.md"]
RECEIVER, IN_THE_APP = written(PAGES[0], "python")


@pytest.fixture(autouse=True)
def _no_receivers() -> Iterator[None]:
    """Forget the receivers of signals: they are the process's."""
    yield
    for type_ in EventType:
        signal(type_).receivers.clear()


def test_the_commands_of_the_page_work(site: Site) -> None:
    commands = CommandLine(site, "webhooks")
    (block,) = written(PAGES[0])
    said = ""
    for line in block.text.splitlines():
        words = shlex.split(line)
        said += commands.done(*words[words.index("webhooks") + 1 :])
    webhook, secret, *_ = said.split()
    site.tokens.add(secret)
    assert secret.startswith("whsec_")
    assert said.count(webhook) == 2


def test_both_languages_show_the_same_code() -> None:
    english, chinese = ([block.text for block in written(page, "python")] for page in PAGES)
    assert english == chinese


def test_the_receiver_of_the_page_takes_what_is_sent(site: Site, phone: Phone, team: Team) -> None:
    _, secret = team.subscribe(site)
    erased: list[str] = []
    seen: set[str] = set()
    given: dict[str, Any] = {
        "__name__": __name__,
        "SECRET": secret,
        "first_time": lambda one: one not in seen and not seen.add(one),
        "erase": erased.append,
    }
    exec(RECEIVER.text, given)
    theirs = Flask("theirs")
    theirs.register_blueprint(given["hooks"])
    phone.login()
    with site.app.app_context():
        site.services.accounts.erasure.erase(phone.user_id)
    dispatch(site)
    (sent,) = team.got
    for _ in range(2):
        answer = theirs.test_client().post("/hooks", data=sent.body, headers=sent.headers)
        assert answer.status_code == 204
    assert erased == [phone.user_id]


def test_code_in_the_app_knows_who_is_signed_in_and_hears_of_users(
    site: Site, phone: Phone
) -> None:
    given: dict[str, Any] = {"__name__": __name__, "greetings": []}
    exec(IN_THE_APP.text, given)
    site.app.register_blueprint(given["shop"])
    refused = site.request("GET", "/shop/basket")
    assert site.problem(refused) == "TOKEN_MISSING"
    phone.login()
    assert phone.ask("GET", "/shop/basket").json() == {"owner": phone.user_id}
    dispatch(site)
    assert given["greetings"] == [phone.user_id]
    phone.logout()
    assert phone.refusal("/shop/basket") == "SESSION_REVOKED"


def test_a_receiver_that_fails_stops_nothing(site: Site, phone: Phone, team: Team) -> None:
    def fails(_sender: object, event: object) -> None:
        raise LookupError(event)

    heard: list[object] = []

    def hears(_sender: object, event: object) -> None:
        heard.append(event)

    signal("user.created").connect(fails)
    signal("user.created").connect(hears)
    team.subscribe(site, EventType.USER_CREATED)
    phone.login()
    dispatch(site)
    assert heard == [team.got[0].event]


def test_there_is_no_signal_of_another_name() -> None:
    with pytest.raises(ValueError, match=r"user\.flew"):
        signal("user.flew")
