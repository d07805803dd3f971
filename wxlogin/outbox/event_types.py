"""The types of events, what an event is about, and the body that tells it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from wxlogin.clock import iso_unix

Json = str | int | bool | None | list["Json"] | dict[str, "Json"]


class EventType(StrEnum):
    """The types of events; an endpoint names those that it wants."""

    USER_CREATED = "user.created"
    USER_LOGGED_IN = "user.logged_in"
    USER_LOGGED_OUT = "user.logged_out"
    USER_BANNED = "user.banned"
    USER_UNBANNED = "user.unbanned"
    USER_ERASED = "user.erased"
    USER_PHONE_CHANGED = "user.phone_changed"
    USER_PROFILE_CHANGED = "user.profile_changed"
    PERSON_JOINED = "person.joined"
    SESSION_REPLACED = "session.replaced"
    SESSION_EVICTED = "session.evicted"
    AUTHORIZATION_REVOKED = "authorization.revoked"
    AUTHORIZATION_MODIFIED = "authorization.modified"
    PUSH_RECEIVED = "push.received"
    APP_SECRET_CHANGED = "app.secret_changed"  # noqa: S105
    ALERT_RAISED = "alert.raised"


TEST_TYPE = "webhook.test"
"""The type of a test delivery, which no endpoint subscribes to."""


class About(NamedTuple):
    """Whom or what an event is about: public id, appid, and the user's other ids, if any.

    `person` and `external_id` are null in the body where they are None.
    """

    user: str | None = None
    app: str | None = None
    person: str | None = None
    external_id: str | None = None


def body(type_: str, at: float, about: About, data: Mapping[str, Json]) -> str:
    """Return the body of an event that happened at a Unix time, as the JSON that is sent.

    The members of `data` come after the ids; version 1 of the payload never loses a member.
    """
    document = {
        "type": type_,
        "timestamp": iso_unix(at),
        "data": {**about._asdict(), **data},
    }
    return json.dumps(document, separators=(",", ":"))


def with_data(text: str, data: Mapping[str, Json]) -> str:
    """Return the body of an event with these members in its `data`."""
    document = json.loads(text)
    document["data"] |= data
    return json.dumps(document, separators=(",", ":"))
