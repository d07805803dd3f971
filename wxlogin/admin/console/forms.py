"""Forms and queries, validated by the models of the API."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, TypeVar

from flask import request
from pydantic import BaseModel, ValidationError

from wxlogin.admin.console.page_links import HISTORY
from wxlogin.guard.bodies import refuse_fields
from wxlogin.services import services

Data = TypeVar("Data", bound=BaseModel)

NO_DATA = frozenset({"csrf_token", HISTORY})
UNSTRIPPED = frozenset({"password", "new_password"})
"""Fields whose outer spaces are part of the value."""
LOCAL_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?", re.ASCII)
"""What a browser sends of a field for a time."""


def form_data(model: type[Data], *, many: str = "") -> Data:
    """Return the form that was sent; INVALID_REQUEST names the wrong fields.

    An empty field counts as left out. `many` is the field that may be given several times.
    """
    typed = {name: value for name, value in request.form.items() if name not in NO_DATA}
    fields = {name: _stripped(name, value) for name, value in typed.items() if value.strip()}
    return validated(model, {**fields, many: request.form.getlist(many)} if many else fields)


def query_data(model: type[Data]) -> Data:
    """Return the query of the URL; INVALID_REQUEST names the wrong fields."""
    typed = {name: value.strip() for name, value in request.args.items() if name not in NO_DATA}
    given = {name: value for name, value in typed.items() if value}
    return validated(model, given)


def validated(model: type[Data], given: dict[str, Any]) -> Data:
    """Return what was given as the model has it; INVALID_REQUEST names the wrong fields."""
    try:
        return model.model_validate(given)
    except ValidationError as invalid:
        refuse_fields(invalid)
        raise


def with_zone(value: str) -> str:
    """Return a time of a form as one of WXLOGIN_TIMEZONE, any other text unchanged."""
    try:
        at = datetime.fromisoformat(value) if LOCAL_TIME.fullmatch(value) else None
    except ValueError:  # no time of any day: the schema refuses it by name
        at = None
    return at.replace(tzinfo=services.settings.timezone).isoformat() if at else value


def _stripped(name: str, value: str) -> str:
    return value if name in UNSTRIPPED else value.strip()
