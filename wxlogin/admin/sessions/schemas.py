"""What goes in and out of the list of live sessions."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema

from wxlogin.admin.csv_lists import CsvList
from wxlogin.admin.filters import AppFilter, TimeRange
from wxlogin.admin.paging import PageQuery
from wxlogin.guard.bodies import visible

LONGEST_NETWORK = 49
"""Characters of an IPv6 network at its longest."""


def _network(value: object) -> IPv4Network | IPv6Network:
    """Parse an address or a network."""
    try:
        if isinstance(value, str) and len(value) <= LONGEST_NETWORK:
            return ip_network(value, strict=False)
    except ValueError:
        pass
    raise ValueError("should be an address or a network such as 203.0.113.0/24")


class SessionQuery(PageQuery):
    """Which live sessions are meant."""

    app: AppFilter = None
    platform: (
        Literal["ios", "android", "windows", "mac", "devtools", "ohos", "web", "other"] | None
    ) = Field(None, description="Sessions of this platform alone.")
    region: Annotated[str, visible("{1,64}", "1 to 64 characters")] | None = Field(
        None, description="Sessions whose region has this in it, such as `广东省`."
    )
    address: (
        Annotated[
            IPv4Network | IPv6Network,
            BeforeValidator(_network),
            WithJsonSchema({"type": "string", "maxLength": LONGEST_NETWORK}),
        ]
        | None
    ) = Field(None, description="Sessions from this address or network, such as 203.0.113.0/24.")


class TimedSessionQuery(SessionQuery, TimeRange):
    """The same for the console's list; `since` and `until` bound when the sessions began."""


class LiveItem(BaseModel):
    """One live session of any user."""

    id: str = Field(description="A handle for DELETE /admin/api/sessions/{id}; no credential.")
    user: str
    app: str
    platform: str
    device_name: str | None
    ip: str
    region: str | None
    created_at: str
    last_seen_at: str
    expires_at: str
    max_expires_at: str


SESSIONS = CsvList("sessions", "session.export_list", LiveItem, (int, str))
