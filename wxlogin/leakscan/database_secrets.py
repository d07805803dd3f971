"""The secrets of the database, as values to search for."""

from __future__ import annotations

from base64 import b32decode, b64decode
from collections.abc import Callable, Mapping
from typing import NamedTuple

from wxlogin.leakscan import kinds
from wxlogin.leakscan.kinds import Kind
from wxlogin.leakscan.known_secrets import KnownSecret

WEBHOOK_PREFIX = "whsec_"


class _Column(NamedTuple):
    kind: Kind
    label: str
    decode: Callable[[str], bytes] | None = None
    """Returns the bytes that a text of this column stands for."""


COLUMNS: Mapping[str, _Column] = {
    "app.secret": _Column(kinds.APP_SECRET, "AppSecret of {}"),
    "app.push_token": _Column(kinds.PUSH_TOKEN, "push Token of {}"),
    "app.push_token_before": _Column(kinds.PUSH_TOKEN, "replaced push Token of {}"),
    "app.push_aes_key": _Column(kinds.ENCODING_AES_KEY, "EncodingAESKey of {}"),
    "app.push_aes_key_before": _Column(kinds.ENCODING_AES_KEY, "replaced EncodingAESKey of {}"),
    "app.pay_key": _Column(kinds.PAY_KEY, "AppKey of virtual payment of {}"),
    "app.pay_key_sandbox": _Column(kinds.PAY_KEY, "sandbox AppKey of {}"),
    "webhook_endpoint.secret": _Column(kinds.WEBHOOK_SECRET, "secret of the webhook {}", b64decode),
    "webhook_endpoint.previous": _Column(
        kinds.WEBHOOK_SECRET, "replaced secret of the webhook {}", b64decode
    ),
    "admin.totp": _Column(kinds.SECOND_FACTOR, "TOTP secret of the admin {}", b32decode),
    "known_key.audit_key": _Column(kinds.HELD_SECRET, "audit key of the data key {}"),
    "access_token": _Column(kinds.ACCESS_TOKEN, "access_token of {}"),
}
"""What is held where. A column that is not here is searched under its own name."""


def database_secret(place: str, row: str, value: str) -> KnownSecret:
    """Return a secret; `place` is its table and column, `row` what names its row."""
    column = COLUMNS.get(place) or _Column(kinds.HELD_SECRET, f"{place} of {{}}")
    # Receivers keep it without the prefix, too.
    text = value.removeprefix(WEBHOOK_PREFIX)
    raw = column.decode(text) if column.decode else b""
    return KnownSecret(column.kind.id, column.label.format(row), text.encode(), raw)
