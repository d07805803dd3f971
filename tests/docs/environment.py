"""The clone's `.venv`: that of this run, moved, where it is what `make` would install anew.

To install everything again takes pip a minute; `.ci/run` has just done so in a fresh checkout.
"""

from __future__ import annotations

import importlib.metadata
import re
import shutil
import subprocess
import sys
from pathlib import Path

from packaging.markers import Marker
from packaging.utils import canonicalize_name

from tests.house.source import ROOT

LOCK = ROOT / "requirements-dev.txt"
LOCKED = re.compile(r"^([\w.-]+)==(\S+)(?: ; (.+?))? \\$", re.MULTILINE)


def is_locked() -> bool:
    """Whether this run's packages are exactly those of the lock file, installed by `make`."""
    wanted = {
        canonicalize_name(name): version
        for name, version, marker in LOCKED.findall(LOCK.read_text(encoding="utf-8"))
        if not marker or Marker(marker).evaluate()
    }
    installed = {
        canonicalize_name(package.name): package.version
        for package in importlib.metadata.distributions(path=[_packages(Path(sys.prefix))])
    }
    installed.pop("setuptools", None)  # with it Python 3.11 begins every environment
    return installed == wanted and (Path(sys.prefix) / "packages").exists()


def move(target: Path) -> None:
    """Make `target` a copy of this run's environment that names nothing of the original."""
    source = Path(sys.prefix).resolve()
    # Hard links where they can be: a page writes into an overlay, and installers replace files.
    if subprocess.run(["cp", "-al", source, target], capture_output=True, check=False).returncode:
        shutil.rmtree(target, ignore_errors=True)
        subprocess.run(["cp", "-a", source, target], check=True)
    for file in [target / "pyvenv.cfg", *(target / "bin").iterdir()]:
        if not file.is_symlink() and (text := _text(file)) and str(sys.prefix) in text:
            mode = file.stat().st_mode
            file.unlink()
            file.write_text(text.replace(str(sys.prefix), str(target)), encoding="utf-8")
            file.chmod(mode)


def _packages(prefix: Path) -> str:
    (found,) = prefix.glob("lib/python3*/site-packages")
    return str(found)


def _text(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None
