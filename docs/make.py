"""Make the pages of docs/ that come from the code: settings, errors, Redis, permissions, findings.

    python docs/make.py            write them
    python docs/make.py --check    write nothing; exit 1 if one is stale

A page is its head in docs/heads/ with the table put in.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import cast

DOCS = Path(__file__).resolve().parent
HEADS = DOCS / "heads"
MARK = "<!-- table -->"

sys.path.insert(0, str(DOCS.parent))  # the project is not installed; it lies beside this folder

import config  # noqa: E402
from wxlogin.cli.doctor import LEVELS  # noqa: E402
from wxlogin.doctor import kinds  # noqa: E402
from wxlogin.errors import CATALOGUE  # noqa: E402
from wxlogin.languages import Language  # noqa: E402
from wxlogin.operators.permissions import PERMISSIONS  # noqa: E402
from wxlogin.redisdb.key_table import TABLE  # noqa: E402


def settings() -> str:
    """Return every setting: name, default, meaning; secrets with their `_FILE` form."""
    rows = []
    for name, info in config.table().items():
        extra = cast("dict[str, str]", info.json_schema_extra or {})
        shown = extra.get("shown") or f"`{info.default}`"
        secret = "" if info.repr else f"yes: or `{name}_FILE`"
        rows.append((f"`{name}`", shown, info.description or "", secret))
    return _table(("Setting", "Default", "Meaning", "Secret"), rows)


def errors() -> str:
    """Return every code of the catalogue, with what its answer says."""
    return _table(
        ("Code", "Status", "Action", "`Retry-After`", "`title` and `detail`"),
        (
            (
                f"`{entry.code}`",
                str(entry.status),
                f"`{entry.action}`",
                "" if entry.retry_after is None else str(entry.retry_after),
                f"**{entry.title}.** {entry.detail}",
            )
            for entry in CATALOGUE.values()
        ),
    )


def redis() -> str:
    """Return every kind of key: pattern, type, TTL, owner, meaning."""
    return _table(
        ("Key", "Type", "TTL", "Meaning", "Owner"),
        (
            (f"`{row.pattern}`", row.type, row.ttl, row.meaning, f"`wxlogin/{row.owner}`")
            for row in TABLE
        ),
    )


def permissions() -> str:
    """Return every permission: who has it, by role and by a token's scope."""
    return _table(
        ("Permission", "What for", "Roles", "Scopes", "Password again"),
        (
            (
                f"`{name}`",
                row.covers,
                ", ".join(sorted(row.roles)),
                ", ".join(f"`{scope}`" for scope in sorted(row.scopes)),
                "yes" if row.reauth else "",
            )
            for name, row in PERMISSIONS.items()
        ),
    )


def findings(language: Language, head: tuple[str, ...]) -> str:
    """Every kind of finding of the doctor, in a language."""
    return _table(
        head,
        (
            (f"`{kind.code}`", LEVELS[language][kind.level], *kind.words[language])
            for kind in kinds.ALL
        ),
    )


PAGES = {
    "admin.md": permissions,
    "doctor.md": partial(findings, "en", ("Code", "Level", "Finding", "What it means", "Do")),
    "doctor.zh-CN.md": partial(findings, "zh", ("代码", "级别", "结果", "影响", "处理")),
    "errors.md": errors,
    "redis.md": redis,
    "settings.md": settings,
}


def pages() -> dict[str, str]:
    """Return the text of every page by its file name."""
    return {
        name: (HEADS / name).read_text(encoding="utf-8").replace(MARK, table())
        for name, table in PAGES.items()
    }


def write(directory: Path = DOCS) -> None:
    """Write the pages."""
    for name, text in pages().items():
        (directory / name).write_text(text, encoding="utf-8")


def stale(directory: Path = DOCS) -> list[str]:
    """Return the pages that are missing or differ from what the code says."""
    return [name for name, text in pages().items() if _read(directory / name) != text]


def main() -> int:
    """Write the pages, or with `--check` name those that are stale."""
    parser = argparse.ArgumentParser(description="Make the pages of docs/ that come from the code.")
    parser.add_argument("--check", action="store_true", help="exit 1 if a page is stale")
    if not parser.parse_args().check:
        write()
        return 0
    for name in (found := stale()):
        sys.stderr.write(f"docs/{name} is stale: run `make docs`\n")
    return 1 if found else 0


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = (head, ("---",) * len(head), *rows)
    return "\n".join("| " + " | ".join(_cell(text) for text in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


if __name__ == "__main__":
    sys.exit(main())
