"""Who was erased: what waited in memory meanwhile is not written down of them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select

from wxlogin.models import ErasedUser


def erased_among(connection: Connection, users: Iterable[str]) -> set[str]:
    """Return those of these users, by their public ids, who were erased."""
    asked = {user for user in users if user}
    if not asked:
        return set()
    found = select(ErasedUser.public_id).where(ErasedUser.public_id.in_(asked))
    return set(connection.scalars(found))
