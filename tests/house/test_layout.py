"""No file lies loose, and none speaks of one person's machine."""

from __future__ import annotations

import re
from pathlib import Path

from tests.house.source import ROOT, files

TOP = {
    ".ci",
    ".gitignore",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "README.zh-CN.md",
    "SECURITY.md",
    "bench",
    "config.py",
    "deploy",
    "docs",
    "examples",
    "migrations",
    "miniprogram",
    "pyproject.toml",
    "requirements-dev.txt",
    "requirements.txt",
    "tests",
    "wsgi.py",
    "wxlogin",
}

# Homes and work directories of somebody's machine; addresses that packages come from.
OURS_ALONE = re.compile(
    rb"(?<![\w.])/(?:(?i:work|root|home)|Users)/"  # /users/ is an address of the admin
    rb"|(?i:/tmp/(?:lab|bash)|pypi\.org|pythonhosted\.org"
    rb"|pypi\.tuna|mirrors\.\w+\.com|registry\.npmjs\.org)"
)


def top(root: Path) -> set[str]:
    """What lies at the top level."""
    return {file.relative_to(root).parts[0] for file in files(root)}


def out_of_place(root: Path) -> list[str]:
    """Files that hold a machine's path or a registry's address."""
    found = []
    for file in files(root):
        if match := OURS_ALONE.search(file.read_bytes()):
            found.append(f"{file.relative_to(root).as_posix()}: {match[0].decode()}")
    return found


def test_no_file_lies_loose() -> None:
    assert top(ROOT) == TOP


def test_no_machine_path_and_no_registry() -> None:
    assert out_of_place(ROOT) == []


def test_a_stray_file_and_a_machine_path_are_found(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*.pyc\n.venv/\n")
    (tmp_path / "a.pyc").touch()
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv/b").touch()
    home = "/".join(("", "root", ""))
    (tmp_path / "notes.txt").write_text(f"see {home}x")
    assert top(tmp_path) == {".gitignore", "notes.txt"}
    assert out_of_place(tmp_path) == [f"notes.txt: {home}"]
