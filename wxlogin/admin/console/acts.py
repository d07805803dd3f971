"""Acts: each has a page of its own, which asks once, in words that name the person or thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wxlogin.admin.console.pages import page


@dataclass(frozen=True)
class Question:
    """What an act's page asks: whether to, what then happens, the button, and the way out.

    `danger` is what takes something away from somebody.
    """

    title: str
    text: str
    button: str
    back: str
    danger: bool = True


def ask(question: Question, template: str = "ask", **known: Any) -> str:
    """Draw the page that asks; `template` has the act's own fields."""
    return page(template, question=question, **known)
