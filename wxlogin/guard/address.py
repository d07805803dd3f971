"""The one function that says what the client's address is."""

from __future__ import annotations

from flask import request


def client_address() -> str:
    """The address that the connection came from."""
    return request.remote_addr or ""
