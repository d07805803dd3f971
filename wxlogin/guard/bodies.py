"""Bodies: JSON objects alone, of a bounded size, with every name once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from flask import request
from flask.json.provider import DefaultJSONProvider
from pydantic import (
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationError,
)
from pydantic_core import CoreSchema, ErrorDetails, core_schema
from werkzeug.exceptions import HTTPException

from wxlogin import errors
from wxlogin.errors import ApiError
from wxlogin.strict_json import each_once

MAX_BYTES = 262_144
SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Formed:
    """Marks a text field as of a form; a refusal says the form in words."""

    pattern: str
    looks: str

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), "pattern": f"^{self.pattern}$", "description": self.looks}

    def _checked(self, text: str) -> str:
        # Half of a surrogate pair is JSON, but no text that a store could hold.
        if not re.fullmatch(self.pattern, text) or SURROGATES.search(text):
            raise ValueError(f"should be {self.looks}")
        return text


class Body(BaseModel):
    """What every body is: strict types, and no field that is not named."""

    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True)


class StrictJson(DefaultJSONProvider):
    """JSON as RFC 8259 has it: no NaN, no name twice; keys stay in their order."""

    sort_keys = False
    ensure_ascii = False

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Read JSON; ValueError for whatever is not strictly that."""
        return super().loads(s, parse_constant=_no_constant, object_pairs_hook=each_once, **kwargs)


def received() -> bytes:
    """The body as it came; PAYLOAD_TOO_LARGE over the limit, INVALID_REQUEST if it breaks off."""
    try:
        body = request.get_data()
    except HTTPException:
        raise
    except Exception:  # each server has its own for broken chunks and callers that went away
        raise _wrong("could not be read to its end") from None
    # Of a body without a length the library reads so much and says nothing of the rest.
    if request.content_length is None and len(body) >= MAX_BYTES:
        raise ApiError(errors.PAYLOAD_TOO_LARGE)
    return body


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
            (".".join(str(part) for part in error["loc"]) or "body", _reason(error))
            for error in invalid.errors(include_url=False, include_input=False)
        ],
    )


def _reason(error: ErrorDetails) -> str:
    """What a field should be, in words."""
    if error["type"] == "model_type":
        return "should be a JSON object"
    return re.sub("^(Value error, |Input )", "", error["msg"])


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
