"""Whom an act is about to meet, for the page that asks: the person, and the devices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext, ngettext

from wxlogin.accounts import UserDirectory, masks
from wxlogin.admin.console.labels import device_name
from wxlogin.admin.console.people import app_name
from wxlogin.sessions import Session, SessionStore

MOST_DEVICES = 6


def about_user(directory: UserDirectory, store: SessionStore, user: str) -> dict[str, Any]:
    """Return what the page of an act on a user says of them, and how many others are linked."""
    profile = directory.get(user)
    name = masks.masked_nickname(profile.profile) or gettext("No nickname")
    return {
        "about": [
            f"{name} · {app_name(profile.appid)}",
            devices_of(store.list(user)),
        ],
        "linked": len(directory.list_linked(profile)),
    }


def devices_of(sessions: Sequence[Session]) -> str:
    """Return how many sessions there are, and the names of their devices."""
    count: str = ngettext("%(num)s session", "%(num)s sessions", len(sessions))
    names = [device_name(session.platform, session.name) for session in sessions[:MOST_DEVICES]]
    more = ["…"] if len(sessions) > MOST_DEVICES else []
    return count + (": " + ", ".join([*names, *more]) if names else "")
