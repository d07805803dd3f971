"""First logins: the user is created, and WeChat's risk rank is learned.

A login waits for the rank only where the settings refuse users of a rank. A rank that WeChat does
not tell refuses nobody: it is advice, and WeChat's faults must not keep people out.
"""

from __future__ import annotations

import atexit
import logging
import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import NamedTuple

from sqlalchemy import Engine, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from wxlogin.accounts.errors import UserRisky
from wxlogin.accounts.risk_ranks import NewUser, Risk, RiskRanks
from wxlogin.accounts.user_refs import UserRef
from wxlogin.accounts.users import Users
from wxlogin.background_task import BackgroundTask
from wxlogin.models import User
from wxlogin.outbox import EventType, Outbox

LANES = 4
"""Calls at a time, of one worker, for users who are logged in already."""
MAX_WAITING = 1_000

Rank = Future[int | None]
"""A user's rank once WeChat was asked, None if it told none."""

logger = logging.getLogger(__name__)


class RiskPolicy(NamedTuple):
    """Whether WeChat is asked at all, and the rank from which it refuses; 0 refuses nobody."""

    ask: bool
    refuse: int


class FirstLogins:
    """Creates users, and asks for their rank: before that if a rank refuses, else behind it.

    Who waits in memory when a worker dies is not asked about; the event of that user is told
    without a rank. A forked child starts empty.
    """

    def __init__(
        self,
        sql: Engine,
        current_session: Callable[[], Session],
        users: Users,
        outbox: Outbox,
        ranks: RiskRanks,
        policy: RiskPolicy,
        write_events: Callable[[], None],
    ) -> None:
        """`write_events` writes what was recorded, at the end of `stop`."""
        self._sql = sql
        self._current_session = current_session
        self._users = users
        self._outbox = outbox
        self._ranks = ranks
        self._policy = policy
        self._write_events = write_events
        self._lanes = [BackgroundTask(f"risk-{number}", self.run) for number in range(LANES)]
        self._waiting: deque[tuple[NewUser, str, Rank]] = deque()
        self._reset()

    def create(self, new: NewUser) -> tuple[UserRef, Rank]:
        """Create the user; return the rank too, which may be known later.

        Raises UserRisky, and creates nothing, if the rank is one that the settings refuse.
        """
        if self._policy.refuse:
            risk = Risk(self._judge(new))
        else:
            risk = Risk(awaited=self._policy.ask and not self._ranks.is_paused(new.app.appid))
        user = self._users.get_or_create(new.app, new.openid, new.unionid, risk)
        if risk.awaited and user.is_new:
            return user, self._ask_later(new, user.public_id)
        return user, known(risk.rank if user.is_new else None)

    def run(self) -> None:
        """Ask about all who wait, one after the other."""
        while self._waiting:
            try:
                new, user, rank = self._waiting.popleft()
            except IndexError:  # another lane was faster
                return
            found = None
            try:
                found = self._ranks.ask(new)
                self._store(user, found)
            except SQLAlchemyError as fault:
                logger.warning("a risk rank is not stored: %s", type(fault).__name__)
            finally:
                rank.set_result(found)

    def stop(self) -> None:
        """Ask about nobody further; logins whose rank is not known by then are recorded without."""
        if self._process != os.getpid():
            return
        atexit.unregister(self.stop)
        self._stopped = True
        for lane in self._lanes:
            lane.refuse_new()
        waiting, self._waiting = self._waiting, deque()
        for lane in self._lanes:
            lane.stop()
        for _new, _user, rank in waiting:
            rank.set_result(None)
        self._write_events()

    def _reset(self) -> None:
        self._process = os.getpid()
        self._waiting = deque()
        self._stopped = self._stops_at_exit = False

    def _judge(self, new: NewUser) -> int | None:
        """Return the rank, None if it is not known; UserRisky if it is too high."""
        self._current_session().rollback()  # returns the connection to the pool
        rank = self._ranks.ask(new)
        if rank is not None and rank >= self._policy.refuse:
            raise UserRisky(rank)
        return rank

    def _ask_later(self, new: NewUser, user: str) -> Rank:
        if self._process != os.getpid():
            self._reset()
        if self._stopped or len(self._waiting) >= MAX_WAITING:
            return known(None)
        rank: Rank = Future()
        self._waiting.append((new, user, rank))
        if not self._stops_at_exit:
            self._stops_at_exit = True
            atexit.register(self.stop)
        for lane in self._lanes[: len(self._waiting)]:
            lane.schedule()
        return rank

    def _store(self, user: str, rank: int | None) -> None:
        """Keep the rank, and let the user's event go that waits for it."""
        with self._sql.begin() as connection:
            if rank is not None:
                own = User.public_id == user
                connection.execute(update(User).where(own).values(risk_rank=rank))
            data = {"risk_rank": rank}
            self._outbox.complete(connection, EventType.USER_CREATED, user, data)


def known(rank: int | None) -> Rank:
    """Return a rank that nobody has to wait for."""
    done: Rank = Future()
    done.set_result(rank)
    return done
