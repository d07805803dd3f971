"""PgBouncer in transaction mode: PostgreSQL's connections change hands at each transaction."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from tests.deploy.harness import pgbouncer
from tests.deploy.harness.pgbouncer import PgBouncer
from tests.deploy.harness.upgrades import HEAD, HELD, killed, said, shape, upgrade
from tests.harness.databases import DatabaseServer
from tests.harness.gunicorn_server import under_gunicorn
from tests.harness.phone import Phone
from tests.harness.site import Site
from wxlogin.database import connecting
from wxlogin.extensions import db

ON = {"DATABASE_PGBOUNCER": "on"}


@pytest.fixture
def direct(postgresql_server: DatabaseServer) -> str:
    """The URL of an empty database, past PgBouncer."""
    return postgresql_server.database()


@pytest.fixture
def bouncer(direct: str) -> Iterator[PgBouncer]:
    """A PgBouncer before the database."""
    with pgbouncer.before(direct) as running:
        if running is None:
            pytest.skip("pgbouncer is not installed (apt-get install pgbouncer)")
        yield running


@pytest.fixture
def site(bouncer: PgBouncer, make_site: Callable[..., Site]) -> Site:
    """A site on a database that was migrated through PgBouncer."""
    assert said(upgrade(bouncer.url, **ON)).endswith(f"The database is at {HEAD}.\n")
    return make_site(WXLOGIN_DATABASE_URL=bouncer.url, WXLOGIN_DATABASE_PGBOUNCER="on")


def test_two_workers_serve_a_hundred_logins_at_once(site: Site) -> None:
    phones = [Phone(site, user=f"user{n % 40}") for n in range(100)]
    codes = [phone.code() for phone in phones]
    with under_gunicorn(site, **ON) as address, ThreadPoolExecutor(100) as pool:

        def login(code: str) -> requests.Response:
            return requests.post(f"{address.url}/v1/login", json={"code": code}, timeout=30)

        answers = list(pool.map(login, codes))
    assert [answer.status_code for answer in answers] == [200] * 100
    site.tokens |= {answer.json()["token"] for answer in answers}
    with site.app.app_context(), db.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM login_record")) == 100
        assert connection.scalar(text('SELECT count(*) FROM "user"')) == 40


def test_without_the_setting_it_refuses(bouncer: PgBouncer) -> None:
    """What goes wrong is said, as it is by any server."""
    process = upgrade(bouncer.url)
    sentence, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "The database cannot be reached" in sentence
    assert "unsupported startup parameter" in sentence


def test_two_upgrades_wait_for_each_other(bouncer: PgBouncer, direct: str) -> None:
    first = upgrade(bouncer.url, "12", **ON)
    assert first.stdout
    assert first.stdin
    while HELD not in first.stdout.readline():
        assert first.poll() is None
    second = upgrade(bouncer.url, **ON)
    assert second.stdout
    assert second.stdout.readline() == "Another upgrade is running; waiting for it to end.\n"
    first.stdin.write("\n")
    first.stdin.flush()
    assert said(first).endswith(f"The database is at {HEAD}.\n")
    assert said(second) == f"The database is already at {HEAD}.\n"
    engine = create_engine(direct)
    assert {"user", "audit_entry"} < set(shape(engine))
    engine.dispose()


@pytest.mark.parametrize("moment", [9, 26])
def test_an_upgrade_that_was_killed_leaves_nothing_half_done(
    bouncer: PgBouncer, moment: int
) -> None:
    assert killed(bouncer.url, moment, **ON) == -signal.SIGKILL
    assert said(upgrade(bouncer.url, **ON)).endswith(f"The database is at {HEAD}.\n")


def test_an_upgrade_that_fails_leaves_nothing_and_says_so(bouncer: PgBouncer, direct: str) -> None:
    engine = create_engine(direct)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE alert (id INTEGER PRIMARY KEY, mine INTEGER)"))
    process = upgrade(bouncer.url, **ON)
    sentence, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert sentence.endswith("Nothing was changed.\n")
    assert set(shape(engine)) == {"alert"}
    engine.dispose()


def test_requests_keep_their_deadline(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "STATEMENT_SECONDS", 1)
    with site.app.app_context():
        with (
            pytest.raises(DBAPIError, match="statement timeout"),
            db.engine.connect() as connection,
        ):
            connection.execute(text("SELECT pg_sleep(5)"))
        with db.engine.connect() as connection:
            assert connection.scalar(text("SELECT 1")) == 1


def test_a_statement_of_an_engine_apart_may_take_longer(
    bouncer: PgBouncer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connecting, "STATEMENT_SECONDS", 1)
    engine = connecting.separate_engine(bouncer.url, 60, pgbouncer=True)
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_sleep(1.5)"))
    engine.dispose()
