"""Statements that look up logins and alerts use an index, so that large tables stay fast."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.sql import Statement, plan, recorded
from tests.harness.watched import alerts

pytestmark = pytest.mark.settings(WXLOGIN_RULE_LOGINS_OPENID="1/hour")


@pytest.fixture
def statements(site: Site) -> Iterator[list[Statement]]:
    """The SQL that the site runs, with its parameters."""
    with recorded(site) as run:
        yield run


def indexes(site: Site, statements: list[Statement], start: str) -> list[str]:
    """The indexes by which SQLite searches for the statements that begin with this text."""
    meant = [one for one in statements if " ".join(one[0].split()).startswith(start)]
    return [step.partition(" INDEX ")[2] for step in plan(site, meant)]


def refuse_login(site: Site, _user: str) -> None:
    site.app.extensions["wxlogin"].accounts.login_records.delete("0" * 22)


def erase(site: Site, user: str) -> None:
    site.app.extensions["wxlogin"].accounts.erasure.erase(user)


@pytest.mark.parametrize(
    ("act", "statement", "index"),
    [
        (
            refuse_login,
            "DELETE FROM login_record",
            "ix_login_record_session_id (session_id=?)",
        ),
        (erase, "DELETE FROM alert", "ix_alert_subject (subject=?)"),
    ],
)
def test_a_delete_uses_the_index(
    site: Site,
    statements: list[Statement],
    act: Callable[[Site, str], None],
    statement: str,
    index: str,
) -> None:
    phone = Phone(site)
    phone.login()
    with site.app.app_context():
        act(site, phone.user_id)
    assert indexes(site, statements, statement) == [index]


def test_the_alerts_of_a_rule_and_hour_are_counted_by_the_index(
    site: Site, statements: list[Statement]
) -> None:
    for _ in range(2):
        Phone(site).login()
    assert len(alerts(site)) == 1
    assert indexes(site, statements, "SELECT count(*) AS count_1 FROM alert WHERE alert.rule") == [
        "ix_alert_rule_hour_subject (rule=? AND hour=?)"
    ]
