"""`flask admin`: the first admins and the tokens of services."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from contextlib import suppress

import pytest

from config import ROOT
from tests.harness import flask_process
from tests.harness.command_line import CommandLine
from tests.harness.console import PASSWORD
from tests.harness.site import Site


@pytest.fixture
def commands(site: Site) -> CommandLine:
    """Somebody at the command line."""
    return CommandLine(site, "admin")


def signed_in(site: Site, name: str, password: str) -> bool:
    """Whether the name and the password sign in."""
    body = {"username": name, "password": password}
    return site.request("POST", "/admin/api/login", json=body).ok


def test_an_admin_with_a_given_password_signs_in(site: Site, commands: CommandLine) -> None:
    said = commands.done("create", "alice", "--role", "owner", "--password-stdin", typed=PASSWORD)
    assert said == "alice may sign in at /admin/ as owner.\n"
    assert signed_in(site, "alice", PASSWORD)


def test_where_nobody_can_be_asked_a_password_is_printed(site: Site, commands: CommandLine) -> None:
    said = commands.done("create", "alice", "--role", "viewer")
    password = said.split()[-1]
    assert len(password) == 20
    assert signed_in(site, "alice", password)


@pytest.mark.parametrize(
    ("name", "password", "why"),
    [
        ("alice", "Quiet-otter", "12 to 128 characters"),
        ("alice", "x" * 129, "12 to 128 characters"),
        ("alice", "Password12345", "easy to guess"),
        ("alice", "Quiet-ALICE-otter-46", "should not hold the name"),
        ("Alice", PASSWORD, "a-z, 0-9"),
        ("爱丽丝", PASSWORD, "a-z, 0-9"),
    ],
)
def test_weak_passwords_and_odd_names_are_refused(
    site: Site, commands: CommandLine, name: str, password: str, why: str
) -> None:
    words = ("create", name, "--role", "owner", "--password-stdin")
    assert why in commands.refused(*words, typed=password)
    assert not signed_in(site, name, password)


def test_a_name_is_given_once(commands: CommandLine) -> None:
    words = ("create", "alice", "--role", "owner", "--password-stdin")
    commands.done(*words, typed=PASSWORD)
    assert "is taken" in commands.refused(*words, typed=PASSWORD)


def test_a_token_of_the_command_line_opens_what_its_scope_says(
    site: Site, commands: CommandLine
) -> None:
    token = commands.done("token", "billing", "--scope", "read").strip()
    site.tokens.add(token)
    assert re.fullmatch(r"wxa_[A-Za-z0-9_-]{43}[0-9a-f]{8}", token)
    headers = {"Authorization": f"Bearer {token}"}
    assert site.request("GET", "/admin/api/audit", headers=headers).ok


def test_first_makes_nobody_where_there_is_an_admin(site: Site, commands: CommandLine) -> None:
    words = ("create", "alice", "--role", "owner", "--first")
    site.tokens.add(commands.done(*words).split()[-1])
    assert commands.done(*words) == ""
    assert commands.done("create", "bob", "--role", "owner", "--first") == ""


def read(terminal: int) -> bytes:
    """What comes next; nothing once the other side is gone, which Linux calls a fault."""
    with suppress(OSError):
        return os.read(terminal, 1024)
    return b""


def typed_at_a_terminal(site: Site, *answers: str) -> str:
    """What `admin create` shows on a terminal where somebody answers its questions so."""
    mine, theirs = pty.openpty()
    words = ("admin", "create", "alice", "--role", "owner")
    shown, left = b"", list(answers)
    with subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", *words],
        **dict.fromkeys(("stdin", "stdout", "stderr"), theirs),
        cwd=ROOT,
        env=flask_process.environment(flask_process.settings_of(site)),
        start_new_session=True,
    ) as command:
        os.close(theirs)
        while part := read(mine):
            shown += part
            if shown.endswith(b": ") and left:
                os.write(mine, f"{left.pop(0)}\n".encode())
    os.close(mine)
    assert command.returncode == 0, shown
    return shown.decode()


def test_on_a_terminal_the_password_is_asked_for_twice(site: Site) -> None:
    shown = typed_at_a_terminal(site, PASSWORD, "something-else", PASSWORD, PASSWORD)
    assert shown.count("Repeat for confirmation:") == 2
    assert "do not match" in shown
    assert signed_in(site, "alice", PASSWORD)
