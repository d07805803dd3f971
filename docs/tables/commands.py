"""The commands that wxlogin hangs into `flask`, as docs/commands.md lists them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import click
from flask import Flask

from wxlogin.cli import bind_commands

FEW = 6
"""How many choices of an option are named; of more it has its name alone."""


class Option(NamedTuple):
    """An option: how it is typed, what it is for, and whether the command needs it."""

    typed: str
    meaning: str
    is_required: bool


class Command(NamedTuple):
    """A command: how it is typed, what it does, and its options."""

    typed: str
    meaning: str
    options: tuple[Option, ...]


def commands() -> list[Command]:
    """Return every command, by its words."""
    app = Flask(__name__)
    bind_commands(app)
    return sorted(_commands(app.cli, "flask --app wsgi"))


def _commands(group: click.Group, above: str) -> Iterator[Command]:
    for name, command in group.commands.items():
        typed = f"{above} {name}"
        if isinstance(command, click.Group):
            yield from _commands(command, typed)
        else:
            arguments = [it for it in command.params if isinstance(it, click.Argument)]
            names = [it.make_metavar(click.Context(command)) for it in arguments]
            options = [_option(it) for it in command.params if isinstance(it, click.Option)]
            meaning = " ".join((command.help or "").split())
            yield Command(" ".join([typed, *names]), meaning, tuple(options))


def _option(option: click.Option) -> Option:
    name = option.opts[0]
    typed = name if option.is_flag else f"{name} {_value(option)}"
    return Option(typed, option.help or "", option.required)


def _value(option: click.Option) -> str:
    """Return what stands behind an option: its choices if they are few, else its name."""
    if isinstance(option.type, click.Choice) and len(option.type.choices) <= FEW:
        return "|".join(map(str, option.type.choices))
    return option.metavar or option.opts[0].removeprefix("--").upper()
