"""Reconciliation: ends in Redis what SQL says was ended for good.

Redis may have been restored from a copy, or a replica that lagged took over. Then sessions live
again that a ban, an erasure, a disabled mini-program or an end of all sessions had ended.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import Engine

from wxlogin.accounts import reconciliation_queries
from wxlogin.accounts.applied_changes import AppliedChanges
from wxlogin.accounts.reconciliation_queries import ChangedApp, VoidUser
from wxlogin.clock import Clock, milliseconds
from wxlogin.plural import plural
from wxlogin.sessions import SessionStore

MIN_AGE_SECONDS = 2_592_000
"""How far back it looks at least: sessions may have begun under a longer maximum age."""

logger = logging.getLogger(__name__)


class Progress(NamedTuple):
    """How many users were looked at, and how many of their sessions ended."""

    users: int
    ended: int


class Reconciliation:
    """Applies SQL's word to Redis, batch by batch."""

    def __init__(
        self, sql: Engine, sessions: SessionStore, applied: AppliedChanges, clock: Clock
    ) -> None:
        self._sql = sql
        self._sessions = sessions
        self._applied = applied
        self._clock = clock

    def run_whole(self) -> None:
        """Run it to its end, and log how many sessions ended."""
        *_, total = Progress(0, 0), *self.run()
        logger.log(
            logging.WARNING if total.ended else logging.INFO,
            "Redis is not the one that was left; of %s that the database names, %s ended again",
            plural(total.users, "user"),
            plural(total.ended, "session"),
        )

    def run(self) -> Iterator[Progress]:
        """End what was ended for good, and yield the progress after each batch.

        It ends no other session. It may be stopped, repeated, and run beside everything else.
        """
        total = Progress(0, 0)
        for batch in self._batches():
            total = Progress(total.users + batch.users, total.ended + batch.ended)
            yield total

    def _batches(self) -> Iterator[Progress]:
        now = milliseconds(self._clock)
        since = now - max(self._sessions.lifetimes.max_age, MIN_AGE_SECONDS) * 1000
        for public_ids in reconciliation_queries.erased_users(self._sql, since):
            yield Progress(len(public_ids), self._sessions.block_all(public_ids, "erased"))
        for users in reconciliation_queries.void_users(self._sql, since, now):
            yield Progress(len(users), self._end_users(users))
        for app in reconciliation_queries.changed_apps(self._sql, since):
            if not self._applied.has(app.appid, app.change):
                yield from self._end_app(app)
                self._applied.note(app.appid, app.change)

    def _end_users(self, users: Sequence[VoidUser]) -> int:
        """End the void sessions of users; set the marks of bans in force, lift those of others."""
        bans = [(user.public_id, user.ban.until_ms, user.change) for user in users if user.ban]
        others = {user.public_id: user.change for user in users if not user.ban}
        ended = self._sessions.block_each(bans, "banned")
        ended += self._sessions.end_created_before(
            {public_id: one.void_before for public_id, one in others.items()}
        )
        for public_id, change in others.items():
            if change.version:
                self._sessions.unblock(public_id, "banned", change.version)
        return ended

    def _end_app(self, app: ChangedApp) -> Iterator[Progress]:
        # Where somebody is enabling it just now, its version is theirs, and theirs has to win.
        disabling = app.change._replace(version=max(app.change.version - 1, 0))
        for public_ids in reconciliation_queries.users_of_app(self._sql, app.id):
            if app.disabled:
                ended = self._sessions.block_all(public_ids, "app", disabling)
            else:
                ended = self._sessions.end_created_before(
                    dict.fromkeys(public_ids, app.change.void_before)
                )
                self._sessions.unblock_all(public_ids, "app", app.change.version)
            yield Progress(len(public_ids), ended)
