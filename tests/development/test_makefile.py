"""`make` says what it needs."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

import config

NOBODY = 65534


@pytest.fixture
def copy() -> Iterator[Path]:
    """What `make` reads, in a directory that only its owner may write to."""
    with TemporaryDirectory() as folder:
        for name in ("Makefile", "requirements.txt", "requirements-dev.txt"):
            shutil.copy(config.ROOT / name, folder)
        Path(folder).chmod(0o555)
        yield Path(folder)


@pytest.mark.parametrize("target", ["run", "test", "docs"])
def test_make_says_where_it_may_not_write_and_leaves_nothing(copy: Path, target: str) -> None:
    found = sorted(copy.iterdir())
    done = subprocess.run(
        ["make", target],
        cwd=copy,
        user=NOBODY if os.geteuid() == 0 else None,  # root may write everywhere
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stderr.splitlines()
    assert done.returncode == 2
    assert said[0].startswith(f"make may not write into {copy}: ")
    assert len(said) == 3  # what to do, and make's own line
    assert sorted(copy.iterdir()) == found
