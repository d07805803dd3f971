"""What is installed is pinned and hashed; what is asked for has a reason."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.house.source import ROOT

PIN = re.compile(r"^[A-Za-z0-9._-]+(\[[a-z,]+\])?==\S+( ; .+)?$")
HASHES = re.compile(r"^(--hash=sha256:[0-9a-f]{64} ?)+$")


def loose(listing: Path) -> list[str]:
    """Lines of a requirements file that are not one pinned package with its hashes."""
    text = re.sub(r"^\s*#.*\n", "", listing.read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = re.sub(r"\s*\\\n\s*", " ", text).split("\n")
    wrong = []
    for line in filter(None, map(str.strip, lines)):
        package, found, hashes = line.partition(" --hash=")
        if not PIN.match(package) or not HASHES.match(f"--hash={hashes}" if found else ""):
            wrong.append(line)
    return wrong


def asked_for() -> set[str]:
    """The packages that pyproject.toml names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extra = project["optional-dependencies"].values()
    lines = [*project["dependencies"], *(line for group in extra for line in group)]
    return {re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0] for line in lines}


@pytest.mark.parametrize("listing", ["requirements.txt", "requirements-dev.txt"])
def test_every_package_is_pinned_and_hashed(listing: str) -> None:
    assert loose(ROOT / listing) == []


@pytest.mark.parametrize("listing", ["requirements.txt", "requirements-dev.txt"])
def test_the_lock_files_hold_packages(listing: str) -> None:
    assert (ROOT / listing).read_text(encoding="utf-8").count("--hash=sha256:") > 100


def test_a_loose_line_is_found(tmp_path: Path) -> None:
    listing = tmp_path / "requirements.txt"
    good = f"a==1 ; python_version < '4' \\\n    --hash=sha256:{'0' * 64}\n    # via b\n"
    listing.write_text(f"# made by hand\n{good}b==2\nc>=3 \\\n    --hash=sha256:{'0' * 64}\n-e .\n")
    assert loose(listing) == ["b==2", f"c>=3 --hash=sha256:{'0' * 64}", "-e ."]


def test_every_direct_dependency_has_a_reason() -> None:
    page = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE)) == asked_for()
