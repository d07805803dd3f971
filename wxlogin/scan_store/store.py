"""The scans in Redis. A state changes by one atomic script; the program's clock judges each life.

The secret is kept as a digest alone, and compared here, in constant time, before anything changes.
"""

from __future__ import annotations

import re
import secrets
from typing import NamedTuple, cast

from redis.exceptions import RedisError

from wxlogin.clock import Clock, milliseconds
from wxlogin.limits.errors import RateLimited
from wxlogin.redisdb import Scripts, keys
from wxlogin.redisdb.replies import Reply, UnexpectedReply, integer, texts
from wxlogin.scan_store import records
from wxlogin.scan_store.errors import ScanExpired, ScanRefused, ScanSecretWrong
from wxlogin.scan_store.records import Browser, Scan, State

LIFE_MS = 180_000
INTERVAL = 2
"""Seconds that a page waits between two questions."""
BURST = 30
PER_SECOND = 1
"""How many questions a scan answers: a burst, and twice as many as its interval makes."""
MOST_PICTURES = 8
"""How often WeChat is asked for the picture of one scan: each worker keeps its own."""
KEPT_MS = 1_000
"""How much longer the record is kept, for clocks that differ."""

FORM = re.compile(r"[A-Za-z0-9_-]{22}")
"""Of an id: 22 of the characters that the scene of a 小程序码 may have, which are 32 at most."""
SECRET_PREFIX = "wxq_"  # noqa: S105

WAITS: tuple[State, ...] = ("waiting", "seen")
NOBODY = ("", "")


class Begun(NamedTuple):
    """A scan that began, and its secret, which is stored nowhere."""

    scan: Scan
    secret: str


class Moved(NamedTuple):
    """A scan after a call that changes its state, and the state before."""

    scan: Scan
    before: State


class ScanStore:
    """The scans of all mini-programs. Redis faults pass through.

    ScanExpired is raised for a scan that is unknown, too old or used, ScanRefused for one that was
    refused.
    """

    def __init__(self, scripts: Scripts, clock: Clock) -> None:
        self._scripts = scripts
        self._clock = clock

    def begin(self, app: str, browser: Browser) -> Begun:
        """Begin a scan of a mini-program."""
        now, secret = milliseconds(self._clock), SECRET_PREFIX + secrets.token_urlsafe(32)
        scan = Scan(
            id=secrets.token_urlsafe(16),
            state="waiting",
            app=app,
            began=now,
            deadline=now + LIFE_MS,
            browser=browser,
            secret_digest=records.digest_of(secret),
        )
        fields, life = records.encode(scan), LIFE_MS + KEPT_MS
        key, digest = keys.scan(scan.id), scan.secret_digest
        if not integer(self._scripts.call("begin_scan", [key], digest, life, *fields)):
            raise RedisError("another scan has this id")
        return Begun(scan, secret)

    def get(self, scan_id: str) -> Scan:
        """Return a scan that goes on: it waits, was seen or was confirmed."""
        scan = self._read(scan_id)
        if milliseconds(self._clock) >= scan.deadline:
            raise ScanExpired
        return _that_goes_on(scan)

    def left(self, scan: Scan) -> int:
        """Return for how many whole seconds it goes on."""
        return max(0, scan.deadline - milliseconds(self._clock)) // 1000

    def charge_picture(self, scan_id: str) -> None:
        """Count a question to WeChat for the picture; RateLimited beyond a few."""
        count, scan = self._charge(scan_id, "pictures")
        if count > MOST_PICTURES:
            raise RateLimited("scan_picture", self.left(scan) + 1)

    def ask(self, scan_id: str, secret: str) -> Scan:
        """Return the scan to the page that began it; RateLimited if it asks without a pause.

        ScanSecretWrong, which changes nothing, for another secret.
        """
        scan = self._read(scan_id)
        if milliseconds(self._clock) >= scan.deadline:
            raise ScanExpired
        if not scan.began_with(secret):
            raise ScanSecretWrong
        count, scan = self._charge(scan_id, "questions")
        passed = (milliseconds(self._clock) - scan.began) // 1000
        if count > BURST + PER_SECOND * passed:
            raise RateLimited("scan_questions", INTERVAL)
        return _that_goes_on(scan)

    def see(self, scan_id: str, app: str, user: str) -> Moved:
        """Mark a scan seen by the phone of a user of the app; one that they confirmed stays so."""
        return self._move(scan_id, WAITS, "seen", (app, user))

    def confirm(self, scan_id: str, app: str, user: str, session: str) -> Moved:
        """Confirm a scan by a user's session; again by the same user it changes nothing.

        Of two users who confirm at once one is the first, and for the other the scan is over.
        """
        own = ("user", user, "session", session)
        return self._move(scan_id, (*WAITS, "confirmed"), "confirmed", (app, user), own)

    def refuse(self, scan_id: str, app: str, user: str) -> Moved:
        """Refuse a scan, also one that this user has confirmed and no page has fetched."""
        return self._move(scan_id, (*WAITS, "confirmed"), "refused", (app, user))

    def claim(self, scan_id: str) -> str:
        """Use a confirmed scan up; return the claim, which only one caller gets."""
        claim = secrets.token_urlsafe(12)
        self._move(scan_id, ("confirmed",), "used", NOBODY, ("owner", claim))
        return claim

    def release(self, scan_id: str, claim: str) -> None:
        """Undo a claim: no session was made of the scan."""
        self._move(scan_id, ("used",), "confirmed", NOBODY, ("owner", claim))

    def _read(self, scan_id: str) -> Scan:
        if not FORM.fullmatch(scan_id):
            raise ScanExpired
        return _decoded(scan_id, self._scripts.call("read_scan", [keys.scan(scan_id)]))

    def _charge(self, scan_id: str, what: str) -> tuple[int, Scan]:
        now = milliseconds(self._clock)
        match self._scripts.call("charge_scan", [keys.scan(scan_id)], now, what):
            case ["counted", count, record]:
                return integer(count), _decoded(scan_id, record)
            case ["expired"]:
                raise ScanExpired
        raise UnexpectedReply("that of charge_scan.lua")

    def _move(
        self,
        scan_id: str,
        leading: tuple[State, ...],
        to: State,
        by: tuple[str, str],
        fields: tuple[str, ...] = (),
    ) -> Moved:
        """Move a scan from one of the states that lead there; `by` is an app and a user of it."""
        if not FORM.fullmatch(scan_id):
            raise ScanExpired
        args = (milliseconds(self._clock), f" {' '.join(leading)} ", to, *by, *fields)
        match self._scripts.call("move_scan", [keys.scan(scan_id)], *args):
            case ["moved", before, record]:
                return Moved(_decoded(scan_id, record), cast("State", before))
            case ["stays", before, record]:
                scan = _that_goes_on(_decoded(scan_id, record))
                if not by[1] or scan.user != by[1]:
                    raise ScanExpired
                return Moved(scan, cast("State", before))
            case ["expired"]:
                raise ScanExpired
        raise UnexpectedReply("that of move_scan.lua")


def _decoded(scan_id: str, record: Reply) -> Scan:
    scan = records.decode(scan_id, texts(record))
    if scan is None:
        raise ScanExpired
    return scan


def _that_goes_on(scan: Scan) -> Scan:
    if scan.state == "refused":
        raise ScanRefused
    if scan.state == "used":
        raise ScanExpired
    return scan
