"""Node, and the packages that the client is built and tested with."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.house.source import ROOT

CLIENT = ROOT / "miniprogram"
NODE = 18
QUIET = ("--silent", "--no-audit", "--no-fund", "--no-update-notifier")


def run(*command: str, cwd: Path, **environment: str) -> str:
    """Run a command that has to succeed; what it prints."""
    path = f"{cwd / 'node_modules/.bin'}:/usr/local/bin:/usr/bin:/bin"
    node = shutil.which("node")
    done = subprocess.run(
        command,
        cwd=cwd,
        env={
            "PATH": f"{Path(node).parent if node else ''}:{path}",
            "CI": "1",
            "NO_COLOR": "1",
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the client with what its lock file names, so that nothing lands in the tree."""
    if not shutil.which("npm") or _node_version() < NODE:
        pytest.skip(f"needs Node {NODE} or newer, and npm")
    copy = tmp_path_factory.mktemp("client") / "miniprogram"
    shutil.copytree(CLIENT, copy, ignore=shutil.ignore_patterns("node_modules"))
    installed = CLIENT / "node_modules"
    if (installed / ".package-lock.json").exists() and _is_locked(installed):
        (copy / "node_modules").symlink_to(installed)
    else:
        run("npm", "ci", *QUIET, cwd=copy, HOME=str(tmp_path_factory.mktemp("home")))
    return copy


def _node_version() -> int:
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    return int(said.removeprefix("v").partition(".")[0])


def _is_locked(installed: Path) -> bool:
    """Whether `make client` installed what the lock file names, and the lock is no newer."""
    lock = CLIENT / "package-lock.json"
    return (installed / ".package-lock.json").stat().st_mtime >= lock.stat().st_mtime
