"""msgSecCheck: what the sandbox finds in a text, by words that everybody can type."""

from __future__ import annotations

import secrets
from typing import Any, NamedTuple

MAX_CONTENT = 2_500
"""Characters of a text."""
SCENES = frozenset({1, 2, 3, 4})
VISIT_SECONDS = 7_200
"""A user who has not used the mini-program for this long cannot be asked about (61010)."""

WORDS = {"赌博": ("risky", 20002), "risky": ("risky", 20002), "疑似": ("review", 21000)}
"""Words, and what a text with one of them is: the suggestion and the label."""
PASS = ("pass", 100)


class Verdict(NamedTuple):
    """What WeChat suggests about a text, and the number of what it found."""

    suggest: str
    label: int


def verdict_on(content: str) -> Verdict:
    """Return the verdict on a text."""
    return Verdict(*next((found for word, found in WORDS.items() if word in content), PASS))


def answer(verdict: Verdict) -> dict[str, Any]:
    """Return the fields of WeChat's answer after errcode and errmsg."""
    found = verdict._asdict()
    model = {"strategy": "content_model", "errcode": 0, **found, "prob": 90}
    return {"detail": [model], "result": found, "trace_id": secrets.token_hex(12)}
