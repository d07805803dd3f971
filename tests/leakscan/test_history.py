"""A git history is searched whole: what was removed, other branches, messages and the reflog."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.leakscan.made_up import APP_SECRET, HAY, OTHER_SECRET, PAY_KEY
from tests.leakscan.packages import wxapkg
from wxlogin.leakscan.allow_list import AllowList
from wxlogin.leakscan.content import Search
from wxlogin.leakscan.findings import Finding
from wxlogin.leakscan.history import GitFault
from wxlogin.leakscan.known_secrets import KnownSecrets
from wxlogin.leakscan.reports import Report, scan_histories
from wxlogin.leakscan.scan import How

NOBODY = {
    "GIT_AUTHOR_NAME": "n",
    "GIT_AUTHOR_EMAIL": "n@example.com",
    "GIT_COMMITTER_NAME": "n",
    "GIT_COMMITTER_EMAIL": "n@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
}


class Repository:
    """A git repository in a folder."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.git("init", "-q", "-b", "main", *options)

    def git(self, *words: str) -> str:
        """Run git, and return what it prints."""
        environment = {**os.environ, **NOBODY}
        command = ["git", "-C", str(self.folder), *words]
        done = subprocess.run(command, env=environment, capture_output=True, check=True, text=True)
        return done.stdout.strip()

    def commit(self, message: str, **texts: str | bytes | None) -> str:
        """Commit files, `__` in a name being a folder's end; None removes. Return the commit."""
        for name, text in texts.items():
            file = self.folder / name.replace("__", "/").replace("_js", ".js")
            file.parent.mkdir(parents=True, exist_ok=True)
            if text is None:
                file.unlink()
            else:
                file.write_bytes(text.encode() if isinstance(text, str) else text)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def scan(self, allow: AllowList | None = None) -> Report:
        """Scan the history."""
        how = How(Search(KnownSecrets()))
        return scan_histories([self.folder], how, allow or AllowList(), lambda _done, _count: None)

    def found(self) -> list[tuple[str, str]]:
        """Return where something is found, and in which commit first."""
        return [(self.place(one), one.commit) for one in self.scan().findings]

    def place(self, finding: Finding) -> str:
        """Return a place from the repository's folder on."""
        return Path(finding.place).relative_to(self.folder).as_posix()


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Return an empty repository."""
    return Repository(tmp_path / "shop")


def secret(value: str = APP_SECRET) -> str:
    """Return a line of code with a secret."""
    return f"const secret = '{value}'\n"


def test_what_was_removed_is_found_in_its_first_commit(repository: Repository) -> None:
    repository.commit("one", a_js=HAY)
    leak = repository.commit("two", a_js=HAY + secret())
    repository.commit("three", a_js="// changed\n" + HAY + secret())
    repository.commit("four", a_js=HAY)
    assert repository.found() == [(f"a.js:{HAY.count(chr(10)) + 1}", leak)]


def test_a_secret_in_two_files_is_found_in_both(repository: Repository) -> None:
    first = repository.commit("one", a_js=secret())
    second = repository.commit("two", src__b_js=secret() + "x\n")
    assert repository.found() == [("a.js:1", first), ("src/b.js:1", second)]


def test_another_branch_a_merge_and_a_tag_are_searched(repository: Repository) -> None:
    repository.commit("one", a_js=HAY)
    repository.git("switch", "-q", "-c", "side")
    side = repository.commit("side", side_js=secret())
    repository.git("switch", "-q", "main")
    repository.commit("main", b_js=HAY)
    repository.git("merge", "-q", "--no-commit", "--no-ff", "side")
    merge = repository.commit("merge", evil_js=secret(OTHER_SECRET))
    assert repository.found() == [("evil.js:1", merge), ("side.js:1", side)]


def test_what_was_amended_away_is_found(repository: Repository) -> None:
    leak = repository.commit("one", a_js=secret())
    (repository.folder / "a.js").write_text(HAY)
    repository.git("commit", "-q", "-a", "--amend", "-m", "one")
    assert repository.found() == [("a.js:1", leak)]


def test_a_commit_message_is_searched(repository: Repository) -> None:
    leak = repository.commit(f"Use mch_key={PAY_KEY}")
    ((place, commit),) = repository.found()
    assert place.startswith("(commit message):")
    assert commit == leak


def test_names_with_spaces_and_chinese_are_named(repository: Repository) -> None:
    leak = repository.commit("one", **{"配置 文件_js": secret()})
    assert repository.found() == [("配置 文件.js:1", leak)]


def test_a_package_in_a_history_is_opened(repository: Repository) -> None:
    leak = repository.commit(
        "one", dist__a="x", **{"app.wxapkg": wxapkg({"b.js": secret().encode()})}
    )
    assert repository.found() == [("app.wxapkg!/b.js:1", leak)]


def test_a_bare_repository_and_a_folder_within_one_are_searched(
    repository: Repository, tmp_path: Path
) -> None:
    leak = repository.commit("one", src__a_js=secret())
    repository.git("clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))
    bare = Repository.__new__(Repository)
    bare.folder = tmp_path / "bare.git"
    assert bare.found() == [("src/a.js:1", leak)]
    inside = Repository.__new__(Repository)
    inside.folder = repository.folder / "src"
    ((finding),) = inside.scan().findings
    assert Path(finding.path).resolve() == repository.folder / "src/a.js"


def test_the_allow_list_holds_for_a_history(repository: Repository) -> None:
    repository.commit("one", test__a_js=secret(), a_js=secret(OTHER_SECRET))
    allow = AllowList("path test/** Made up.\n", repository.folder)
    report = repository.scan(allow)
    assert [repository.place(finding) for finding in report.findings] == ["a.js:1"]
    assert report.allowed == 1


def test_an_empty_repository_holds_nothing(repository: Repository) -> None:
    assert repository.found() == []


def test_a_folder_without_a_repository_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GitFault, match="not a git repository"):
        scan_histories([tmp_path], How(Search(KnownSecrets())), AllowList(), lambda _d, _c: None)
