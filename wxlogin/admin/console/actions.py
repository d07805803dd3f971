"""Actions: each has a page that asks for confirmation and, when its form is sent, performs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response
from flask_babel import LazyString

from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.layout import page
from wxlogin.guard.admin_gate import permitted

Run = Callable[..., Response | str]


@dataclass(frozen=True)
class Subject:
    """What an action is done to. Both functions get the variables of the action's path.

    `name` returns the subject's name, and may raise NOT_FOUND; `back` the URL of the page that its
    actions lead back to.
    """

    name: Callable[..., str]
    back: Callable[..., str]


@dataclass(frozen=True)
class Question:
    """What the page of an action asks: what to do, what will happen, and the button that does it.

    `%(name)s` in the title is replaced by the subject's name. `danger` marks an action that takes
    something away from somebody. `template` has the fields of the action's form, `context` returns
    what the template needs.
    """

    title: LazyString
    text: LazyString
    button: LazyString
    danger: bool = True
    template: str = "ask"
    context: Callable[..., Mapping[str, Any]] = lambda *_: {}


def action(
    path: str, permission: str, subject: Subject, question: Question, *, ask_endpoint: str = ""
) -> Callable[[Run], Run]:
    """Declare an action: GET of its path asks the question, POST calls the decorated function.

    The function gets the variables of the path, and returns the answer. Its name is the endpoint of
    POST; that of GET is `ask_` and the name, unless it is given.
    """

    def declare(run: Run) -> Run:
        @permitted(permission)
        def ask(**variables: str) -> str:
            name = subject.name(*variables.values())
            return page(
                question.template,
                title=str(question.title) % {"name": name},
                # Jinja does not escape a lazy string, but it does a string.
                text=str(question.text),
                button=str(question.button),
                danger=question.danger,
                back=subject.back(*variables.values()),
                **question.context(*variables.values()),
            )

        @permitted(permission)
        def perform(**variables: str) -> Response | str:
            return run(*variables.values())

        endpoint = run.__name__
        console.add_url_rule(path, ask_endpoint or f"ask_{endpoint}", ask, methods=["GET"])
        console.add_url_rule(path, endpoint, perform, methods=["POST"])
        return run

    return declare
