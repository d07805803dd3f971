"""A private PgBouncer in transaction mode before one database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from tests.harness.databases import DatabaseServer, binary

POOL = 4
"""Connections to PostgreSQL: fewer than workers hold to PgBouncer, so that they change hands."""


class PgBouncer(DatabaseServer):
    """As Debian ships it: it refuses startup parameters that it does not know."""

    def __init__(self, program: Path, behind: str) -> None:
        super().__init__("postgres")
        self._program = program
        target = make_url(behind)
        self._name = target.database
        self.url = target.set(port=self.port).render_as_string(hide_password=False)
        (self.directory / "users").write_text('"wxlogin" ""\n')
        (self.directory / "pgbouncer.ini").write_text(
            f"[databases]\n{self._name} = host=127.0.0.1 port={target.port}\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {self.port}\n"
            "unix_socket_dir =\nauth_type = trust\n"
            f"auth_file = {self.directory}/users\n"
            f"pool_mode = transaction\ndefault_pool_size = {POOL}\nmax_client_conn = 200\n"
        )

    def _serve(self) -> Sequence[str | Path]:
        return [self._program, self.directory / "pgbouncer.ini"]

    def _execute(self, statement: str) -> None:
        address = f"postgresql://wxlogin@127.0.0.1:{self.port}/{self._name}"
        with psycopg.connect(address, connect_timeout=5, prepare_threshold=None) as connection:
            connection.execute(statement.encode())


@contextmanager
def before(database: str) -> Iterator[PgBouncer | None]:
    """A running PgBouncer before this database; None where it is not installed."""
    program = binary("pgbouncer")
    if program is None:
        yield None
        return
    bouncer = PgBouncer(program, database)
    try:
        bouncer.start()
        yield bouncer
    finally:
        bouncer.remove()
