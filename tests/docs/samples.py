"""Whether what a block printed has the shape of what its page shows beneath it."""

from __future__ import annotations

import json
import re
from typing import Any

# What differs from run to run, and what stands for it. Longest first.
CHANGING = (
    (re.compile(r"(?<![\w-])[\w-]{22}(?![\w-])"), "ID"),
    (re.compile(r"\b[0-9a-f]{12}\b"), "HEX"),
    (re.compile(r"\d+"), "0"),
    (re.compile(r"\s+"), " "),
)


def differs(language: str, sample: str, said: str) -> str | None:
    """What is shown and was not said; None if all was."""
    if language == "json":
        return _json_differs(json.loads(sample), said)
    lines = iter([shape(line) for line in said.split("\n")])
    missing = (line for line in filter(None, sample.split("\n")) if shape(line) not in lines)
    return next(missing, None)


def shape(line: str) -> str:
    """A line without what differs from run to run."""
    for changing, stands in CHANGING:
        line = changing.sub(stands, line)
    return line.strip()


def _json_differs(sample: Any, said: str) -> str | None:
    try:
        answer = json.loads(said)
    except ValueError:
        return f"not JSON: {said}"
    return None if _kind(sample) == _kind(answer) else f"{_kind(sample)} is {_kind(answer)}"


def _kind(value: Any) -> Any:
    """An object by its names, a list by its kinds, anything else by its type."""
    if isinstance(value, dict):
        return {name: _kind(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_kind(inner) for inner in value]
    return type(value).__name__
