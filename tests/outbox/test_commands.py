"""`flask webhooks`: add, list, test, remove."""

from __future__ import annotations

import pytest

from tests.harness.command_line import CommandLine
from tests.harness.phone import Phone
from tests.harness.site import APPID, Site
from tests.harness.team import Team, dispatch, verify


@pytest.fixture
def commands(site: Site) -> CommandLine:
    """Somebody at the command line."""
    return CommandLine(site, "webhooks")


def test_a_webhook_is_added_listed_tested_and_removed(
    site: Site, commands: CommandLine, team: Team, phone: Phone
) -> None:
    assert "There is no webhook" in commands.done("list")
    events = ("--event", "user.created", "--event", "alert.raised", "--app", APPID)
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


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("ftp://example.com", "--event", "user.created"), "url"),
        (("https://example.com", "--event", "user.flew"), "user.flew"),
        (("https://example.com",), "--event"),
        (
            ("https://example.com", "--event", "user.created", "--app", "wx00000000000000ff"),
            "is not registered",
        ),
    ],
)
def test_what_cannot_be_is_refused(commands: CommandLine, words: tuple[str, ...], why: str) -> None:
    assert why in commands.refused("add", *words)
