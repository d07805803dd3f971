"""The picture of a user, or the first letter of the nickname in its place."""

from __future__ import annotations

from flask import Response
from markupsafe import Markup

from wxlogin.accounts import masks
from wxlogin.admin.console.blueprint import console
from wxlogin.guard.admin_gate import permitted
from wxlogin.guard.audited_reads import audited_read
from wxlogin.services import services

INITIAL = Markup(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><rect width="48" height="48" '
    'fill="#07794b"/><text x="24" y="25" fill="#fff" font-family="sans-serif" font-size="22" '
    'text-anchor="middle" dominant-baseline="central">{}</text></svg>'
)


@console.get("/users/<id>/avatar")
@permitted("users.avatar")
@audited_read("user.read_avatar")
def avatar(id: str) -> Response:  # noqa: A002  the API's word
    """Return the user's picture; the first letter of the nickname where it cannot be had."""
    accounts = services.accounts
    profile = accounts.directory.get(id).profile
    if found := accounts.avatars.get(profile):
        return Response(found.content, mimetype=found.mimetype)
    initial = (masks.masked_nickname(profile) or "?")[0]
    return Response(INITIAL.format(initial), mimetype="image/svg+xml")
