"""The database out: no logins, and everybody who is signed in goes on."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.harness.phone import Phone
from tests.harness.readiness import becomes
from tests.harness.site import Site


def closed_port() -> int:
    """A port of this machine where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture(params=["postgresql+psycopg", "mysql+pymysql"])
def cut_off(request: pytest.FixtureRequest, site: Site, make_site: Callable[..., Site]) -> Site:
    """A second server on the same Redis and keys, whose database cannot be reached."""
    url = f"{request.param}://wxlogin:made-up-password@127.0.0.1:{closed_port()}/wxlogin"
    cut_off = make_site(WXLOGIN_DATABASE_URL=url)
    cut_off.secrets.add("made-up-password")
    return cut_off


def test_a_login_without_a_database_is_told_to_come_back(cut_off: Site) -> None:
    answer = Phone(cut_off).try_login()
    assert cut_off.problem(answer) == "STORE_UNAVAILABLE"
    assert cut_off.redis.keys("*:s:*") == []


def test_sessions_need_no_database(phone: Phone, cut_off: Site) -> None:
    phone.login()
    phone.site = cut_off
    for path in ("/v1/session", "/v1/sessions"):
        assert phone.ask("GET", path).status_code == 200
    assert phone.ask("GET", "/v1/auth").status_code == 204
    assert phone.logout() == 1
    assert phone.refusal() == "SESSION_REVOKED"


def test_readyz_names_the_database(cut_off: Site) -> None:
    becomes(cut_off, "degraded", database="out", migrations="unknown")


def test_a_database_without_tables_is_told_apart(
    make_site: Callable[..., Site], tmp_path: Path
) -> None:
    site = make_site(WXLOGIN_DATABASE_URL=f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    assert site.problem(Phone(site).try_login()) == "STORE_UNAVAILABLE"
    becomes(site, "out", migrations="pending")
    assert [line for line in site.log.lines if "readiness" in line and "db upgrade" in line]
