"""Forms: what was typed, checked by the API's own models."""

from __future__ import annotations

from typing import Any, TypeVar

from flask import request
from pydantic import BaseModel, ValidationError

from wxlogin.guard.bodies import refuse_fields

Sent = TypeVar("Sent", bound=BaseModel)

OURS = frozenset({"csrf_token"})
AS_TYPED = frozenset({"password", "new_password"})
"""Fields whose spaces count."""


def sent(model: type[Sent], *, many: str = "") -> Sent:
    """The form that was sent; INVALID_REQUEST names what is wrong with it.

    What was left empty was not sent. `many` is the field that may stand several times.
    """
    typed = {name: value for name, value in request.form.items() if name not in OURS}
    fields = {name: _tidy(name, value) for name, value in typed.items() if value.strip()}
    return _checked(model, {**fields, many: request.form.getlist(many)} if many else fields)


def asked(model: type[Sent]) -> Sent:
    """What a page's address asks for, such as a page of a list; likewise checked."""
    given = {name: value.strip() for name, value in request.args.items() if value.strip()}
    return _checked(model, given)


def _checked(model: type[Sent], given: dict[str, Any]) -> Sent:
    try:
        return model.model_validate(given)
    except ValidationError as invalid:
        refuse_fields(invalid)
        raise


def _tidy(name: str, value: str) -> str:
    return value if name in AS_TYPED else value.strip()
