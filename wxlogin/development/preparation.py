"""Runs the flask commands that come before the server, in one process: most of each is its imports.

`python -m wxlogin.development.preparation INSTANCE [URL]` prints a line of JSON after each step.
"""

from __future__ import annotations

import io
import json
import re
import sys
from contextlib import redirect_stdout
from pathlib import Path

from click import ClickException
from flask.cli import cli

from wxlogin.development import webhook

OWNER = "admin"
PASSWORD = re.compile(r"^Password .*: (\S+)$", re.MULTILINE)


def main(instance: str, url: str = "") -> None:
    """Migrate the database, create the owner `admin` unless there is an admin, set the webhook."""
    run("db", "upgrade")
    _print(None)
    created = PASSWORD.search(run("admin", "create", OWNER, "--role", "owner", "--first"))
    _print(created[1] if created else None)
    fresh = created is not None
    _print(webhook.register(Path(instance), url or None, webhooks, fresh=fresh))


def webhooks(*words: str, may_fail: bool = False) -> str:
    """Run `flask webhooks` and return its output; empty if it fails and may."""
    try:
        return run("webhooks", *words)
    except (ClickException, SystemExit):
        if not may_fail:
            raise
        return ""


def run(*words: str) -> str:
    """Run a flask command and return its output; ClickException or SystemExit if it fails."""
    sys.argv = ["flask", "--app", "wsgi", *words]
    sys.modules.pop("wsgi", None)  # each command has an app of its own
    with redirect_stdout(io.StringIO()) as output:
        status = cli.main(sys.argv[1:], prog_name="flask", standalone_mode=False)
    if status:
        sys.exit(status)
    return output.getvalue()


def _print(result: str | None) -> None:
    """Print what a step has for the caller: a password or a secret, shown nowhere else."""
    sys.stdout.write(f"{json.dumps(result)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except ClickException as fault:
        fault.show()
        sys.exit(fault.exit_code)
