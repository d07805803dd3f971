"""Which files are searched, and that a large one is searched in parts without a gap."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.leakscan.made_up import APP_SECRET, HAY, OTHER_SECRET, hidden
from wxlogin.leakscan import files, scan
from wxlogin.leakscan.allow_list import AllowList
from wxlogin.leakscan.content import Search
from wxlogin.leakscan.known_secrets import KnownSecret, KnownSecrets
from wxlogin.leakscan.reports import Report, scan_files
from wxlogin.leakscan.scan import How

KNOWN = KnownSecrets([KnownSecret("wechat-app-secret", "ours", OTHER_SECRET.encode())])
SECRET = f"secret = '{APP_SECRET}'\n"


def found(*paths: Path, known: KnownSecrets | None = None) -> Report:
    """Return what a scan of these paths reports."""
    return scan_files(paths, How(Search(known or KnownSecrets())), AllowList(), _silent)


def names(report: Report, below: Path) -> list[str]:
    """Return the places from a folder on."""
    return [Path(one.place).relative_to(below).as_posix() for one in report.findings]


def written(folder: Path, **texts: str) -> Path:
    """Write files; `__` in a name is a folder's end, and `_js` a suffix."""
    for name, text in texts.items():
        file = folder / name.replace("__", "/").replace("_js", ".js")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


def _silent(done: int, count: int) -> None:
    assert done <= count


def test_every_file_below_a_folder_is_searched_but_git_s_own(tmp_path: Path) -> None:
    written(tmp_path, a_js=SECRET, src__b_js=SECRET, src__deep__c_js=SECRET, clean_js=HAY)
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/config").write_text(SECRET)
    (tmp_path / ".env").write_text(SECRET)
    (tmp_path / "link.js").symlink_to(tmp_path / "a.js")
    report = found(tmp_path)
    assert names(report, tmp_path) == [".env:1", "a.js:1", "src/b.js:1", "src/deep/c.js:1"]
    assert (report.files, report.skipped) == (5, [])


def test_a_file_may_be_named_itself(tmp_path: Path) -> None:
    written(tmp_path, a_js=SECRET, b_js=SECRET)
    assert names(found(tmp_path / "b.js"), tmp_path) == ["b.js:1"]


def test_packages_of_others_are_searched_for_known_secrets_alone(tmp_path: Path) -> None:
    written(tmp_path, node_modules__x__a_js=SECRET, node_modules__x__b_js=f"x('{OTHER_SECRET}')")
    assert names(found(tmp_path), tmp_path) == []
    assert names(found(tmp_path, known=KNOWN), tmp_path) == ["node_modules/x/b.js:1"]


@pytest.mark.parametrize("shift", range(0, 120, 7))
def test_a_secret_on_the_border_of_two_parts_is_found_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shift: int
) -> None:
    monkeypatch.setattr(files, "CHUNK", 4096)
    monkeypatch.setattr(files, "OVERLAP", 256)
    filler = "x = 1;\n" * ((4096 - shift) // 7)
    written(tmp_path, big_log=filler + SECRET + "y = 2;\n" * 2000)
    assert names(found(tmp_path), tmp_path) == [f"big_log:{filler.count(chr(10)) + 1}"]


def test_lines_are_counted_through_all_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "CHUNK", 4096)
    secrets = (HAY * 20 + SECRET) * 5
    lines = [n for n, line in enumerate(secrets.splitlines(), 1) if APP_SECRET in line]
    written(tmp_path, big_log=secrets)
    assert names(found(tmp_path), tmp_path) == [f"big_log:{line}" for line in lines]


def test_other_processes_find_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, **{f"f{n}_js": hidden(SECRET)[0].decode() for n in range(40)})
    here = found(tmp_path, known=KNOWN)
    monkeypatch.setattr(scan, "FEW", 0)
    monkeypatch.setattr(scan, "BATCH", 20_000)
    assert found(tmp_path, known=KNOWN) == here
    assert len(here.findings) == 40


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    written(tmp_path, a_js=SECRET)
    (tmp_path / "b.wxapkg").write_bytes(b"V1MMWX" + bytes(2000))
    report = found(tmp_path)
    assert names(report, tmp_path) == ["a.js:1"]
    ((path, reason),) = report.skipped
    assert Path(path).name == "b.wxapkg"
    assert "V1MMWX" in reason


def test_a_file_that_goes_away_is_named(tmp_path: Path) -> None:
    part = files.FilePart(str(tmp_path / "gone"), 0, 10, 10, foreign=False)
    report = scan.Scan(How(Search(KnownSecrets())))
    report.run([part], _silent)
    assert report.skipped == [(part.path, "cannot be read: No such file or directory")]


def test_ctrl_c_keeps_what_was_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "BATCH", 1)
    written(tmp_path, a_js=SECRET, b_js=SECRET)

    def pressed(done: int, count: int) -> None:
        if done:
            raise KeyboardInterrupt

    report = scan_files([tmp_path], How(Search(KnownSecrets())), AllowList(), pressed)
    assert report.stopped
    assert names(report, tmp_path) == ["a.js:1"]
