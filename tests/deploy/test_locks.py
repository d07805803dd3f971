"""Both locks install with the pip of old distributions and with the newest one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness.environment import PRODUCTION
from tests.house.source import ROOT

LOCKS = ("requirements.txt", "requirements-dev.txt")  # the second holds all of the first
FROM_A_LOCK = ("install", "--quiet", "--no-deps", "--require-hashes")
COMMANDS = (
    ("flask", "--app", "wsgi", "db", "--help"),
    ("gunicorn", "--check-config", "wsgi:app"),
    ("pytest", "--version"),
)


class Venv:
    """A virtual environment with a pip of the test's choice."""

    def __init__(self, directory: Path, pip: str) -> None:
        self.bin = directory / "bin"
        subprocess.run([sys.executable, "-m", "venv", directory], check=True)
        done = self.run("pip", "install", "--quiet", "--upgrade", pip)
        if "Could not find a version" in done.stderr or "connection" in done.stderr.lower():
            pytest.skip("the package index cannot be reached")
        assert done.returncode == 0, done.stderr

    def run(self, script: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Run one of its console scripts in the project's directory."""
        return subprocess.run(
            [self.bin / script, *words],
            cwd=ROOT,
            env=os.environ | PRODUCTION,
            capture_output=True,
            text=True,
            check=False,
        )


def test_both_locks_install_into_an_empty_venv_by_the_pip_of_debian_12(tmp_path: Path) -> None:
    venv = Venv(tmp_path / "venv", "pip==23.0.1")
    for lock in LOCKS:
        done = venv.run("pip", *FROM_A_LOCK, "--no-compile", "-r", lock)
        assert done.returncode == 0, done.stderr
        checked = venv.run("pip", "check")
        assert checked.returncode == 0, checked.stdout
    for script, *words in COMMANDS:
        done = venv.run(script, *words)
        assert done.returncode == 0, done.stderr


def test_the_newest_pip_takes_every_package_of_both_locks(tmp_path: Path) -> None:
    venv = Venv(tmp_path / "venv", "pip")
    # It gets the packages and compares their hashes; how they are laid out is proved above.
    done = venv.run("pip", *FROM_A_LOCK, "--dry-run", "-r", LOCKS[1])
    assert done.returncode == 0, done.stderr
