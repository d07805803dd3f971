"""Findings: what a check found, at which level, in words of each language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, get_args

from wxlogin.languages import Language

Level = Literal["ok", "unknown", "warning", "fault"]

LEVELS: tuple[Level, ...] = get_args(Level)
"""From the least to the gravest."""


class Words(NamedTuple):
    """What is so, what that means for users, and what to do; the last two are empty if all is well.

    Each may name details of the finding in braces.
    """

    what: str
    means: str = ""
    do: str = ""


@dataclass(frozen=True)
class Kind:
    """A kind of finding. `code` is stable: programs may select by it."""

    code: str
    level: Level
    words: Mapping[Language, Words]

    def found(self, **details: object) -> Finding:
        """Return a finding of this kind with its details, which hold no secret."""
        return Finding(self, details)


@dataclass(frozen=True)
class Finding:
    """What a check found."""

    kind: Kind
    details: Mapping[str, object] = field(default_factory=dict)

    @property
    def level(self) -> Level:
        """The level of its kind."""
        return self.kind.level

    def say(self, language: Language) -> Words:
        """Return its words with the details put in."""
        return Words(*(text.format_map(self.details) for text in self.kind.words[language]))


def ok(code: str, *, en: str, zh: str) -> Kind:
    """Declare what is well and worth a line."""
    return Kind(code, "ok", {"en": Words(en), "zh": Words(zh)})


def unknown(code: str, *, en: Words, zh: Words) -> Kind:
    """Declare what could not be found out."""
    return Kind(code, "unknown", {"en": en, "zh": zh})


def warning(code: str, *, en: Words, zh: Words) -> Kind:
    """Declare what works and should be changed."""
    return Kind(code, "warning", {"en": en, "zh": zh})


def fault(code: str, *, en: Words, zh: Words) -> Kind:
    """Declare what does not work, or is not safe."""
    return Kind(code, "fault", {"en": en, "zh": zh})
