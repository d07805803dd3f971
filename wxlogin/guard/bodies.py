"""Bodies of a bounded size: JSON objects with every name once, and OAuth's one kind of form."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

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
from wxlogin.guard.request_context import request_info
from wxlogin.strict_json import reject_duplicate_names
from wxlogin.visible_text import has_hidden

MAX_BYTES = 262_144
MAX_NAMES = 100
"""The most names that one object of a body may have; no call needs a third of that."""
MOST_OF = {"[": 1_000, "{": 1_000, ",": 10_000}
"""Lists, objects and values in a body, by what each has one of; texts may hold such signs too."""
MAX_DEPTH = 32
MAX_REPORTED = 20
MAX_NAME = 100
"""Characters of a field's name that a refusal repeats."""
MAX_FORM_BYTES = 16_384
"""Bytes of a form. To read one costs the library up to 500 ns a byte, fifty times JSON's price."""
FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 20
SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class TextPattern:
    """The form of a text field: a pattern, and how a refusal describes it.

    `visible`: it has no character that is invisible or turns a line around.
    """

    pattern: str
    looks: str
    visible: bool = False

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), "pattern": f"^{self.pattern}$", "description": self.looks}

    def _checked(self, text: str) -> str:
        # JSON may contain half of a surrogate pair, which no store can encode.
        if not re.fullmatch(self.pattern, text) or SURROGATES.search(text):
            raise ValueError(f"should be {self.looks}")
        if self.visible and has_hidden(text):
            raise ValueError(f"should be {self.looks}")
        return text


def visible(length: str, looks: str) -> TextPattern:
    """Return the form of a name or a reason, whose characters can all be seen.

    `length` is a quantifier such as `{1,64}`, `looks` the same in words.
    """
    looks = f"{looks}, none of them invisible"
    return TextPattern(rf"[^\x00-\x1f\x7f-\x9f]{length}", looks, visible=True)


class Body(BaseModel):
    """The base of all bodies: strict types, no unknown fields."""

    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True)


class StrictJson(DefaultJSONProvider):
    """JSON as RFC 8259 has it: no NaN, no name twice; keys stay in their order."""

    sort_keys = False
    ensure_ascii = False

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Read JSON; ValueError for what RFC 8259 does not allow.

        INVALID_REQUEST for more names, objects and lists, or levels of them, than any call has.
        """
        text = s.decode("utf-8-sig") if isinstance(s, bytes) else s
        if any(text.count(sign) > most for sign, most in MOST_OF.items()):
            raise _malformed("should have fewer values, lists and objects")
        value = super().loads(text, parse_constant=_no_constant, object_pairs_hook=_few, **kwargs)
        if not _nests_within(value, MAX_DEPTH):
            raise _malformed("is nested too deeply")
        return value


def read_body() -> bytes:
    """Return the body as it came.

    PAYLOAD_TOO_LARGE over the limit, INVALID_REQUEST if it breaks off.
    """
    try:
        body = request.get_data()
    except HTTPException:
        raise
    except Exception:  # servers raise different errors for broken chunks and disconnects
        raise _malformed("could not be read to its end") from None
    # If a body has no length, the library stops at the limit and does not report the rest.
    if request.content_length is None and len(body) >= MAX_BYTES:
        request_info().failure = "fail_body"
        raise ApiError(errors.PAYLOAD_TOO_LARGE)
    return body


def require_json() -> None:
    """Refuse a body that is no JSON object, before a view reads its fields."""
    if not request.content_length and "Transfer-Encoding" not in request.headers:
        return
    if not request.is_json:
        raise ApiError(errors.UNSUPPORTED_MEDIA_TYPE)
    if not isinstance(_parsed(), dict):
        raise _malformed("should be a JSON object")


def form_field(name: str) -> str:
    """Return the field that a form must have once; other fields are ignored (RFC 7662, 2.1)."""
    if request.mimetype != FORM:
        raise ApiError(errors.UNSUPPORTED_MEDIA_TYPE, f"Send the body as `Content-Type: {FORM}`.")
    values = [value for field, value in _form_fields() if field == name]
    if len(values) != 1 or not values[0]:
        raise _invalid(name, "should be there, once")
    return values[0]


def refuse_fields(invalid: ValidationError) -> None:
    """Raise INVALID_REQUEST, which names the first 20 wrong fields and why, but no values."""
    if invalid.error_count() > MAX_REPORTED:
        request_info().failure = "fail_body"
    raise ApiError(
        errors.INVALID_REQUEST,
        fields=[
            (".".join(str(part) for part in error["loc"])[:MAX_NAME] or "body", _reason(error))
            for error in invalid.errors(include_url=False, include_input=False)[:MAX_REPORTED]
        ],
    )


def _reason(error: ErrorDetails) -> str:
    """Return what a field should be, in words."""
    if error["type"] == "model_type":
        return "should be a JSON object"
    return re.sub("^(Value error, |Input )", "", error["msg"])


def _parsed() -> Any:
    read_body()
    try:
        return request.get_json()
    except RecursionError:
        raise _malformed("is nested too deeply") from None


def _few(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object's members; INVALID_REQUEST for more than any call has.

    The answer would report each unknown name: 29,000 of them took a third of a second.
    """
    if len(pairs) > MAX_NAMES:
        raise _malformed(f"should have at most {MAX_NAMES} names in an object")
    return reject_duplicate_names(pairs)


def _nests_within(value: Any, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return True
    inner = value.values() if isinstance(value, dict) else value
    return levels > 0 and all(_nests_within(each, levels - 1) for each in inner)


def _form_fields() -> list[tuple[str, str]]:
    try:
        body = read_body()
        if len(body) > MAX_FORM_BYTES:
            raise _malformed(f"should be a form of at most {MAX_FORM_BYTES} bytes")
        text = body.decode("ascii")
        return parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        raise _malformed(f"should be a form of at most {MOST_FIELDS} fields") from None


def _malformed(reason: str) -> ApiError:
    """Return the refusal of a body for its size or shape, which counts against its address."""
    request_info().failure = "fail_body"
    return _invalid("body", reason)


def _invalid(field: str, reason: str) -> ApiError:
    return ApiError(errors.INVALID_REQUEST, fields=[(field, reason)])


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
