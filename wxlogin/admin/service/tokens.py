"""What owners do to API tokens."""

from __future__ import annotations

from sqlalchemy import select

from wxlogin.admin.paging import Page, PageQuery, page
from wxlogin.admin.schemas.tokens import NewToken, NewTokenBody, TokenItem
from wxlogin.admin.service.times import iso_or_none, iso_time
from wxlogin.engines import Engines
from wxlogin.extensions import db
from wxlogin.models import ApiToken
from wxlogin.watch.audit import Actor


def list_tokens(query: PageQuery) -> Page[TokenItem]:
    """A page of the tokens, newest first, revoked ones too."""
    wanted = select(ApiToken).order_by(ApiToken.id.desc()).limit(query.limit + 1)
    position = query.position(int)
    if position:
        wanted = wanted.where(ApiToken.id < position[0])
    return page(db.session.scalars(wanted).all(), query.limit, _item, lambda row: (row.id,))


def create(engines: Engines, actor: Actor, body: NewTokenBody) -> NewToken:
    """Make a token; it is told this once."""
    detail = {"scopes": sorted(set(body.scopes))}
    with engines.audit.act(actor, "token.create", "token:new", detail=detail) as act:
        made_by = actor.name.removeprefix("admin:")
        token, row = engines.operators.tokens.create(body.name, body.scopes, made_by)
        act.detail["token"] = row.public_id
    return NewToken(token=token, item=_item(row))


def revoke(engines: Engines, actor: Actor, token_id: str) -> TokenItem:
    """End a token at once; NOT_FOUND where there is none."""
    row = engines.operators.tokens.known(token_id)
    with engines.audit.act(actor, "token.revoke", f"token:{row.public_id}"):
        engines.operators.tokens.revoke(row)
    return _item(row)


def _item(row: ApiToken) -> TokenItem:
    return TokenItem(
        id=row.public_id,
        name=row.name,
        scopes=row.scopes.split(),
        made_by=row.made_by,
        created_at=iso_time(row.created_at),
        last_used_at=iso_or_none(row.last_used_at),
        revoked_at=iso_or_none(row.revoked_at),
    )
