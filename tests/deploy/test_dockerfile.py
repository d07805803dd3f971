"""deploy/Dockerfile as a text: what linters say of it, what it lets into an image."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.harness.dockerfile import Context, Step, stages
from tests.house.source import ROOT

DOCKERFILE = ROOT / "deploy/Dockerfile"
IGNORING = (ROOT / "deploy/Dockerfile.dockerignore").read_text(encoding="utf-8")
LAST = stages(DOCKERFILE.read_text(encoding="utf-8"))[-1]


def test_hadolint_has_nothing_to_say() -> None:
    hadolint = Path(sys.executable).parent / "hadolint"
    if not hadolint.exists():
        pytest.skip("hadolint is not installed: it has no wheel for this platform")
    done = subprocess.run([hadolint, DOCKERFILE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    "name",
    [
        "instance/secret_keys",
        ".git/config",
        ".env",
        ".venv/bin/python",
        "deploy/.env",
        "deploy/secrets/database_url",
        "tests/conftest.py",
        "wxlogin/__pycache__/services.cpython-311.pyc",
        "wxlogin/redisdb/keys.pyc",
        "dump.sql",
    ],
)
def test_keys_and_data_never_reach_a_builder(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    assert Context(tmp_path, IGNORING).files("*") == []


def test_whatever_is_copied_is_let_in() -> None:
    context = Context(ROOT, IGNORING)
    for step in LAST.steps:
        *sources, _ = step.text.split()
        if step.name == "COPY" and not sources[0].startswith("--from"):
            assert [source for source in sources if not context.files(source)] == []
    every = {file.parts[0] for file in context.files("*")}
    assert {"wsgi.py", "config.py", "migrations", "wxlogin", "requirements.txt", "deploy"} == {
        part for part in every if not part.startswith("config_")
    }


def test_no_copy_takes_the_whole_directory() -> None:
    """A builder without BuildKit does not read the .dockerignore of this name."""
    for stage in stages(DOCKERFILE.read_text(encoding="utf-8")):
        copies = [step.text.split()[:-1] for step in stage.steps if step.name == "COPY"]
        assert not [one for one in copies if "." in one or "./" in one]


def test_it_runs_as_a_number_that_is_not_root() -> None:
    user, _, group = LAST.last("USER").partition(":")
    assert min(int(user), int(group)) >= 10_000


def test_the_last_rule_that_names_a_file_decides(tmp_path: Path) -> None:
    context = Context(tmp_path, "# all\n*\n!a\na/**/c\n!a/b/c/*.txt\n")
    seen = {
        name: context.sees(Path(name)) for name in ("x", "a/x", "a/c", "a/b/c/x", "a/b/c/x.txt")
    }
    assert seen == {"x": False, "a/x": True, "a/c": False, "a/b/c/x": False, "a/b/c/x.txt": True}


def test_lines_that_go_on_and_arguments_before_the_first_stage_are_read() -> None:
    text = "ARG A=b\nFROM x:${A} AS one\nRUN a \\\n    # why\n    && b\nFROM one\nCMD ['c']\n"
    first, second = stages(text)
    assert first == ("one", "x:b", [Step("RUN", "a && b")])
    assert second.base == "one"
