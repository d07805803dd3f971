"""The payloads of events as schemas, for the OpenAPI document; version 1."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from wxlogin.outbox.event_types import EventType


class Ids(BaseModel):
    """Whom an event is about; null where there is none. Further members may come."""

    user: str | None = Field(description="The user's public id.")
    person: str | None = Field(description="The same for all users of one person.")
    external_id: str | None = Field(description="The team's own id of the user.")
    app: str | None = Field(description="The appid of the mini-program.")


class LoggedIn(Ids):
    """A login that has its session."""

    session: str
    platform: str


class LoggedOut(Ids):
    """A session that was signed out."""

    session: str


class Banned(Ids):
    """A ban, until a time or without an end."""

    until: str | None


class Joined(Ids):
    """A user whose person is another one's too: `person` is what stays, `previous` what was."""

    previous: str | None


class Replaced(Ids):
    """A session that ended for another: `by` is that of the login."""

    session: str
    by: str


class Revoked(Ids):
    """What a user withdrew at WeChat, by WeChat's codes; none named means everything."""

    revoked: list[str]


class Received(Ids):
    """A message of WeChat's push; an unencrypted one may be anybody's."""

    message: dict[str, Any] | None = Field(
        description="Its fields, without openids; null for a very long one."
    )
    encrypted: bool


class AlertRaised(Ids):
    """An alert: its rule, the subject, and what to do; `console` is where to look."""

    rule: str
    severity: str
    title: str
    subject_kind: str
    subject: str
    advice: str
    console: str | None


DATA: dict[EventType, type[Ids]] = {
    **dict.fromkeys(EventType, Ids),
    EventType.USER_LOGGED_IN: LoggedIn,
    EventType.USER_LOGGED_OUT: LoggedOut,
    EventType.USER_BANNED: Banned,
    EventType.PERSON_JOINED: Joined,
    EventType.SESSION_REPLACED: Replaced,
    EventType.SESSION_EVICTED: Replaced,
    EventType.AUTHORIZATION_REVOKED: Revoked,
    EventType.PUSH_RECEIVED: Received,
    EventType.ALERT_RAISED: AlertRaised,
}
"""The `data` of each type."""

HEADERS = {
    "webhook-id": "The id of the event: the same whenever it is sent.",
    "webhook-timestamp": "When it was sent, in Unix seconds.",
    "webhook-signature": "`v1,` and a signature; while a secret is replaced two of them.",
}


def webhooks_section() -> dict[str, Any]:
    """Return the `webhooks` of an OpenAPI 3.1 document."""
    return {type_.value: {"post": _operation(type_)} for type_ in EventType}


def _operation(type_: EventType) -> dict[str, Any]:
    text = {"type": "string"}
    schema = {
        "type": "object",
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {"const": type_.value},
            "timestamp": {**text, "format": "date-time"},
            "data": DATA[type_].model_json_schema(),
        },
    }
    return {
        "operationId": f"webhook_{type_.value.replace('.', '_')}",
        "tags": ["Webhooks"],
        "parameters": [
            {"name": name, "in": "header", "required": True, "description": said, "schema": text}
            for name, said in HEADERS.items()
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": {
            "2XX": {"description": "The receiver has it. Anything else: it comes again."}
        },
    }
