"""The host and the origin that passkeys of admins are for."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request

from config import Settings
from wxlogin.guard.request_context import request_info
from wxlogin.operators.passkeys import RelyingParty


def invitation_page(settings: Settings) -> str:
    """Return the URL of the page on which somebody who was invited sets their password."""
    return f"{relying_party(settings).origin}/admin/invitation"


def relying_party(settings: Settings) -> RelyingParty:
    """Return those of WXLOGIN_PUBLIC_URL; without it, of the current request.

    A Host header that a stranger made up opens nothing: a passkey signs for its own host alone.
    """
    scheme = "https" if request_info().https else "http"
    url = urlsplit(settings.public_url or f"{scheme}://{request.host}")
    return RelyingParty(url.hostname or "", f"{url.scheme}://{url.netloc}")
