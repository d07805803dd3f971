"""Writes the next migration from what wxlogin/models/ says and the migrations do not make yet.

    python migrations/make.py "what it does"

It compares on an empty SQLite database of its own; nothing else is asked or changed. The number is
the one after the last; where two migrations have the same number, or follow the same one, it says
so and writes nothing.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import flask_migrate
from alembic.script import ScriptDirectory

MIGRATIONS = Path(__file__).resolve().parent
sys.path.insert(
    0, str(MIGRATIONS.parent)
)  # the project is not installed; it lies beside this folder

import config  # noqa: E402
from wxlogin.app import create_app  # noqa: E402
from wxlogin.extensions import db  # noqa: E402


def numbers(versions: Path) -> list[int]:
    """Return the numbers that the names of the migrations begin with, in order."""
    found = (re.match(r"(\d{4})_\w+\.py$", path.name) for path in versions.iterdir())
    return sorted(int(match[1]) for match in found if match)


def fault(migrations: Path) -> str:
    """Return why there is no next number (two migrations have the same one), or an empty text."""
    twice = [
        number for number, count in Counter(numbers(migrations / "versions")).items() if count > 1
    ]
    if twice:
        return f"Two migrations have the number {twice[0]:04}; give the younger one the next."
    heads = ScriptDirectory(str(migrations)).get_heads()
    if len(heads) > 1:
        return f"{' and '.join(sorted(heads))} follow the same migration; let one follow the other."
    return ""


def write(what: str) -> None:
    """Write the migration, or nothing where tables and migrations agree."""
    before = numbers(MIGRATIONS / "versions")
    next_one = f"{before[-1] + 1:04}"
    with tempfile.TemporaryDirectory() as directory:
        environ = {"WXLOGIN_ENV": "testing", "WXLOGIN_REDIS_URL": "unix:///nowhere"}
        app = create_app(config.load(environ, instance=Path(directory)))
        with app.app_context():
            flask_migrate.upgrade()
            flask_migrate.migrate(message=what, rev_id=next_one)
            db.engine.dispose()
    if numbers(MIGRATIONS / "versions") == before:
        sys.stdout.write("The migrations make what the models say: nothing to write.\n")


def main(words: Sequence[str]) -> int:
    """Write the migration that `words` describe."""
    if len(words) != 1 or not words[0].strip():
        sys.stderr.write('Say what it does: make migration NAME="adds the region of a login"\n')
        return 2
    if wrong := fault(MIGRATIONS):
        sys.stderr.write(f"{wrong}\n")
        return 1
    write(words[0].strip())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
