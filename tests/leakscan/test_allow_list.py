"""The allow list: globs and digests, each with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from wxlogin.leakscan.allow_list import AllowList, AllowListFault, read_allow_list
from wxlogin.leakscan.findings import Finding, digest

VALUE = b"9c1e7a40b25d83f6017e4bd9a8c3f562"


def finding(path: Path | str, inside: str = "") -> Finding:
    """Return a finding at a path."""
    return Finding("private-key", str(path), 1, "****", digest(VALUE), "shape", inside=inside)


@pytest.mark.parametrize(
    ("glob", "path", "allowed"),
    [
        ("tests/**", "tests/a.js", True),
        ("tests/**", "tests/deep/a.js", True),
        ("tests/", "tests/deep/a.js", True),
        ("tests/*", "tests/deep/a.js", False),
        ("*.js", "a.js", True),
        ("*.js", "src/a.js", False),
        ("**/*.js", "a.js", True),
        ("**/*.js", "src/deep/a.js", True),
        ("src/**/a.js", "src/a.js", True),
        ("src/?.js", "src/a.js", True),
        ("src/?.js", "src/ab.js", False),
        ("a.js", "b/a.js", False),
        ("a+b.js", "a+b.js", True),
        ("a.js", "axjs", False),
    ],
)
def test_a_glob_allows(tmp_path: Path, glob: str, path: str, allowed: bool) -> None:
    assert AllowList(f"path {glob} A reason.", tmp_path).allows(finding(tmp_path / path)) == allowed


def test_a_member_of_a_container_may_be_allowed(tmp_path: Path) -> None:
    allow = AllowList("path dist/a.zip!/test/** Made up.", tmp_path)
    assert allow.allows(finding(tmp_path / "dist/a.zip", "test/b.js"))
    assert not allow.allows(finding(tmp_path / "dist/a.zip", "b.js"))


def test_a_digest_allows_a_value_everywhere() -> None:
    allow = AllowList(f"# known\n\n  value {digest(VALUE)} Reset in 2024.\n")
    assert allow.allows(finding("anywhere.js"))
    assert not AllowList(f"value {digest(b'other')} Reset.").allows(finding("anywhere.js"))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("path tests/**", "line 2 should be"),
        (f"value {digest(VALUE)}", "line 2 should be"),
        ("glob tests/** A reason.", "line 2 should be"),
        ("value 9c1e A reason.", "line 2 should have 16 hex digits"),
        (f"value {VALUE.decode()} A reason.", "line 2 should have 16 hex digits"),
    ],
)
def test_a_line_without_a_reason_or_sense_is_refused(line: str, said: str) -> None:
    with pytest.raises(AllowListFault, match=said):
        AllowList(f"# comment\n{line}\n")


def test_the_list_of_the_folder_that_is_scanned_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, here = tmp_path / "shop", tmp_path / "here"
    for folder, glob in ((shop, "a.js"), (here, "b.js")):
        folder.mkdir()
        (folder / ".leakscan-allow").write_text(f"path {glob} A reason.\n")
    monkeypatch.chdir(here)
    assert read_allow_list(None, [shop]).allows(finding(shop / "a.js"))
    assert read_allow_list(None, [shop / "a.js"]).allows(finding(here / "b.js"))
    assert read_allow_list(here / ".leakscan-allow", [shop]).allows(finding(here / "b.js"))
    monkeypatch.chdir(tmp_path)
    assert not read_allow_list(None, [tmp_path]).allows(finding("a.js"))
