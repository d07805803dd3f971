"""What an import does with the rows of a batch: create, change, leave or reject."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from wxlogin.accounts.import_files import Line
from wxlogin.accounts.import_rows import ImportRow

TAKEN = "external_id is another user's"
OTHER = "the user has another external_id"


class Stored(NamedTuple):
    """What the database has of a user."""

    id: int
    public_id: str
    external_id: str | None
    phone_index: str | None
    profile_sealed: str | None
    unionid_index: str | None
    created_at: datetime


class Change(NamedTuple):
    """A user who is there, and what they get; what is None they have, or the row does not say."""

    user: Stored
    external_id: str | None
    phone: dict[str, str] | None
    profile: dict[str, str] | None
    unionid: str | None
    created_at: datetime | None

    @property
    def is_empty(self) -> bool:
        """Whether the user stays as they are."""
        return not any(self[1:])


class Plan(NamedTuple):
    """What is to be done with the rows of a batch."""

    new: list[ImportRow]
    changes: list[Change]
    unchanged: int
    rejected: list[tuple[Line, str]]
    lines: Mapping[str, Line]
    """Of the new users, by openid."""


def plan_rows(
    batch: Sequence[tuple[Line, ImportRow]],
    stored: Mapping[str, Stored],
    owners: Mapping[str, int],
) -> Plan:
    """Return the plan; `stored` are users by openid, `owners` the users' row ids by external id."""
    plan, unchanged = Plan([], [], 0, [], {line_of[1].openid: line_of[0] for line_of in batch}), 0
    for line, row in batch:
        user, owner = stored.get(row.openid), owners.get(row.external_id or "")
        if owner is not None and (user is None or user.id != owner):
            plan.rejected.append((line, TAKEN))
        elif user is None:
            plan.new.append(row)
        elif row.external_id and user.external_id and row.external_id != user.external_id:
            plan.rejected.append((line, OTHER))
        else:
            change = _change(user, row)
            if change.is_empty:
                unchanged += 1
            else:
                plan.changes.append(change)
    return plan._replace(unchanged=unchanged)


def _change(user: Stored, row: ImportRow) -> Change:
    return Change(
        user,
        external_id=row.external_id if user.external_id is None else None,
        phone=row.phone if user.phone_index is None else None,
        profile=row.profile if user.profile_sealed is None else None,
        unionid=row.unionid if user.unionid_index is None else None,
        created_at=row.created_at if row.created_at and row.created_at < user.created_at else None,
    )
