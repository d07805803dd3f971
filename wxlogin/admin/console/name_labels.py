"""Words for the names that the trail and the webhooks write: actors, event types, faults."""

from __future__ import annotations

import re

from flask_babel import gettext
from flask_babel import lazy_gettext as _

ACTORS = {
    "cli": _("Command line"),
    "wechat": _("WeChat"),
    "wxlogin": "wxlogin",
    "user": _("the user"),
}
"""Actors who have no name of their own."""

EVENT_TYPES = {
    "user.created": _("A user signed in for the first time."),
    "user.logged_in": _("A user signed in."),
    "user.logged_out": _("A session was signed out, by the user or an operator."),
    "user.banned": _("A user was banned."),
    "user.unbanned": _("A ban was lifted."),
    "user.erased": _("All data of a user was erased: erase yours."),
    "user.phone_changed": _("Another phone number was stored."),
    "user.profile_changed": _("Another nickname or avatar was stored."),
    "person.joined": _("Users turned out to be one person."),
    "session.replaced": _("A login took the place of a session."),
    "session.evicted": _("A login ended the oldest session: there were too many."),
    "authorization.revoked": _("A user withdrew an authorization in WeChat."),
    "authorization.modified": _("A user changed an authorization in WeChat."),
    "push.received": _("WeChat pushed a message that wxlogin does not handle itself."),
    "app.secret_changed": _("The AppSecret of a mini-program was replaced."),
    "alert.raised": _("A rule raised an alert."),
}
TEST_TYPES = {"webhook.test": _("A test of the webhook.")}

FAULTS = {
    "AddressRefused": _("Its name leads to an address that is not public"),
    "ConnectTimeout": _("No connection in time"),
    "ConnectionError": _("No connection"),
    "ReadTimeout": _("No answer in time"),
    "SSLError": _("Its certificate is not accepted"),
    "WXLOGIN_DATA_KEYS does not open its secret": _(
        "WXLOGIN_DATA_KEYS does not open the secret of the webhook"
    ),
}
"""Why a delivery was not made, by the class of the fault."""
STATUS = re.compile(r"status (\d{3})")


def actor_name(name: str) -> str:
    """Return who acted: an admin's name, an API token, or who has no name of their own."""
    kind, _colon, own = name.partition(":")
    if kind == "admin" and own:
        return own
    if kind == "token" and own:
        return str(gettext("API token %(id)s", id=own))
    return str(ACTORS.get(name, name))


def maker_name(name: str) -> str:
    """Return who made something: the name of an admin as it is, or an API token."""
    return actor_name(name) if name.startswith("token:") else name


def is_actor(by: str | None) -> bool:
    """Return whether the audit trail names somebody so; else it is the id of a session."""
    return bool(by) and (":" in str(by) or by in ACTORS)


def event_type(name: str) -> str:
    """Return what an event says that webhooks tell."""
    return str(TEST_TYPES.get(name) or EVENT_TYPES.get(name, name)).rstrip(".。")


def event_types() -> list[tuple[str, str, str]]:
    """Return the types of events that webhooks tell: value, what each says, and its code."""
    return [(name, event_type(name), name) for name in EVENT_TYPES]


def delivery_fault(fault: str | None) -> str:
    """Return why an attempt was no delivery, empty if there is no fault."""
    if not fault:
        return ""
    if status := STATUS.fullmatch(fault):
        return str(gettext("It answered with status %(status)s", status=status[1]))
    known = FAULTS.get(fault)
    return str(known) if known else gettext("The request failed (%(fault)s)", fault=fault)


FILTERS = {
    "actor_name": actor_name,
    "maker_name": maker_name,
    "is_actor": is_actor,
    "event_type": event_type,
    "delivery_fault": delivery_fault,
}
