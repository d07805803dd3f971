"""What events say of a user: the ids in the body of each."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from wxlogin.models import App, User
from wxlogin.outbox.event_types import About
from wxlogin.outbox.subscriptions import Transaction


def about_user(sql: Transaction, user: str) -> About | None:
    """Return what an event of a user is about, None if there is no such user."""
    return about_users(sql, [user]).get(user)


def about_users(sql: Transaction, users: Iterable[str]) -> dict[str, About]:
    """Return what events of these users are about, by public id, without those that are gone."""
    columns = User.public_id, App.appid, User.person, User.external_id
    found = select(*columns).join(App, App.id == User.app_id)
    rows = sql.execute(found.where(User.public_id.in_(list(users))))
    return {row.public_id: About(*row) for row in rows}
