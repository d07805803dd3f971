"""The TLS certificate of WXLOGIN_PUBLIC_URL, as a caller gets it.

wxlogin stands behind a proxy that holds it, so it is looked at from outside. One worker
looks once an hour; what it saw stands in Redis for all.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Literal, cast
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError
from redis import Redis
from redis.exceptions import RedisError

from wxlogin.background_task import BackgroundTask
from wxlogin.clock import Clock
from wxlogin.redisdb import keys
from wxlogin.watch.events import CertificateEnds, Event

CONNECT_SECONDS = 3.0
ENDING_DAYS = 21
"""The usual tools renew a month before the end: with fewer days left they have failed."""
URGENT_DAYS = 7
DAY = 86_400
POLL_SECONDS = 300.0
LOOK_MS = 3_600_000
KEPT_MS = 9 * DAY * 1000
"""Longer than the pause between two alerts, which is kept with it."""

Fault = Literal["expired", "not_yet_valid", "self_signed", "chain", "other_host", "invalid"]
VERIFY_CODES: dict[int, Fault] = {
    9: "not_yet_valid",
    10: "expired",
    18: "self_signed",
    19: "self_signed",
    20: "chain",
    21: "chain",
    62: "other_host",
    64: "other_host",
}
"""OpenSSL's X509_V_ERR_* codes that people meet; others are `invalid`."""


class Seen(BaseModel):
    """What was seen of a certificate at a time: its end, or why it is not valid.

    Without either, nothing answered.
    """

    at: float
    ends: float | None = None
    fault: Fault | None = None
    told: float = 0.0
    """When an event last told of it."""

    def days_left(self, now: float) -> int | None:
        """Return the whole days that are left, None if the end is not known."""
        return None if self.ends is None else int((self.ends - now) // DAY)

    def is_ending(self, now: float) -> bool:
        """Return whether somebody should look after it."""
        days = self.days_left(now)
        return self.fault is not None or (days is not None and days < ENDING_DAYS)


def read_end(url: str) -> float:
    """Return when the certificate of an https URL ends, after one TLS handshake.

    `ssl.SSLCertVerificationError` for a certificate that callers refuse, OSError if none came.
    """
    at = urlsplit(url)
    host = at.hostname or ""
    with (
        socket.create_connection((host, at.port or 443), CONNECT_SECONDS) as plain,
        ssl.create_default_context().wrap_socket(plain, server_hostname=host) as secure,
    ):
        return ssl.cert_time_to_seconds(str((secure.getpeercert() or {})["notAfter"]))


def look(url: str, now: float) -> Seen:
    """Look at the certificate of an https URL."""
    try:
        return Seen(at=now, ends=read_end(url))
    except ssl.SSLCertVerificationError as error:
        return Seen(at=now, fault=VERIFY_CODES.get(error.verify_code, "invalid"))
    except OSError:
        return Seen(at=now)


class CertificateWatch:
    """Looks at the certificate of the public URL, and tells when it ends.

    `host` is whose certificate that is, empty without an https URL.
    """

    def __init__(
        self, redis: Redis, public_url: str, clock: Clock, record: Callable[[Event], None]
    ) -> None:
        at = urlsplit(public_url)
        self.url = public_url
        self.host = at.hostname or "" if at.scheme == "https" else ""
        self._redis = redis
        self._place = at.netloc.replace(":", "/")
        self._clock = clock
        self._record = record
        self._task = BackgroundTask("certificate", self._take_turn)

    def start(self) -> None:
        """Look now and once an hour from here on, unless another worker does."""
        if self.host:
            self._task.schedule()

    def stop(self) -> None:
        """Look no further."""
        self._task.refuse_new()

    def latest(self) -> Seen | None:
        """Return what was seen last, None if nobody has looked yet."""
        stored = cast("str | None", self._redis.get(keys.certificate(self._place)))
        try:
            return Seen.model_validate_json(stored) if stored else None
        except ValidationError:  # of another version
            return None

    def look(self) -> None:
        """Look, note what was seen, and tell of a certificate that ends or that callers refuse."""
        now, before = self._clock(), self.latest()
        seen = look(self.url, now)
        seen.told = before.told if before else 0.0
        if seen.is_ending(now) and now - seen.told >= _pause(seen, now):
            seen.told = now
            days = seen.days_left(now)
            self._record(
                CertificateEnds(host=self.host, days_left=days or 0, fault=seen.fault or "")
            )
        self._redis.set(keys.certificate(self._place), seen.model_dump_json(), px=KEPT_MS)

    def _take_turn(self) -> None:
        """Look if it is time, and come back; a Redis that is out is tried again then."""
        self._task.schedule(POLL_SECONDS)
        with suppress(RedisError):
            turn = keys.certificate_turn(self._place)
            if self._redis.set(turn, "", nx=True, px=LOOK_MS):
                self.look()


def _pause(seen: Seen, now: float) -> int:
    """Return the seconds between two alerts: a day where it is urgent, else a week."""
    days = seen.days_left(now)
    return DAY if days is None or days < URGENT_DAYS else 7 * DAY
