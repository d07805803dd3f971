"""`flask webhooks`: what a team's own systems are told, from the command line."""

from __future__ import annotations

import re

import pytest

from tests.harness.command_line import CommandLine
from tests.harness.console import Operator
from tests.harness.phone import Phone
from tests.harness.site import APPID, Site
from tests.harness.team import Team, dispatch, verify
from wxlogin.outbox import EventType


@pytest.fixture
def commands(site: Site) -> CommandLine:
    """Somebody at the command line."""
    return CommandLine(site, "webhooks")


def test_a_webhook_is_added_listed_tested_and_removed(
    site: Site, commands: CommandLine, team: Team, phone: Phone
) -> None:
    assert "There is no webhook" in commands.done("list")
    events = ("--event", "user.created", "alert.raised", "--app", APPID)
    webhook, secret = commands.done("add", team.url, *events).split()
    site.tokens.add(secret)
    listed = commands.done("list")
    assert webhook in listed
    assert "user.created\n" in listed
    assert commands.done("test", webhook) == "The webhook accepted it with status 204.\n"
    verify(secret, team.got[0])
    phone.login()
    dispatch(site)
    assert team.names() == ["webhook.test", "user.created"]
    team.answer = lambda _number: 500
    assert "did not accept it: status 500" in commands.refused("test", webhook)
    assert commands.done("remove", webhook) == "The webhook is removed.\n"
    assert "There is no webhook of this id." in commands.refused("test", webhook)


def test_a_webhook_is_paused_and_resumed_and_gets_what_waited(
    site: Site, commands: CommandLine, team: Team, phone: Phone
) -> None:
    webhook = team.subscribe(site, EventType.USER_LOGGED_IN)[0].public_id
    phone.login()
    site.services.webhooks.dispatcher._router.run()
    assert commands.done("pause", webhook) == "The webhook is paused.\n"
    assert "disabled" in commands.done("list")
    dispatch(site)
    assert team.got == []
    assert commands.done("resume", webhook) == "The webhook goes on.\n"
    dispatch(site)
    assert team.names() == ["user.logged_in"]
    trail = Operator(site, "owner").sign_in().trail(f"webhook:{webhook}")
    assert [(one["act"], one["detail"]) for one in trail] == [
        ("webhook.change", {"enabled": False}),
        ("webhook.change", {"enabled": True}),
    ]


def test_a_new_secret_is_printed_and_signs_beside_the_old_one(
    site: Site, commands: CommandLine, team: Team
) -> None:
    endpoint, old = team.subscribe(site, EventType.USER_LOGGED_IN)
    new = commands.done("secret", endpoint.public_id).strip()
    site.tokens.add(new)
    assert new.startswith("whsec_")
    commands.done("test", endpoint.public_id)
    for secret in (old, new):
        verify(secret, team.got[0])


def test_deliveries_are_listed_and_one_is_sent_again_with_id_and_body(
    site: Site, commands: CommandLine, team: Team, phone: Phone
) -> None:
    webhook = team.subscribe(site, EventType.USER_LOGGED_IN)[0].public_id
    assert commands.done("deliveries", webhook) == "The webhook got nothing so far.\n"
    team.answer = lambda number: 503 if number == 0 else 204
    phone.login()
    dispatch(site)
    assert re.search(
        r"user\.logged_in .* pending +1 +status 503", commands.done("deliveries", webhook)
    )
    site.clock.forward(20)
    dispatch(site)
    listed = commands.done("deliveries", webhook, "--limit", "1")
    found = re.search(r"^(\d+) +user\.logged_in .* delivered +2 +204", listed, re.MULTILINE)
    assert found, listed
    assert team.got[1].body not in listed
    assert team.got[1].body in commands.done("deliveries", webhook, "--body")
    assert commands.done("replay", found[1]) == "It is sent again.\n"
    dispatch(site)
    assert (team.got[2].id, team.got[2].body) == (team.got[1].id, team.got[1].body)
    assert "There is no delivery of this id." in commands.refused("replay", "4711")
    for act in ("deliveries", "pause", "resume", "secret"):
        assert "There is no webhook of this id." in commands.refused(act, "nowhere")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("ftp://example.com", "--event", "user.created"), "url"),
        (("https://example.com", "--event", "user.flew"), "user.flew"),
        (("https://example.com", "--event", "user.created", "user.flew"), "user.flew"),
        (("https://example.com",), "--event"),
        (
            ("https://example.com", "--event", "user.created", "--app", "wx00000000000000ff"),
            "is not registered",
        ),
    ],
)
def test_what_cannot_be_is_refused(commands: CommandLine, words: tuple[str, ...], why: str) -> None:
    assert why in commands.refused("add", *words)
