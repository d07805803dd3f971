"""The flask commands that the development command runs before the server starts."""

from __future__ import annotations

import re
import signal
import subprocess  # it starts this project's own commands # nosec B404
import sys
from collections.abc import Mapping

from config import ROOT
from wxlogin.development.errors import StartError
from wxlogin.development.tether import tethered

LONGEST_SECONDS = 300.0
OWNER = "admin"
PASSWORD = re.compile(r"^Password .*: (\S+)$", re.MULTILINE)


def migrate(environment: Mapping[str, str]) -> None:
    """Bring the database up to date, quietly; StartError with the end of its words if it fails."""
    _run("The database could not be brought up to date", environment, "db", "upgrade")


def first_password(environment: Mapping[str, str]) -> str | None:
    """Make the owner `admin` where there is no admin; the password, which is kept nowhere."""
    words = ("admin", "create", OWNER, "--role", "owner", "--first")
    said = _run("The console's first owner could not be made", environment, *words)
    made = PASSWORD.search(said)
    return made[1] if made else None


def _run(complaint: str, environment: Mapping[str, str], *words: str) -> str:
    """What a command says."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
    try:
        done = subprocess.run(  # noqa: S603 -- our own words, no shell # nosec B603
            tethered(command, signal.SIGTERM),
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=LONGEST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise StartError(f"{complaint}: it took over {LONGEST_SECONDS:.0f} s.") from None
    text = done.stdout.decode(errors="replace").rstrip()
    if done.returncode:
        said = "\n".join(f"  {line}" for line in text.splitlines()[-15:])
        raise StartError(f"{complaint}:\n{said}")
    return text
