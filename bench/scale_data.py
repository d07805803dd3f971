"""Many users, sessions and logins, copied inside PostgreSQL and Redis from some that are real.

A copy has rows and keys of the same sizes as its original, and ids of its own. Its sealed values
open for nobody; who is asked about is one of the originals.
"""

from __future__ import annotations

import hashlib
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from redis import Redis
from sqlalchemy import Connection, Engine, text

from bench.databases import wait_for_long_statements
from bench.question_data import BUSY, DAYS
from wxlogin.redisdb import keys
from wxlogin.sessions.live import SHARDS

AT_ONCE = 100
CHUNK = 500_000
TABLES = ("user", "login_record", "security_event")

COPY = """
for n = 2, #ARGV do
  for from = 1, #KEYS do
    local to = string.gsub(KEYS[from], ARGV[1], ARGV[n], 1)
    redis.call('COPY', KEYS[from], to)
  end
end
"""
"""Copies the keys of a user to other users; their public ids are made of letters and digits."""

USERS = """
INSERT INTO "user" (public_id, app_id, openid_sealed, openid_index, index_key, phone_sealed,
  phone_index, profile_sealed, person, external_id, created_at, last_login_at)
SELECT substr(md5('user' || n), 1, 22), app_id, openid_sealed, md5('a' || n) || md5('b' || n),
  index_key, phone_sealed, md5('c' || n) || md5('d' || n), profile_sealed,
  substr(md5('person' || n), 1, 22), 'copy-' || n, created_at, last_login_at
FROM generate_series(CAST({first} AS bigint), {last}) AS n
  JOIN "user" AS original ON original.id = 1 + n % {real}
"""

LOGINS = """
INSERT INTO login_record (user_id, session_id, at, ip, platform, device_name, region, expires_at,
  last_at, request_id)
SELECT 1 + n * 7919 % {users}, substr(md5('s' || n), 1, 22), moment,
  CASE WHEN n % 50 = 0 THEN '{busy}' ELSE '198.51.' || n % 251 || '.' || n % 241 END,
  'ios', 'a phone', '广东省 深圳市',
  moment + interval '7 days', moment + interval '30 days', substr(md5('r' || n), 1, 22)
FROM generate_series(CAST({first} AS bigint), {last}) AS n,
  LATERAL (SELECT date_trunc('second', timestamp '{began}' + n * {step} * interval '1 second')
    AS moment) AS at
"""

EVENTS = """
INSERT INTO security_event (kind, subject, minute, "user", app, address, request_id, count,
  first_at, last_at, detail)
SELECT (ARRAY['login.succeeded', 'code.invalid', 'decrypt.failed'])[1 + n % 3],
  substr(md5('user' || n), 1, 22), CAST(extract(epoch FROM moment) AS bigint) / 60,
  substr(md5('user' || n), 1, 22), 'wx0123456789abcdef',
  CASE WHEN n % 50 = 0 THEN '{busy}' ELSE '198.51.' || n % 251 || '.' || n % 241 END,
  substr(md5('r' || n), 1, 22), 1, moment, moment, '{{}}'
FROM generate_series(CAST({first} AS bigint), {last}) AS n,
  LATERAL (SELECT date_trunc('second', timestamp '{began}' + n * {step} * interval '1 second')
    AS moment) AS at
"""


def copied_id(number: int) -> str:
    """Return the public id of a copied user, as PostgreSQL makes it."""
    return hashlib.md5(f"user{number}".encode(), usedforsecurity=False).hexdigest()[:22]


def copy_rows(sql: Engine, real: int, users: int, logins: int, events: int) -> None:
    """Copy users until there are so many, and write logins and events of half a year."""
    with sql.begin() as connection, _without_indexes(connection, *TABLES):
        wait_for_long_statements(connection)
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL session_replication_role = replica"))  # no foreign keys
        for first, last in _chunks(users - real):
            connection.execute(text(USERS.format(first=first, last=last, real=real)))
        began = connection.scalar(text(f"SELECT timezone('UTC', now()) - interval '{DAYS} days'"))
        for statement, count in ((LOGINS, logins), (EVENTS, events)):
            step = DAYS * 86_400 / max(count, 1)
            for first, last in _chunks(count):
                times = {"step": step, "began": began, "busy": BUSY}
                filled = statement.format(first=first, last=last, users=users, **times)
                connection.execute(text(filled))
                print(f"{last + 1:,} of {count:,} rows", flush=True)


def copy_sessions(url: str, real: Sequence[str], users: int) -> None:
    """Copy the sessions of these users to copied ones until there are so many users."""
    redis: Redis = Redis.from_url(url, decode_responses=True)  # it waits as long as it takes
    script = redis.register_script(COPY)
    for place, public_id in enumerate(real):
        index = keys.index(public_id)
        sids = [str(sid) for sid in redis.zrange(index, 0, -1)]
        own = [index, *(keys.session(public_id, sid) for sid in sids)]
        began = [int(redis.hget(key, "created") or 0) for key in own[1:]]
        public_ids = [copied_id(n) for n in range(place, users - len(real), len(real))]
        for start in range(0, len(public_ids), AT_ONCE):
            some = public_ids[start : start + AT_ONCE]
            script(own, [public_id.replace("-", "%-"), *some])
            shards: dict[int, dict[str, int]] = defaultdict(dict)
            for other in some:
                entries = {f"{other}.{sid}": at for sid, at in zip(sids, began, strict=True)}
                shards[zlib.crc32(other.encode()) % SHARDS] |= entries
            with redis.pipeline(transaction=False) as pipe:
                for shard, entries in shards.items():
                    pipe.zadd(keys.live(shard), entries)
                pipe.execute()


def _chunks(count: int) -> Iterator[tuple[int, int]]:
    for first in range(0, count, CHUNK):
        yield first, min(first + CHUNK, count) - 1


@contextmanager
def _without_indexes(connection: Connection, *tables: str) -> Iterator[None]:
    """Drop the indexes that no constraint needs, and make them again: faster than to keep them."""
    wanted = text("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(:tables)")
    plain = connection.execute(wanted, {"tables": list(tables)}).tuples().all()
    dropped = [(name, made) for name, made in plain if name.startswith("ix_")]
    for name, _made in dropped:
        connection.execute(text(f'DROP INDEX "{name}"'))
    yield
    for _name, made in dropped:
        connection.execute(text(made))
