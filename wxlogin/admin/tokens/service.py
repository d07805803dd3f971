"""What owners do to API tokens."""

from __future__ import annotations

from functools import partial

from wxlogin import errors
from wxlogin.accounts import Apps
from wxlogin.admin.access_events import report
from wxlogin.admin.apps.service import require_registered
from wxlogin.admin.paging import Part, Position
from wxlogin.admin.short_lists import part_of
from wxlogin.admin.times import iso_or_none, iso_time
from wxlogin.admin.tokens.schemas import (
    ChangeTokenBody,
    NewToken,
    NewTokenBody,
    TokenItem,
    TokenQuery,
)
from wxlogin.clock import Clock
from wxlogin.errors import ApiError
from wxlogin.models import ApiToken
from wxlogin.operators import Operators
from wxlogin.operators.api_tokens import ApiTokens, Bounds
from wxlogin.services import Watch
from wxlogin.watch.audit import Actor, Audit
from wxlogin.watch.events import Kind


def list_tokens(
    tokens: ApiTokens, clock: Clock, query: TokenQuery, limit: int, after: Position | None = None
) -> Part[TokenItem]:
    """Return up to `limit` tokens that the query asks for, newest first unless it says so."""
    rows = _wanted(tokens, clock, query)
    return part_of(rows, query, limit, after, partial(_item, tokens), lambda row: row.id)


def count_tokens(tokens: ApiTokens, clock: Clock, query: TokenQuery) -> int:
    """Return how many tokens the query asks for."""
    return len(_wanted(tokens, clock, query))


def _wanted(tokens: ApiTokens, clock: Clock, query: TokenQuery) -> list[ApiToken]:
    return [
        row
        for row in tokens.all()
        if query.state in (None, _state(row, clock()))
        and (query.scope is None or query.scope in row.scopes.split())
    ]


def _state(row: ApiToken, now: float) -> str:
    if row.revoked_at:
        return "revoked"
    return "ended" if row.expires_at and row.expires_at.timestamp() <= now else "active"


def create(
    watch: Watch, tokens: ApiTokens, apps: Apps, clock: Clock, actor: Actor, body: NewTokenBody
) -> NewToken:
    """Create a token; the answer alone contains it.

    INVALID_REQUEST names an appid that is not registered, and an end that is past.
    """
    bounds = _bounds(tokens, apps, clock, body)
    ends = iso_or_none(bounds.expires_at)
    detail = {"scopes": sorted(set(body.scopes)), "apps": body.apps, "expires_at": ends}
    with watch.audit.act(actor, "token.create", "token:new", detail=detail) as act:
        made_by = actor.name.removeprefix("admin:")
        token, row = tokens.create(body.name, body.scopes, made_by, bounds)
        act.detail["token"] = row.public_id
    report(watch.recorder, Kind.ADMIN_TOKEN_CREATED, actor, row.public_id)
    return NewToken(token=token, item=_item(tokens, row))


def hand_over(
    audit: Audit, operators: Operators, actor: Actor, token_id: str, body: ChangeTokenBody
) -> TokenItem:
    """Bind a token to another admin's account; NOT_FOUND if there is no such token or admin."""
    row = operators.tokens.get(token_id)
    keeper = operators.admins.get_by_name(body.keeper)
    detail = {"keeper": keeper.name}
    with audit.act(actor, "token.hand_over", f"token:{token_id}", detail=detail):
        operators.tokens.set_keeper(row, keeper.name)
    return _item(operators.tokens, row)


def revoke(audit: Audit, tokens: ApiTokens, actor: Actor, token_id: str) -> TokenItem:
    """Revoke a token at once; NOT_FOUND if there is none of this id."""
    row = tokens.get(token_id)
    with audit.act(actor, "token.revoke", f"token:{row.public_id}"):
        tokens.revoke(row)
    return _item(tokens, row)


def _bounds(tokens: ApiTokens, apps: Apps, clock: Clock, body: NewTokenBody) -> Bounds:
    require_registered(apps, body.apps)
    unset = "expires_at" not in body.model_fields_set
    ends = tokens.end_after() if unset else body.expires_at
    if ends and ends.timestamp() <= clock():
        raise ApiError(errors.INVALID_REQUEST, fields=[("expires_at", "should be to come")])
    return Bounds(ends, tuple(dict.fromkeys(body.apps)), tuple(dict.fromkeys(body.networks)))


def _item(tokens: ApiTokens, row: ApiToken) -> TokenItem:
    return TokenItem(
        id=row.public_id,
        name=row.name,
        scopes=row.scopes.split(),
        apps=(row.apps or "").split(),
        networks=(row.networks or "").split(),
        made_by=row.made_by,
        keeper=row.keeper or row.made_by,
        created_at=iso_time(row.created_at),
        expires_at=iso_or_none(row.expires_at),
        ends_soon=tokens.ends_soon(row.expires_at),
        last_used_at=iso_or_none(row.last_used_at),
        revoked_at=iso_or_none(row.revoked_at),
    )
