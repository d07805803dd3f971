"""What goes in and out of the calls on API tokens."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema, model_validator

from wxlogin.admin.admins.schemas import Name
from wxlogin.admin.apps.schemas import Appid
from wxlogin.admin.csv_lists import CsvList
from wxlogin.admin.short_lists import ShortQuery
from wxlogin.admin.times import Moment
from wxlogin.guard.bodies import Body, visible
from wxlogin.operators.permissions import READ, SCOPES, Scope

TokenName = Annotated[str, visible("{1,64}", "1 to 64 characters")]


Appids = Annotated[list[Appid], Field(max_length=20)]


def _network(text: Any) -> IPv4Network | IPv6Network:
    """Parse a network, or an address, in CIDR notation."""
    try:
        return ip_network(text if isinstance(text, str) else "")
    except ValueError:
        raise ValueError("should be a network such as 10.0.0.0/8") from None


CidrNetwork = Annotated[
    IPv4Network | IPv6Network,
    BeforeValidator(_network),
    WithJsonSchema({"type": "string", "description": "A network such as 10.0.0.0/8"}),
]


class TokenQuery(ShortQuery):
    """Which API tokens are meant."""

    scope: Scope | None = Field(None, description="Tokens with this scope.")
    state: Literal["active", "ended", "revoked"] | None = Field(
        None, description="Tokens that may call, that are past their end, or that were revoked."
    )


class NewTokenBody(Body):
    """A token to create: what it is for, what it may do, and what it is bound to.

    Without `expires_at` it ends after 90 days, with null it never does. `apps` binds it to
    mini-programs, which the scopes `read` and `operate` cannot be, and `networks` to addresses.
    """

    name: TokenName
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(SCOPES))]
    expires_at: Moment | None = None
    apps: Appids = Field(default_factory=list)
    networks: Annotated[list[CidrNetwork], Field(max_length=20)] = Field(default_factory=list)

    @model_validator(mode="after")
    def _console_sees_every_app(self) -> Self:
        if self.apps and not READ.isdisjoint(self.scopes):
            raise ValueError("apps cannot be bound with the scopes read and operate")
        return self


class ChangeTokenBody(Body):
    """Who keeps a token from now on: it ends when the account of its keeper is disabled."""

    keeper: Name


class TokenItem(BaseModel):
    """An API token, as the owners see it: the token itself is not kept."""

    id: str
    name: str
    scopes: list[Scope]
    apps: list[str] = Field(description="Empty: all mini-programs.")
    networks: list[str] = Field(description="Empty: any address.")
    made_by: str
    keeper: str = Field(description="The admin whose account it ends with, or `cli`.")
    created_at: str
    expires_at: str | None
    ends_soon: bool = Field(description="Whether it ended, or ends within two weeks.")
    last_used_at: str | None = Field(description="To the minute.")
    revoked_at: str | None


TOKENS = CsvList("tokens", "token.export_list", TokenItem)


class NewToken(BaseModel):
    """A token that was created, shown only once."""

    token: str
    item: TokenItem
