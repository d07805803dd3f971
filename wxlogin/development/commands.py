"""Runs flask commands before the server starts."""

from __future__ import annotations

import re
import signal
import subprocess  # it starts this project's own commands # nosec B404
import sys
from collections.abc import Mapping

from config import ROOT
from wxlogin.development.die_with_parent import die_with_parent
from wxlogin.development.errors import StartError

TIMEOUT_SECONDS = 300.0
OWNER = "admin"
PASSWORD = re.compile(r"^Password .*: (\S+)$", re.MULTILINE)


def migrate(environment: Mapping[str, str]) -> None:
    """Upgrade the database silently; StartError with the end of its output if that fails."""
    _run("The database could not be brought up to date", environment, "db", "upgrade")


def create_first_admin(environment: Mapping[str, str]) -> str | None:
    """Create the owner `admin` if there is no admin, and return the password, stored nowhere."""
    arguments = ("admin", "create", OWNER, "--role", "owner", "--first")
    output = _run("The console's first owner could not be made", environment, *arguments)
    created = PASSWORD.search(output)
    return created[1] if created else None


def webhooks(environment: Mapping[str, str], *arguments: str, may_fail: bool = False) -> str:
    """Run `flask webhooks` and return its output; empty if it fails and may."""
    try:
        return _run("The sandbox's webhook could not be set", environment, "webhooks", *arguments)
    except StartError:
        if not may_fail:
            raise
        return ""


def _run(failure: str, environment: Mapping[str, str], *arguments: str) -> str:
    """Return the output of a command; StartError, beginning with `failure`, if it fails."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
    try:
        done = subprocess.run(  # noqa: S603 -- our own command, no shell # nosec B603
            die_with_parent(command, signal.SIGTERM),
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise StartError(f"{failure}: it took over {TIMEOUT_SECONDS:.0f} s.") from None
    text = done.stdout.decode(errors="replace").rstrip()
    if done.returncode:
        end = "\n".join(f"  {line}" for line in text.splitlines()[-15:])
        raise StartError(f"{failure}:\n{end}")
    return text
