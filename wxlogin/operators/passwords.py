"""Passwords of admins: argon2id hashes outside of gevent's event loop, and password strength."""

from __future__ import annotations

import secrets
import threading
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar, cast

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from gevent import get_hub
from gevent.monkey import is_module_patched

from wxlogin.operators.errors import PasswordsBusy
from wxlogin.operators.password_strength import is_guessable

MIN_LENGTH = 12
MAX_LENGTH = 128
CONCURRENCY = 4
"""A hash takes 19 MiB and 24 ms of a core; more at a time would only wait for each other."""
WAIT_SECONDS = 5.0

T = TypeVar("T")


class Passwords:
    """Hashes and verifies passwords, a few at a time in each worker."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._slots = threading.BoundedSemaphore(CONCURRENCY)
        self._dummy_hash = ""

    def hash(self, password: str) -> str:
        """Return the hash to store; PasswordsBusy if too many wait."""
        with self._slot():
            return _in_thread(lambda: self._hasher.hash(_normal(password)))

    def verify(self, password: str, stored: str | None) -> bool:
        """Return whether the password matches the stored hash; PasswordsBusy if too many wait.

        None (there is no such account) takes as long as any hash.
        """
        self._dummy_hash = self._dummy_hash or self.hash(secrets.token_urlsafe(32))
        with self._slot():
            return _in_thread(lambda: self._matches(password, stored or self._dummy_hash))

    def weakness(self, password: str, name: str) -> str | None:
        """Call the function of this name, which may take half a second; PasswordsBusy as above."""
        with self._slot():
            return _in_thread(lambda: weakness(password, name))

    def _matches(self, password: str, stored: str) -> bool:
        try:
            return self._hasher.verify(stored, _normal(password))
        except (VerificationError, InvalidHashError):
            return False

    @contextmanager
    def _slot(self) -> Iterator[None]:
        if not self._slots.acquire(timeout=WAIT_SECONDS):
            raise PasswordsBusy(retry_after=int(WAIT_SECONDS))
        try:
            yield
        finally:
            self._slots.release()


def weakness(password: str, name: str) -> str | None:
    """Return why a password is too weak, as a phrase that follows "password"; None if it is not.

    The lists of breached passwords, names and words are zxcvbn's.
    """
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        return f"should have {MIN_LENGTH} to {MAX_LENGTH} characters"
    if name.casefold() in password.casefold():
        return "should not hold the name"
    if is_guessable(password):
        return "is easy to guess, or stands in lists of breached passwords"
    return None


def _normal(password: str) -> str:
    """Return one form of what keyboards compose in several: é may come as one character or two."""
    return unicodedata.normalize("NFC", password)


def random_password() -> str:
    """Return a random password of 120 bits."""
    return secrets.token_urlsafe(15)


def _in_thread(work: Callable[[], T]) -> T:
    """Run the work in gevent's thread pool if gevent runs this worker, otherwise right here.

    Hashing releases the GIL, so that other threads continue meanwhile.
    """
    if is_module_patched("threading"):
        return cast("T", get_hub().threadpool.apply(work))
    return work()
