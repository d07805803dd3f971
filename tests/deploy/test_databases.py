"""The whole way of a login on the databases of production."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import TypeVar

import pytest
from sqlalchemy import Connection, event, func, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from tests.harness.console import Operator
from tests.harness.crowd import together
from tests.harness.databases import DatabaseServer
from tests.harness.leaks import found
from tests.harness.metrics import Numbers
from tests.harness.phone import Phone
from tests.harness.readiness import becomes
from tests.harness.site import APPID, Site
from tests.harness.watched import held_back
from wxlogin.accounts.user_refs import UserRef
from wxlogin.database import postgres_connection, single_statement_engine
from wxlogin.database.connecting import separate_engine
from wxlogin.extensions import Base, db
from wxlogin.models import App, LoginRecord, User, WebhookEvent
from wxlogin.outbox.outbox import LOGIN_TYPES
from wxlogin.sessions import Draft
from wxlogin.sessions.errors import UserErased
from wxlogin.sessions.ids import Ids

PATH = "/sns/jscode2session"
Row = TypeVar("Row", bound=Base)


@pytest.fixture
def site(migrated_site: Site) -> Site:
    """A running wxlogin on each database in turn."""
    return migrated_site


def rows(site: Site, model: type[Row]) -> list[Row]:
    """All rows of a table."""
    with site.app.app_context():
        return list(db.session.scalars(select(model)))


def dump(site: Site) -> bytes:
    """Everything that the database holds, as text."""
    with site.app.app_context():
        tables = Base.metadata.tables.values()
        return repr([list(db.session.execute(select(table))) for table in tables]).encode()


def test_sign_in_call_and_sign_out(site: Site) -> None:
    phone = Phone(site, device_id="device-1", platform="ios", device_name="Alice 的手机 📱")
    assert phone.login()["user"]["is_new"] is True
    assert phone.ask("GET", "/v1/session").json()["session"]["device_name"] == "Alice 的手机 📱"
    (record,) = rows(site, LoginRecord)
    assert (record.device_name, record.platform) == ("Alice 的手机 📱", "ios")
    assert record.session_id == phone.session_id
    assert phone.logout() == 1
    assert phone.refusal() == "SESSION_REVOKED"
    assert phone.login()["user"] == {"id": rows(site, User)[0].public_id, "is_new": False}


def test_first_logins_at_once_make_one_user(site: Site) -> None:
    """WeChat keeps all of them waiting, so that they come to the database together."""
    phones = [Phone(site) for _ in range(10)]
    with site.sandbox.faults.hold(PATH) as hold, ThreadPoolExecutor(len(phones)) as pool:
        logins = [pool.submit(phone.try_login) for phone in phones]
        assert all(hold.arrived() for _ in phones)
        hold.set()
        answers = [login.result(timeout=20) for login in logins]
    site.tokens |= {answer.json()["token"] for answer in answers if answer.ok}
    assert [answer.status_code for answer in answers] == [200] * 10
    people = [answer.json()["user"] for answer in answers]
    assert len({person["id"] for person in people}) == 1
    assert sum(person["is_new"] for person in people) == 1
    assert [len(rows(site, model)) for model in (App, User, LoginRecord)] == [1, 1, 10]


def test_later_logins_at_once_do_not_get_in_each_others_way(site: Site) -> None:
    Phone(site).login()
    phones = [Phone(site) for _ in range(10)]
    answers = [login.status_code for login in together([phone.try_login for phone in phones])]
    assert answers == [200] * 10


def test_what_names_a_user_is_stored_sealed(site: Site) -> None:
    phone = Phone(site)
    phone.login()
    stored = dump(site)
    assert phone.user_id.encode() in stored
    assert found(site.secrets | site.tokens, [stored]) == []
    (user,) = rows(site, User)
    assert user.openid_sealed.startswith("d1.")
    assert user.index_key == "i1"
    assert len(bytes.fromhex(user.openid_index)) == 32


def test_ids_are_equal_only_to_the_letter(site: Site) -> None:
    Phone(site).login()
    (user,) = rows(site, User)
    columns = {
        User.public_id: user.public_id.swapcase(),
        User.openid_index: user.openid_index.upper(),
        App.appid: rows(site, App)[0].appid.upper(),
        LoginRecord.session_id: rows(site, LoginRecord)[0].session_id.swapcase(),
    }
    with site.app.app_context():
        for column, other in columns.items():
            assert db.session.scalar(select(func.count()).where(column == other)) == 0, column
            assert db.session.scalar(select(func.count()).where(column == f"{other} ")) == 0


def test_two_ids_may_differ_by_case_alone_and_one_stands_once(site: Site) -> None:
    Phone(site).login()
    (user,) = rows(site, User)
    with site.app.app_context():
        for index in ("ab" * 32, "AB" * 32):
            db.session.add(copy(user, public_id=index[:22], openid_index=index))
        db.session.commit()
        db.session.add(copy(user, public_id="x" * 22))
        with pytest.raises(IntegrityError):
            db.session.commit()
        db.session.rollback()
    assert len(rows(site, User)) == 3


def test_times_are_utc_whatever_the_servers_zone(site: Site) -> None:
    Phone(site).login()
    now = datetime.fromtimestamp(site.clock(), UTC)
    (user,) = rows(site, User)
    assert (user.created_at, user.last_login_at, rows(site, LoginRecord)[0].at) == (now,) * 3
    with site.app.app_context():
        (raw,) = db.session.execute(text("SELECT at FROM login_record")).one()
    assert raw == now.replace(tzinfo=None)
    site.clock.forward(3600.75)
    Phone(site).login()
    later = datetime.fromtimestamp(int(site.clock()), UTC)
    assert rows(site, User)[0].last_login_at == later


def test_a_database_that_restarts_costs_logins_alone_and_for_that_time(
    site: Site, server: DatabaseServer
) -> None:
    phone = Phone(site)
    phone.login()
    server.stop()
    assert site.problem(phone.try_login()) == "STORE_UNAVAILABLE"
    assert phone.refusal() == ""
    becomes(site, "degraded", database="out", migrations="unknown")
    server.start()
    phone.login()
    becomes(site, "ok")


def copy(user: User, **changes: str) -> User:
    """A user like this one but for the changes."""
    names = [column.name for column in User.__table__.columns if column.name != "id"]
    return User(**{name: getattr(user, name) for name in names} | changes)


@pytest.mark.parametrize("server", ["postgresql"], indirect=True)
def test_a_single_read_opens_no_transaction_and_leaves_none_behind(site: Site) -> None:
    state = text("SELECT state FROM pg_stat_activity WHERE pid = :pid")
    with site.app.app_context():
        engine = db.engine
    single = single_statement_engine(engine, pgbouncer=False)
    with engine.connect() as other:
        with single.connect() as reading:
            pid = reading.scalar(text("SELECT pg_backend_pid()"))
            assert other.scalar(state, {"pid": pid}) == "idle"
        with engine.connect() as writing:
            assert writing.scalar(text("SELECT pg_backend_pid()")) == pid
            other.rollback()
            assert other.scalar(state, {"pid": pid}) == "idle in transaction"


@pytest.mark.parametrize("server", ["postgresql"], indirect=True)
@pytest.mark.parametrize(("seconds", "is_waited_for"), [(0, False), (60, True)])
def test_a_statement_that_may_take_long_is_waited_for_that_long(
    site: Site, monkeypatch: pytest.MonkeyPatch, seconds: int, is_waited_for: bool
) -> None:
    monkeypatch.setattr(postgres_connection.Connection, "answer_seconds", 0.2)
    engine = separate_engine(site.settings.database_url, seconds, pgbouncer=False)
    refused = nullcontext() if is_waited_for else pytest.raises(OperationalError)
    with refused, engine.connect() as connection:
        connection.execute(text("SELECT pg_sleep(0.4)"))
    engine.dispose()


def test_behind_pgbouncer_a_read_keeps_its_transaction_and_so_its_time_limit(site: Site) -> None:
    with site.app.app_context():
        engine = db.engine
    assert single_statement_engine(engine, pgbouncer=True) is engine


@pytest.mark.parametrize("server", ["postgresql"], indirect=True)
def test_the_status_needs_one_connection(site: Site, make_site: Callable[..., Site]) -> None:
    url = site.settings.database_url
    small = make_site(WXLOGIN_DATABASE_URL=url, WXLOGIN_DATABASE_POOL="1")
    owner = Operator(small, "owner").sign_in()
    assert owner.done("GET", "/status")["database"] == "ok"


def told_of_all(site: Site) -> None:
    """Have somebody listen to every event."""
    site.services.webhooks.outbox._subscriptions._has_receivers = lambda _type: True


@pytest.mark.parametrize("is_told", [False, True], ids=["quiet", "told"])
def test_a_login_of_a_user_who_was_just_erased_is_refused_and_leaves_no_record(
    site: Site, is_told: bool
) -> None:
    Phone(site).login()
    accounts, outbox = site.services.accounts, site.services.webhooks.outbox
    if is_told:
        told_of_all(site)
    gone = UserRef(4711, "x" * 22, is_new=False, ids=Ids("p" * 22))
    draft = Draft(APPID, "ios", "a phone", "", "192.0.2.7", ids=gone.ids)
    site.services.accounts.apps.all()  # which reads the version that subscriptions have, too
    assert outbox.is_surely_unwanted(*LOGIN_TYPES) is not is_told
    with site.app.app_context(), pytest.raises(UserErased):
        accounts.login_records.create(gone, "s" * 22, draft, site.services.sessions.store.lifetimes)
    assert len(rows(site, LoginRecord)) == 1
    assert rows(site, WebhookEvent) == []


@pytest.mark.parametrize("is_told", [False, True], ids=["quiet", "told"])
@pytest.mark.parametrize("server", ["postgresql"], indirect=True)
def test_a_login_is_recorded_by_one_statement_and_in_a_transaction_only_where_it_is_told(
    site: Site, is_told: bool
) -> None:
    phone = Phone(site)
    phone.login()
    phone.login()
    if is_told:
        told_of_all(site)
    writing: list[tuple[str, bool]] = []

    def note(connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        # The dispatcher may take the event at once.
        if "INSERT INTO login_record" in statement or "INSERT INTO webhook_event" in statement:
            alone = connection.connection.dbapi_connection.autocommit  # type: ignore[union-attr]
            writing.append((statement, alone))

    with site.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    numbers = Numbers(site)
    with held_back(site):
        phone.login()
        assert numbers.grown("wxlogin_sql_seconds_count", statement="insert") >= 1 + is_told
        assert numbers.grown("wxlogin_sql_seconds_count", statement="other") == 0
    event.remove(engine, "before_cursor_execute", note)
    (record, alone), *events = writing
    assert "UPDATE" in record
    assert "INSERT INTO login_record" in record
    assert alone is not is_told
    assert len(events) == is_told
