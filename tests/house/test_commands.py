"""Every command is one that the contract names, and is documented."""

from __future__ import annotations

from collections.abc import Iterator

import click
from flask import Flask

from tests.house.source import ROOT
from wxlogin.cli import bind_commands

# As the contract has them, and `apps enable`; those that are not there yet come later.
CONTRACT = {
    "apps add",
    "apps list",
    "apps set-pay-key",
    "apps set-push-keys",
    "apps set-secret",
    "apps set-scan-page",
    "apps disable",
    "apps enable",
    "admin create",
    "admin invite",
    "admin list",
    "admin disable",
    "admin reset-password",
    "admin reset-totp",
    "admin tokens",
    "admin revoke",
    "admin token",
    "keys list",
    "keys rotate",
    "keys reindex",
    "keys give-up",
    "users export",
    "users import",
    "users merge",
    "audit accept-head",
    "audit verify",
    "doctor",
    "leakscan",
    "purge",
    "sessions reconcile",
    "webhooks add",
    "webhooks list",
    "webhooks test",
    "webhooks remove",
    # The contract is silent: what it lets the API do with webhooks.
    "webhooks deliveries",
    "webhooks pause",
    "webhooks replay",
    "webhooks resume",
    "webhooks secret",
    # The contract is silent: tries whether alerts arrive.
    "alerts test",
    # The contract is silent: what checks the settings before a service that runs is stopped.
    "settings check",
}


MADE = ("commands.md", "commands.zh-CN.md")


def named(group: click.Group, above: str = "") -> Iterator[str]:
    """The commands of a group by their words."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from named(command, f"{above}{name} ")
        else:
            yield f"{above}{name}"


def ours() -> click.Group:
    """What wxlogin hangs into `flask`."""
    app = Flask(__name__)
    bind_commands(app)
    return app.cli


def commands() -> set[str]:
    """The commands that wxlogin hangs into `flask`."""
    return set(named(ours()))


def every(group: click.Group) -> Iterator[click.Command]:
    """The commands and groups below a group."""
    for command in group.commands.values():
        yield command
        if isinstance(command, click.Group):
            yield from every(command)


def pages() -> str:
    """All pages of the docs, but that which is made of the commands themselves."""
    found = (page for page in sorted(ROOT.glob("docs/*.md")) if page.name not in MADE)
    return "\n".join(page.read_text(encoding="utf-8") for page in found)


def undocumented(page: str) -> list[str]:
    """Commands that a page does not show as they are typed."""
    return sorted(command for command in commands() if f"flask --app wsgi {command}" not in page)


def test_every_command_is_the_contract_s() -> None:
    assert commands()
    assert commands() <= CONTRACT


def test_every_command_is_documented() -> None:
    assert undocumented(pages()) == []


def test_a_command_without_a_line_is_found() -> None:
    page = pages().replace("apps disable", "apps")
    assert undocumented(page) == ["apps disable"]


def test_every_command_and_option_says_what_it_is_for() -> None:
    silent = [command.name for command in every(ours()) if not command.help]
    for command in every(ours()):
        for option in command.params:
            if isinstance(option, click.Option) and not option.help:
                silent.append(f"{command.name} {option.name}")
    assert silent == []


def test_the_list_of_commands_cuts_no_sentence() -> None:
    cut = [c.name for c in every(ours()) if c.get_short_help_str(60).endswith("...")]
    assert cut == []
