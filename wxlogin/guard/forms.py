"""Bodies of forms, for the one kind of call that takes them: OAuth's."""

from __future__ import annotations

from urllib.parse import parse_qsl

from flask import request

from wxlogin import errors
from wxlogin.errors import ApiError
from wxlogin.guard.bodies import received

FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 20


def form_field(name: str) -> str:
    """The field that a form must have once; its other fields are left alone (RFC 7662, 2.1)."""
    if request.mimetype != FORM:
        raise ApiError(errors.UNSUPPORTED_MEDIA_TYPE, f"Send the body as `Content-Type: {FORM}`.")
    values = [value for field, value in _fields() if field == name]
    if len(values) != 1 or not values[0]:
        raise _wrong(name, "should be there, once")
    return values[0]


def _fields() -> list[tuple[str, str]]:
    try:
        text = received().decode("ascii")
        return parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        raise _wrong("body", f"should be a form of at most {MOST_FIELDS} fields") from None


def _wrong(field: str, reason: str) -> ApiError:
    return ApiError(errors.INVALID_REQUEST, fields=[(field, reason)])
