"""Fills a database and Redis as half a year of logins would: users, sessions, events, acts."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, Insert, insert, select

from bench.filling import DEVICES, LIFETIMES, queued
from bench.question_pages import Known
from config import Settings
from wxlogin.accounts.blind_indexes import PHONE, aad, openid_purpose
from wxlogin.models import Alert, App, AuditEntry, LoginRecord, SecurityEvent, SessionEnd, User
from wxlogin.redisdb.cluster import Server
from wxlogin.sessions import Draft, SessionStore, TokenRef, Tokens
from wxlogin.sessions.tokens import new_public_id
from wxlogin.vault import BlindIndex, Vault

APPID = "wx0123456789abcdef"
OTHER = "wxfedcba9876543210"
SECRET = "9c1e7a40b25d83f6017e4bd9a8c3f562"
AT_ONCE = 5_000
DAYS = 180
SESSION_DAYS = 6
"""Live sessions are younger than the idle limit."""
PLATFORMS = ("ios", "android", "android", "ohos", "windows", "mac")
KINDS = (
    ("login.succeeded", 60),
    ("login.region_unusual", 3),
    ("login.rate_limited", 2),
    ("code.invalid", 10),
    ("token.forged", 10),
    ("decrypt.failed", 5),
    ("session_key.stale", 5),
    ("wechat.unavailable", 3),
    ("request.rate_limited", 2),
)
OF_ADDRESSES = frozenset({"code.invalid", "token.forged"})
BUSY, BUSY_SHARE = "198.51.100.9", 0.02
"""One address from which many come, such as a carrier's."""
ACTS = ("user.read", "user.kick", "user.ban", "user.unban", "user.reveal", "user.read_timeline")

Row = dict[str, Any]


def made_up(number: int) -> str:
    """Return an openid of WeChat's form."""
    return f"o{number:027}"


@dataclass(frozen=True)
class Size:
    """How many rows of each kind."""

    users: int = 100_000
    sessions: int = 300_000
    events: int = 1_000_000
    acts: int = 50_000
    alerts: int = 2_000
    story: int = 2_000
    """Logins, ends, events and acts of one user whose timeline is long."""
    deliveries: int = 50_000


class Filler:
    """Makes rows under the keys of the settings; the same ones at each run."""

    def __init__(self, settings: Settings, now: float, openid: Callable[[int], str]) -> None:
        self.openid = openid
        self._vault = Vault(settings.data_keys)
        self._index = BlindIndex(settings.index_keys)
        self._secret_keys = settings.secret_keys
        self._now = now
        self._random = random.Random(17)
        self._public_ids: list[str] = []

    def fill(self, sql: Engine, redis: Server, size: Size) -> None:
        """Write everything; the tables are there and empty."""
        with sql.begin() as connection:
            connection.execute(insert(App), [self._app(APPID), self._app(OTHER)])
            apps = [row.id for row in connection.execute(select(App.id).order_by(App.id))]
        write(sql, insert(User), (self._user(n, apps[n % 2], size) for n in range(size.users)))
        with sql.connect() as connection:
            ids: Mapping[str, int] = dict(
                connection.execute(select(User.public_id, User.id)).tuples().all()
            )
        story = self._story(size.story)
        refs = [*story, *self._sessions(redis, size.sessions)]
        write(sql, insert(LoginRecord), (self._login(ids, *ref) for ref in refs))
        write(sql, insert(SessionEnd), (self._end(ids, *ref) for ref in refs[::3]))
        write(sql, insert(SecurityEvent), self._events(size))
        write(sql, insert(AuditEntry), (self._act(n, size) for n in range(size.acts)))
        write(sql, insert(Alert), (self._alert(n, size) for n in range(size.alerts)))

    def known(self, size: Size, session: str, request: str, webhook: str) -> Known:
        """Return what is asked for, with the ids of a login and of the webhook."""
        number = size.users // 2 + 1
        return Known(
            now=self._now,
            user=self.somebody,
            storied=self.storied,
            appid=APPID,
            openid=self.openid(number),
            phone=self.phone(number),
            external_id=f"member-{number}",
            session=session,
            request=request,
            busy=BUSY,
            webhook=webhook,
        )

    @property
    def somebody(self) -> str:
        """The public id of a user in the middle."""
        return self._public_ids[len(self._public_ids) // 2]

    @property
    def storied(self) -> str:
        """The public id of the user whose timeline is long."""
        return self._public_ids[0]

    def phone(self, number: int) -> str:
        """Return the phone number of a user."""
        return f"138{number:08}"

    def _app(self, appid: str) -> Row:
        sealed = self._vault.seal(SECRET, f"app.secret_sealed:{appid}")
        return {
            "appid": appid,
            "name": f"Shop {appid[-4:]}",
            "secret_sealed": sealed,
            "created_at": self._at(DAYS),
            "status": "active",
        }

    def _story(self, count: int) -> Iterator[tuple[TokenRef, float]]:
        """Yield past logins of one user, oldest first, half an hour apart."""
        for number in range(count):
            at = self._now - SESSION_DAYS * 86_400 - 1_800 * (count - number)
            yield TokenRef(self.storied, new_public_id(), b""), at

    def _user(self, number: int, app: int, size: Size) -> Row:
        public_id, appid = new_public_id(), (APPID, OTHER)[number % 2]
        self._public_ids.append(public_id)
        phone = json.dumps({"purePhoneNumber": self.phone(number), "countryCode": "86"})
        at = self._at(DAYS - DAYS * number / size.users)
        return {
            "public_id": public_id,
            "app_id": app,
            "openid_sealed": self._vault.seal(self.openid(number), aad("openid_sealed", public_id)),
            "openid_index": self._digest(self.openid(number), openid_purpose(appid)),
            "index_key": self._index.newest,
            "phone_sealed": self._vault.seal(phone, aad("phone_sealed", public_id)),
            "phone_index": self._digest(f"+86{self.phone(number)}", PHONE),
            "profile_sealed": self._vault.seal(
                json.dumps({"nickName": f"User {number}"}), aad("profile_sealed", public_id)
            ),
            "person": new_public_id(),
            "external_id": f"member-{number}",
            "ban_reason": "spam" if number % 500 == 0 else None,
            "created_at": at,
            "last_login_at": at,
        }

    def _sessions(self, redis: Server, count: int) -> Iterator[tuple[TokenRef, float]]:
        """Make sessions in Redis, oldest first; yield each and when it began."""
        tokens, clock = Tokens(self._secret_keys), _Clock(self._now)
        with queued(redis) as scripts:
            store = SessionStore(scripts, clock, LIFETIMES, DEVICES)
            for number in range(count):
                public_id = self._public_ids[number * 7919 % len(self._public_ids)]
                clock.now = self._now - SESSION_DAYS * 86_400 * (1 - number / count)
                _token, ref = tokens.mint(public_id)
                platform = PLATFORMS[number % len(PLATFORMS)]
                store.create(ref, Draft(APPID, platform, "a phone", "", self._address()), None)
                yield ref, clock.now

    def _login(self, ids: Mapping[str, int], ref: TokenRef, at: float) -> Row:
        moment = datetime.fromtimestamp(at, UTC)
        return {
            "user_id": ids[ref.owner],
            "session_id": ref.sid,
            "at": moment,
            "ip": self._address(),
            "platform": self._random.choice(PLATFORMS),
            "device_name": "a phone",
            "region": "广东省 深圳市",
            "expires_at": datetime.fromtimestamp(at + LIFETIMES.idle_ttl, UTC),
            "last_at": datetime.fromtimestamp(at + LIFETIMES.max_age, UTC),
            "request_id": new_public_id(),
        }

    def _end(self, ids: Mapping[str, int], ref: TokenRef, at: float) -> Row:
        """Return the end of another session of the same user."""
        return {
            "user_id": ids[ref.owner],
            "session_id": new_public_id(),
            "at": datetime.fromtimestamp(at, UTC),
            "why": "replaced",
            "by": ref.sid,
            "reason": "",
            "request_id": new_public_id(),
        }

    def _events(self, size: Size) -> Iterator[Row]:
        """Yield events; of one kind, subject and minute there is one row."""
        seen = set()
        for number in range(size.events):
            row = self._event(number, size)
            place = row["kind"], row["subject"], row["minute"]
            if place not in seen:
                yield row
            seen.add(place)

    def _event(self, number: int, size: Size) -> Row:
        kind = self._random.choices(*zip(*KINDS, strict=True))[0]
        public_id, address = self._random.choice(self._public_ids), self._address()
        if number % 100 == 0 and number < 100 * size.story:
            public_id = self.storied
        at = self._at(DAYS * (1 - number / size.events))
        of_app, of_address = kind.startswith("wechat."), kind in OF_ADDRESSES
        return {
            "kind": kind,
            "subject": APPID if of_app else address if of_address else public_id,
            "minute": int(at.timestamp()) // 60,
            "user": None if of_app or of_address else public_id,
            "app": self._random.choice((APPID, OTHER)),
            "address": address,
            "request_id": new_public_id(),
            "count": 1,
            "first_at": at,
            "last_at": at,
            "detail": "{}",
        }

    def _act(self, number: int, size: Size) -> Row:
        return {
            "number": number + 1,
            "at": self._at(DAYS * (1 - number / size.acts)),
            "actor": f"admin:operator-{number % 12}",
            "act": self._random.choice(ACTS),
            "target": f"user:{self._whom(number)}",
            "outcome": "done",
            "reason": "",
            "detail": "{}",
            "address": "192.0.2.7",
            "request_id": new_public_id(),
            "key_id": "bench",
            "mac": f"{number:064}",
        }

    def _whom(self, number: int) -> str:
        """Return the user of an act; every twentieth is one of the long story."""
        return self._random.choice(self._public_ids) if number % 20 else self.storied

    def _alert(self, number: int, size: Size) -> Row:
        at = self._at(DAYS * (1 - number / size.alerts))
        return {
            "rule": "fail_ip",
            "subject": f"{self._address()} {number}",
            "hour": int(at.timestamp()) // 3600,
            "at": at,
            "detail": json.dumps({"count": 201, "window": 600, "most": 200}),
            "attempts": 0,
            "acknowledged_at": None if number % 40 == 0 else at,
            "acknowledged_by": None if number % 40 == 0 else "admin:operator-1",
        }

    def _at(self, days_ago: float) -> datetime:
        return datetime.fromtimestamp(self._now - 86_400 * days_ago, UTC)

    def _address(self) -> str:
        if self._random.random() < BUSY_SHARE:
            return BUSY
        return f"198.51.{self._random.randrange(256)}.{self._random.randrange(256)}"

    def _digest(self, value: str, purpose: str) -> str:
        return self._index.digests(value, purpose)[0].digest


class _Clock:
    """A clock that stands where it is put."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def write(sql: Engine, statement: Insert, rows: Iterable[Row]) -> None:
    """Insert rows, many at once."""
    some: list[Row] = []
    with sql.begin() as connection:
        for row in rows:
            some.append(row)
            if len(some) == AT_ONCE:
                connection.execute(statement, some)
                some = []
        if some:
            connection.execute(statement, some)
