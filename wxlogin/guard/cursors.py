"""Signed cursors: a position in a list is good for that list and its filters alone."""

from __future__ import annotations

import base64
import binascii
import hmac
import json

from flask import request

from wxlogin.services import services

PURPOSE = "wxlogin.cursor.v1"
MAC_BYTES = 12
OF_A_PAGE = frozenset({"cursor", "limit", "way"})
"""Parameters that select a page; all others are filters of the list."""


def sign_position(position: bytes) -> str:
    """Return a cursor of the list that the current request is for."""
    mac = _mac(services.settings.secret_keys[0], position)
    return base64.urlsafe_b64encode(mac + position).rstrip(b"=").decode()


def read_position(cursor: str) -> bytes | None:
    """Return the position of a cursor; None unless this list gave it, under any of our keys."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (ValueError, binascii.Error):
        return None
    mac, position = raw[:MAC_BYTES], raw[MAC_BYTES:]
    keys = services.settings.secret_keys
    ours = any(hmac.compare_digest(mac, _mac(key, position)) for key in keys)
    return position if ours else None


def _mac(key: str, position: bytes) -> bytes:
    given = request.args.items(multi=True)
    filters = sorted((name, text) for name, text in given if name not in OF_A_PAGE)
    message = json.dumps([PURPOSE, request.path, filters]).encode() + position
    return hmac.digest(key.encode(), message, "sha256")[:MAC_BYTES]
