"""Prepares what the server needs before it starts: its tables, its first admin, a webhook."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from config import ROOT
from wxlogin.development.die_with_parent import die_with_parent
from wxlogin.development.errors import StartError

TIMEOUT_SECONDS = 300.0
FAILURES = (
    "The database could not be brought up to date",
    "The console's first owner could not be made",
    "The sandbox's webhook could not be set",
)
"""What is said where a step fails, in their order."""


class Prepared(NamedTuple):
    """What is shown once: the password of an owner that was created, and the webhook's secret."""

    password: str | None
    webhook_secret: str | None


def prepare(environment: Mapping[str, str], instance: Path, url: str | None) -> Prepared:
    """Migrate, create the first owner and set a webhook to `url`; StartError if a step fails."""
    module = "wxlogin.development.preparation"
    command = [sys.executable, "-m", module, str(instance), *([url] if url else [])]
    try:
        done = subprocess.run(  # noqa: S603 -- our own command, no shell
            die_with_parent(command, signal.SIGTERM),
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        steps = len((late.stdout or b"").splitlines())
        raise StartError(f"{FAILURES[steps]}: it took over {TIMEOUT_SECONDS:.0f} s.") from None
    results = done.stdout.splitlines()
    if done.returncode:
        text = done.stderr.decode(errors="replace").rstrip()
        end = "\n".join(f"  {line}" for line in text.splitlines()[-15:])
        raise StartError(f"{FAILURES[len(results)]}:\n{end}")
    _, password, secret = map(json.loads, results)
    return Prepared(password, secret)
