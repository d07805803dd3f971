"""A fresh clone, as a reader's: the committed tree with what is not committed yet laid over it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.docs import environment
from tests.house.source import ROOT, files

PHONE = "tests/docs/phone"
MYPY = ".mypy_cache"
OTHERS = ("MAKE", "MYPY", "PYTEST", "WXLOGIN_")
"""How the names begin of what this run's environment says to its own tools."""


def cloned(directory: Path) -> Path:
    """Make it, with a `.venv` that holds what `make` installs, and what the phone needs."""
    tree = directory / "wxlogin"
    if (ROOT / ".git").exists():
        _run("git", "clone", "-q", str(ROOT), str(tree))
    wanted = {file.relative_to(ROOT) for file in files(ROOT)}
    for path in wanted:
        (tree / path.parent).mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, tree / path)
    for gone in {file.relative_to(tree) for file in files(tree)} - wanted:
        (tree / gone).unlink()
    # Else each page would wait for what mypy and Python leave in their caches.
    if environment.is_locked():
        environment.move(tree / ".venv")
    if (ROOT / MYPY).exists():
        shutil.copytree(ROOT / MYPY, tree / MYPY)
    _run("make", "--no-print-directory", "-C", str(tree), "types")
    _run(str(tree / ".venv/bin/python"), "-m", "compileall", "-q", str(tree / "wxlogin"))
    if shutil.which("npm"):
        options = ("--silent", "--no-audit", "--no-fund", "--no-update-notifier")
        _run("npm", "ci", "--prefix", str(tree / PHONE), *options)
    return tree


def pythons(directory: Path) -> str:
    """A PATH on which python3 is the interpreter that these tests run under."""
    directory.mkdir()
    (directory / "python3").symlink_to(Path(sys.base_exec_prefix) / "bin" / "python3")
    return f"{directory}{os.pathsep}{os.environ['PATH']}"


def _run(*command: str) -> None:
    environment = {n: v for n, v in os.environ.items() if not n.startswith(OTHERS)}
    done = subprocess.run(
        command,
        env=environment | {"PYTHON": str(Path(sys.base_exec_prefix) / "bin" / "python3")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
