"""The venv's own `flask`, run as people and timers run it: from any folder, as a process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import config
from tests.harness import forked
from tests.harness.site import Site

FLASK = Path(sys.executable).parent / "flask"


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with these settings and no others."""
    return {n: text for n, text in os.environ.items() if not n.startswith("WXLOGIN_")} | dict(
        settings
    )


def settings_of(site: Site) -> dict[str, str]:
    """What brings a command to a site's stores, with its keys."""
    keys = ("secret_keys", "data_keys", "index_keys")
    return {
        "WXLOGIN_ENV": "testing",
        "WXLOGIN_DATABASE_URL": site.settings.database_url,
        "WXLOGIN_REDIS_URL": site.settings.redis_url,
        **{f"WXLOGIN_{name.upper()}_FILE": str(site.directory / name) for name in keys},
    }


def command(*words: str) -> list[str]:
    """The command line of `flask` with these words."""
    return [str(FLASK), "--app", str(config.ROOT / "wsgi.py"), *words]


def run(
    words: tuple[str, ...], settings: Mapping[str, str], folder: Path, **options: Any
) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder to its end; no traceback is ever shown."""
    done = forked.run(command(*words), environment(settings), folder, **options)
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    return done


def executed(
    words: tuple[str, ...], settings: Mapping[str, str], folder: Path
) -> subprocess.CompletedProcess[str]:
    """Run a command as a shell does, with all that Python does as it starts."""
    return subprocess.run(
        command(*words),
        cwd=folder,
        env=environment(settings),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
