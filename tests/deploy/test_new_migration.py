"""A migration that is written as CONTRIBUTING.md says runs on every database, and back."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.harness.project_copy import copy_project
from tests.deploy.harness.upgrades import HEAD, environment
from tests.harness.databases import DatabaseServer

CHANGED = """
    weather: Mapped[str | None] = mapped_column(exact(12), index=True)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    note: Mapped[str | None] = mapped_column(text(20))
"""
assert HEAD
NEXT = f"{int(HEAD) + 1:04}"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project whose models have columns that no migration makes yet."""
    copy = tmp_path_factory.mktemp("project")
    folders = ("wxlogin", "migrations")
    copy_project(copy, lambda path: path.parts[0] in folders or len(path.parts) == 1)
    with (copy / "wxlogin/models/login_record.py").open("a") as model:
        model.write(CHANGED)
    return copy


def ran(project: Path, *words: str, url: str = "") -> str:
    """What a command in the copy says."""
    done = subprocess.run(
        [sys.executable, *words],
        cwd=project,
        env=environment(url or f"sqlite:///{project / 'a.sqlite3'}"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def migration(project: Path) -> Path:
    """The migration that was written."""
    ran(project, "migrations/make.py", "the weather at a login")
    return project / f"migrations/versions/{NEXT}_the_weather_at_a_login.py"


def test_it_has_the_next_number_and_is_made_of_our_steps(project: Path, migration: Path) -> None:
    text = migration.read_text()
    assert f"down_revision = '{HEAD}'" in text
    assert "steps.add_column('login_record', sa.Column('weather', steps.exact(12)" in text
    assert "op." not in text
    assert "wxlogin.models" not in text
    again = ran(project, "migrations/make.py", "the weather at a login")
    assert again.endswith("The migrations make what the models say: nothing to write.\n")


def test_it_runs_and_is_taken_back(project: Path, migration: Path, server: DatabaseServer) -> None:
    assert migration.exists()
    url, flask = server.database(), ("-m", "flask", "--app", "wsgi", "db")
    assert ran(project, *flask, "upgrade", url=url).endswith(f"The database is at {NEXT}.\n")
    assert ran(project, *flask, "check", url=url).startswith("No new upgrade operations")
    assert ran(project, *flask, "downgrade", url=url).endswith(f"The database is at {HEAD}.\n")
