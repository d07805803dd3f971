"""Bodies: JSON objects alone, of a bounded size, with every name once."""

from __future__ import annotations

from typing import Any

from flask import request
from flask.json.provider import DefaultJSONProvider
from pydantic import BaseModel, ConfigDict, ValidationError
from werkzeug.exceptions import HTTPException

from wxlogin import errors
from wxlogin.errors import ApiError

MAX_BYTES = 262_144


class Body(BaseModel):
    """What every body is: strict types, and no field that is not named."""

    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True)


class StrictJson(DefaultJSONProvider):
    """JSON as RFC 8259 has it: no NaN, no name twice; keys stay in their order."""

    sort_keys = False
    ensure_ascii = False

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Read JSON; ValueError for whatever is not strictly that."""
        return super().loads(s, parse_constant=_no_constant, object_pairs_hook=_each_once, **kwargs)


def received() -> bytes:
    """The body as it came; PAYLOAD_TOO_LARGE over the limit, INVALID_REQUEST if it breaks off."""
    try:
        return request.get_data()
    except HTTPException:
        raise
    except Exception:  # each server has its own for broken chunks and callers that went away
        raise _wrong("could not be read to its end") from None


def require_json() -> None:
    """Refuse a body that is no JSON object before a view looks at its fields."""
    if not request.content_length and "Transfer-Encoding" not in request.headers:
        return
    if not request.is_json:
        raise ApiError(errors.UNSUPPORTED_MEDIA_TYPE)
    if not isinstance(_parsed(), dict):
        raise _wrong("should be a JSON object")


def refuse_fields(invalid: ValidationError) -> None:
    """Name every field that is wrong, and why; what was sent is not repeated."""
    raise ApiError(
        errors.INVALID_REQUEST,
        fields=[
            (
                ".".join(str(part) for part in error["loc"]) or "body",
                error["msg"].removeprefix("Value error, "),
            )
            for error in invalid.errors(include_url=False, include_input=False)
        ],
    )


def _parsed() -> Any:
    received()
    try:
        return request.get_json()
    except RecursionError:
        raise _wrong("is nested too deeply") from None


def _wrong(reason: str) -> ApiError:
    return ApiError(errors.INVALID_REQUEST, fields=[("body", reason)])


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name stands twice")
    return members
