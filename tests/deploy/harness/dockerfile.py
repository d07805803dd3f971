"""A Dockerfile and its .dockerignore, as Docker reads them: as much as this project uses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

INSTRUCTION = re.compile(r"^([A-Z]+)\s+(.*)$", re.DOTALL)
FROM = re.compile(r"^(\S+)(?: AS (\S+))?$")


class Step(NamedTuple):
    """One instruction of a stage."""

    name: str
    text: str

    @property
    def words(self) -> list[str]:
        """The words of an instruction in its exec form."""
        return [str(word) for word in json.loads(self.text)]


class Stage(NamedTuple):
    """What stands between two FROMs; `base` is an image or the name of a stage before."""

    name: str
    base: str
    steps: list[Step]

    def last(self, name: str) -> str:
        """What the last instruction of a name says; `""` where there is none."""
        return next((step.text for step in reversed(self.steps) if step.name == name), "")


def stages(text: str) -> list[Stage]:
    """The stages in order, with the ARGs before the first FROM put in."""
    given: dict[str, str] = {}
    found: list[Stage] = []
    for step in _steps(text):
        if step.name == "FROM":
            match = FROM.match(_filled(step.text, given))
            assert match, step
            found.append(Stage(match[2] or "", match[1], []))
        elif found:
            found[-1].steps.append(step)
        else:
            assert step.name == "ARG", step
            name, _, value = step.text.partition("=")
            given[name] = value
    return found


def _steps(text: str) -> Iterator[Step]:
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for line in re.sub(r"\s*\\\n\s*", " ", "\n".join(lines)).splitlines():
        if line.strip():
            match = INSTRUCTION.match(line)
            assert match, line
            yield Step(match[1], match[2].strip())


def _filled(text: str, given: dict[str, str]) -> str:
    return re.sub(r"\$\{(\w+)\}", lambda name: given[name[1]], text)


class Context:
    """What Docker sees of a directory: all that its .dockerignore does not leave out."""

    def __init__(self, directory: Path, ignoring: str) -> None:
        self.directory = directory
        lines = [line.strip() for line in ignoring.splitlines()]
        self._rules = [_rule(line) for line in lines if line and not line.startswith("#")]

    def files(self, *patterns: str) -> list[Path]:
        """The files that are or lie below what a COPY names, relative to the directory."""
        found = {
            file.relative_to(self.directory)
            for pattern in patterns
            for place in self.directory.glob(pattern)
            for file in ([place] if place.is_file() else place.rglob("*"))
            if file.is_file()
        }
        return sorted(file for file in found if self.sees(file))

    def sees(self, file: Path) -> bool:
        """Whether a file is let in: the last rule that names it or a folder above it decides."""
        names = ["/".join(file.parts[:end]) for end in range(1, len(file.parts) + 1)]
        seen = True
        for shape, lets_in in self._rules:
            if any(shape.fullmatch(name) for name in names):
                seen = lets_in
        return seen


def _rule(line: str) -> tuple[re.Pattern[str], bool]:
    lets_in = line.startswith("!")
    shape = re.escape(line.removeprefix("!").strip("/"))
    shape = shape.replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
    return re.compile(shape), lets_in
