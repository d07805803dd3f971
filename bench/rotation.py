"""Rotates the keys of many users, and says how fast that goes and what memory it takes.

    python -m bench.rotation             a million users in SQLite
    python -m bench.rotation 100000      fewer; behind the number a URL of an empty database

It prints the resident memory when a tenth is done and at the end: the two are equal.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, create_engine, insert

from wxlogin.accounts.blind_indexes import aad
from wxlogin.extensions import Base
from wxlogin.keyring.reindexing import reindex
from wxlogin.keyring.resealing import Step, reseal
from wxlogin.models import App, User
from wxlogin.sessions.tokens import new_public_id
from wxlogin.settings.values import DataKey
from wxlogin.vault import BlindIndex, Vault

APPID = "wx0123456789abcdef"
OLD, NEW = DataKey("old", b"\x01" * 32), DataKey("new", b"\x02" * 32)
AT_ONCE = 5_000


def main() -> None:
    """Fill a database, rotate both kinds of keys, print the figures."""
    users = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory(prefix="wxlogin-bench-") as name:
        url = sys.argv[2] if len(sys.argv) > 2 else f"sqlite:///{Path(name) / 'bench.sqlite3'}"
        sql = create_engine(url)
        fill(sql, users)
        vault, index = Vault([NEW, OLD]), BlindIndex([NEW, OLD])
        measure("rotate", reseal(sql, vault))
        measure("reindex", reindex(sql, vault, index))
        sql.dispose()


def fill(sql: Engine, users: int) -> None:
    """Make users with an openid and a profile under the old keys."""
    Base.metadata.create_all(sql)
    vault, index, now = Vault([OLD]), BlindIndex([OLD]), datetime.now(UTC)
    with sql.begin() as connection:
        secret = vault.seal("9c1e7a40b25d83f6017e4bd9a8c3f562", f"app.secret_sealed:{APPID}")
        app = {"appid": APPID, "name": "Bench", "secret_sealed": secret, "created_at": now}
        connection.execute(insert(App), [app])
    for start in range(0, users, AT_ONCE):
        rows = []
        for number in range(start, min(start + AT_ONCE, users)):
            public_id, openid = new_public_id(), f"o{number:027}"
            row = {"public_id": public_id, "app_id": 1, "created_at": now, "last_login_at": now}
            row["openid_sealed"] = vault.seal(openid, aad("openid_sealed", public_id))
            row["profile_sealed"] = vault.seal(
                '{"nickName":"..."}', aad("profile_sealed", public_id)
            )
            row["openid_index"] = index.digests(openid, f"openid:{APPID}")[0].digest
            rows.append({**row, "index_key": OLD.id})
        with sql.begin() as connection:
            connection.execute(insert(User), rows)


def measure(what: str, steps: Iterator[Step]) -> None:
    """Run to the end and print rate and memory."""
    began, early, last = time.perf_counter(), 0, Step(0, 0, 0)
    for last in steps:
        if not early and last.done * 10 >= last.total:
            early = resident()
    seconds = time.perf_counter() - began
    print(
        f"{what}: {last.done} of {last.total} in {seconds:.0f} s, {last.done / seconds:.0f} a "
        f"second, stuck {last.stuck}; {early // 1024} MiB after a tenth, {resident() // 1024} MiB "
        "at the end"
    )


def resident() -> int:
    """Return this process's resident memory in KiB."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise LookupError("VmRSS")


if __name__ == "__main__":
    main()
