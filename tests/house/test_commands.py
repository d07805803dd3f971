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
    "apps set-secret",
    "apps disable",
    "apps enable",
    "admin create",
    "admin token",
    "keys list",
    "keys rotate",
    "keys reindex",
    "audit verify",
    "doctor",
    "leakscan",
    "purge",
}


def named(group: click.Group, above: str = "") -> Iterator[str]:
    """The commands of a group by their words."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from named(command, f"{above}{name} ")
        else:
            yield f"{above}{name}"


def commands() -> set[str]:
    """The commands that wxlogin hangs into `flask`."""
    app = Flask(__name__)
    bind_commands(app)
    return set(named(app.cli))


def pages() -> str:
    """All pages of the docs."""
    return "\n".join(page.read_text(encoding="utf-8") for page in sorted(ROOT.glob("docs/*.md")))


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
