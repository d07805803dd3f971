"""Passwords of admins: argon2id, off gevent's event loop, and what is too weak to be one."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar, cast

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from gevent import get_hub
from gevent.monkey import is_module_patched
from zxcvbn import zxcvbn

from wxlogin import errors
from wxlogin.errors import ApiError

SHORTEST = 12
LONGEST = 128
LOOKED_AT = 32
LEAST_SCORE = 3
OURS = ["wxlogin", "wechat", "weixin"]
"""Words that everybody would try here first."""
AT_ONCE = 4
"""A hash takes 19 MiB and 24 ms of a core; more at once would only wait for each other."""
TURN_SECONDS = 5.0

T = TypeVar("T")


class Passwords:
    """Hashes and checks passwords, a few at once in a worker."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self._nobody = ""

    def hash(self, password: str) -> str:
        """The hash to keep."""
        with self._turn():
            return _off_the_loop(lambda: self._hasher.hash(password))

    def holds(self, password: str, kept: str | None) -> bool:
        """Whether it is the password of a hash. None (no such account) takes as long as any."""
        self._nobody = self._nobody or self.hash(secrets.token_urlsafe(32))
        with self._turn():
            return _off_the_loop(lambda: self._verified(password, kept or self._nobody))

    def weakness(self, password: str, name: str) -> str | None:
        """As the function; symbols that may stand for letters cost it half a second."""
        with self._turn():
            return _off_the_loop(lambda: weakness(password, name))

    def _verified(self, password: str, kept: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._turns.acquire(timeout=TURN_SECONDS):
            raise ApiError(errors.RATE_LIMITED, retry_after=int(TURN_SECONDS))
        try:
            yield
        finally:
            self._turns.release()


def weakness(password: str, name: str) -> str | None:
    """Why a password is refused, in words that go on from "password"; None where it is good.

    The lists of breached passwords, of names and of words are those of zxcvbn. Its work grows with
    the length, so it looks at the beginning of a long one.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        return f"should have {SHORTEST} to {LONGEST} characters"
    if name.casefold() in password.casefold():
        return "should not hold the name"
    if int(zxcvbn(password[:LOOKED_AT], user_inputs=OURS)["score"]) < LEAST_SCORE:
        return "is easy to guess, or stands in lists of breached passwords"
    return None


def random_password() -> str:
    """A password that nobody has to think of: 120 random bits."""
    return secrets.token_urlsafe(15)


def _off_the_loop(work: Callable[[], T]) -> T:
    """Do the work in a thread of gevent's where gevent runs the worker; else here.

    The hash lets go of Python's lock, so that other threads go on beside it.
    """
    if is_module_patched("threading"):
        return cast("T", get_hub().threadpool.apply(work))
    return work()
