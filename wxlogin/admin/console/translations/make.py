"""Collects the console's messages into the catalogues; `--check` says what is missing.

    python wxlogin/admin/console/translations/make.py [--check]

The messages are those of the templates and of the console's modules, and the titles and details of
the errors that a page can meet. Messages that are no longer used are removed from the catalogue;
those without a translation stay empty.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

HERE = Path(__file__).resolve().parent
ADMIN = HERE.parents[1]
ROOT = HERE.parents[3]
sys.path.insert(0, str(ROOT))

from wxlogin.admin.console.refusals import PLAIN_DETAILS, SHOWN  # noqa: E402  the root has to be known first
from wxlogin.plural import plural  # noqa: E402
from wxlogin.watch.rule_table import RULES  # noqa: E402

METHODS = [("**.py", "python"), ("**.html", "jinja2")]
OPTIONS = {"**.html": {"trimmed": "true"}}
LANGUAGES = ("zh",)
HEAD = "# The console in this language. `make translations` collects the messages.\n"


def collected() -> Catalog:
    """Return every message of the console."""
    found = Catalog(project="wxlogin", charset="utf-8")
    for name, _, message, _, context in extract_from_dir(str(ADMIN), METHODS, options_map=OPTIONS):
        found.add(message, locations=[(f"wxlogin/admin/{name}", 0)], context=context)
    for entry in SHOWN:
        for message in {
            entry.title,
            entry.detail if entry.code not in PLAIN_DETAILS else entry.title,
        }:
            found.add(message, locations=[("wxlogin/errors.py", 0)])
    for rule in RULES:
        for text in (rule.title, rule.advice):
            found.add(text, locations=[("wxlogin/watch/rule_table.py", 0)])
    return found


def renewed(language: str) -> bytes:
    """Return the language's catalogue with the current messages and the existing translations."""
    path = HERE / f"{language}.po"
    kept = Catalog(locale=language)
    if path.exists():
        with path.open("rb") as lines:
            kept = read_po(lines, locale=language)
    fresh = Catalog(locale=language, charset="utf-8", header_comment=HEAD, fuzzy=False)
    for message in collected():
        if message.id:
            old = kept.get(message.id, message.context)
            fresh.add(
                message.id,
                old.string if old else None,
                locations=message.locations,
                context=message.context,
            )
    written = io.BytesIO()
    write_po(written, fresh, width=100, sort_output=True, omit_header=False, include_lineno=False)
    return _undated(written.getvalue())


def untranslated(language: str) -> list[str]:
    """Return the messages without a translation."""
    catalogue = read_po(io.BytesIO(renewed(language)), locale=language)
    return [str(message.id) for message in catalogue if message.id and not _whole(message.string)]


def stale() -> list[str]:
    """Return what is outdated: catalogues that `make` would change, missing translations."""
    wrong = []
    for language in LANGUAGES:
        path = HERE / f"{language}.po"
        if not path.exists() or path.read_bytes() != renewed(language):
            wrong.append(path.name)
        wrong += [f"{path.name} does not say: {message}" for message in untranslated(language)]
    return wrong


def _whole(text: str | Sequence[str] | None) -> bool:
    return bool(text) and all(text or ())


def _undated(text: bytes) -> bytes:
    dated = (b'"POT-Creation-Date', b'"PO-Revision-Date', b'"Generated-By', b'"Last-Translator')
    return b"".join(line for line in text.splitlines(keepends=True) if not line.startswith(dated))


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        sys.exit("\n".join(stale()) or 0)
    for name in LANGUAGES:
        (HERE / f"{name}.po").write_bytes(renewed(name))
        lacking = plural(len(untranslated(name)), "message lacks", "messages lack")
        sys.stdout.write(f"{name}.po: {lacking} a translation\n")
