"""The Chinese of the OpenAPI document: `zh.po` beside this, by the English text."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

from wxlogin.field_words import LOOKS

CATALOGUE = Path(__file__).with_name("zh.po")
SAID = ("summary", "description", "x-displayName")
"""The members that readers read."""


def read_catalogue(file: Path) -> dict[str, str]:
    """Return the Chinese of a catalogue by the English."""
    with file.open("rb") as lines:
        found = read_po(lines, locale="zh")
    return {str(one.id): str(one.string) for one in found if one.id and one.string}


@cache
def words() -> dict[str, str]:
    """Return the Chinese by the English."""
    return LOOKS | read_catalogue(CATALOGUE)


def in_chinese(node: Any) -> Any:
    """Return a document, or a part of one, with what it says in Chinese where there is some."""
    if isinstance(node, list):
        return [in_chinese(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        name: words().get(value, value)
        if name in SAID and isinstance(value, str)
        else in_chinese(value)
        for name, value in node.items()
    }


def texts(node: Any) -> set[str]:
    """Return everything that a document says to its readers."""
    if isinstance(node, list):
        return set().union(*map(texts, node))
    if not isinstance(node, dict):
        return set()
    own = {node[name] for name in SAID if isinstance(node.get(name), str)}
    return own.union(*map(texts, node.values()))
