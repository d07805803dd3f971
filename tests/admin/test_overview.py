"""The overview: what happened lately, counted from SQL, and how many sessions live."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, insert, update

from tests.admin.forms import seen
from tests.harness.console import Operator, Service
from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.sql import plan, recorded
from tests.harness.watched import events
from wxlogin.extensions import db
from wxlogin.models import Alert, LoginRecord

HOUR, DAY = 3600, 86_400
FORGED = {"Authorization": "Bearer wxs_" + "A" * 108}


@pytest.fixture
def operator(site: Site) -> Operator:
    """Somebody who may only look."""
    return Operator(site, "viewer").sign_in()


def at(site: Site, ago: float = 0) -> datetime:
    """The time so many seconds ago."""
    return datetime.fromtimestamp(site.clock() - ago, UTC)


def counted(point: dict[str, int]) -> tuple[int, int, int, int]:
    """Logins, active users, failures and alerts."""
    return point["logins"], point["active_users"], point["failures"], point["alerts"]


def last_logins(operator: Operator) -> list[int]:
    """The logins of the last two hours."""
    points = operator.done("GET", "/overview")["day"]["points"]
    return [point["logins"] for point in points[-2:]]


def raise_alert(site: Site, ago: float) -> None:
    """An alert as the watch writes it."""
    with site.app.app_context():
        row = {"rule": "fail_ip", "subject": f"{ago}", "hour": 0, "at": at(site, ago)}
        db.session.execute(insert(Alert).values(**row, detail="{}", attempts=0))
        db.session.commit()


def test_each_step_has_its_numbers(site: Site, phone: Phone, operator: Operator) -> None:
    site.clock.forward(HOUR - site.clock() % HOUR + 600)
    phone.login()
    site.clock.forward(HOUR)
    for user in ("alice", "alice", "bob"):
        Phone(site, user).login()
    site.request("GET", "/v1/session", headers=FORGED)
    raise_alert(site, ago=60)
    events(site)
    day = operator.sign_in().done("GET", "/overview")["day"]
    assert (len(day["points"]), day["step"]) == (24, HOUR)
    assert [counted(point) for point in day["points"][-3:]] == [
        (0, 0, 0, 0),
        (1, 1, 0, 0),
        (3, 2, 1, 1),
    ]
    assert counted(day["total"]) == (4, 2, 1, 1)
    assert day["points"][-1]["at"] == f"{at(site):%Y-%m-%dT%H:00:00Z}"


def test_thirty_days_by_day(site: Site, phone: Phone, operator: Operator) -> None:
    phone.login()
    site.clock.forward(29 * DAY)
    phone.login()
    for ago in (0, 29 * DAY, 31 * DAY):
        raise_alert(site, ago)
    month = operator.sign_in().done("GET", "/overview")["month"]
    assert (len(month["points"]), month["step"]) == (30, DAY)
    midnight = at(site, 29 * DAY).astimezone(ZoneInfo("Asia/Shanghai")).replace(hour=0, minute=0)
    assert month["points"][0]["at"] == f"{midnight.astimezone(UTC):%Y-%m-%dT%H:%M:00Z}"
    assert counted(month["points"][0]) == counted(month["points"][-1]) == (1, 1, 0, 1)
    assert counted(month["total"]) == (2, 1, 0, 2)


@pytest.mark.settings(WXLOGIN_TIMEZONE="America/New_York")
def test_a_day_is_one_of_the_zone_that_operators_read(site: Site, operator: Operator) -> None:
    site.clock.forward(datetime(2027, 3, 15, 3, 59, tzinfo=UTC).timestamp() - site.clock())
    Phone(site, "bob").login()  # 23:59 of the day on which the clocks change
    site.clock.forward(120)
    Phone(site, "alice").login()
    month = operator.sign_in().done("GET", "/overview")["month"]
    assert [point["logins"] for point in month["points"][-3:]] == [0, 1, 1]
    assert [point["at"] for point in month["points"][-3:]] == [
        "2027-03-13T05:00:00Z",
        "2027-03-14T05:00:00Z",
        "2027-03-15T04:00:00Z",
    ]


def test_live_sessions_are_counted_at_this_moment(
    site: Site, phone: Phone, operator: Operator
) -> None:
    for user in ("alice", "bob"):
        Phone(site, user).login()
    assert operator.done("GET", "/overview")["live_sessions"] == 2
    phone.login()
    phone.logout("all")
    assert operator.done("GET", "/overview")["live_sessions"] == 1


def test_what_was_counted_is_remembered_for_a_minute(
    site: Site, phone: Phone, operator: Operator
) -> None:
    site.clock.forward(HOUR - site.clock() % HOUR + 600)
    operator.sign_in()

    def logins() -> int:
        return int(operator.done("GET", "/overview")["day"]["total"]["logins"])

    assert logins() == 0
    phone.login()
    site.clock.forward(59)
    assert logins() == 0
    site.clock.forward(1)
    assert logins() == 1


def test_all_workers_show_one_count(make_site: Callable[..., Site]) -> None:
    one, other = make_site(), make_site()
    for site in (one, other):
        site.clock.forward(HOUR - site.clock() % HOUR + 600)
    Phone(one).login()
    shown = [Operator(site, "viewer").sign_in().done("GET", "/overview") for site in (one, other)]
    Phone(one, "bob").login()
    shown += [Operator(site, "viewer").sign_in().done("GET", "/overview") for site in (other, one)]
    assert [found["month"]["total"]["logins"] for found in shown] == [1, 1, 1, 1]
    assert len({found["month"]["counted_at"] for found in shown}) == 1


def test_a_worker_counts_before_a_page_has_to(site: Site, phone: Phone, operator: Operator) -> None:
    site.clock.forward(HOUR - site.clock() % HOUR + 600)
    operator.sign_in().done("GET", "/overview")
    phone.login()
    for seconds in (50, 50):
        site.clock.forward(seconds)
        site.services.watch.statistics.count_ahead()
    with recorded(site) as asked:
        assert last_logins(operator)[-1] == 1
    assert not [one for one in asked if "count(" in one[0]]


def test_a_young_count_is_not_renewed(site: Site) -> None:
    site.services.watch.statistics.count_ahead()
    with recorded(site) as asked:
        site.services.watch.statistics.count_ahead()
    assert not asked


def test_the_page_says_when_it_was_counted(site: Site, operator: Operator) -> None:
    first = operator.done("GET", "/overview")["day"]["counted_at"]
    site.clock.forward(30)
    assert f'Figures as of <time datetime="{first}">' in seen(operator, "/admin/")


def test_a_step_that_is_long_over_is_counted_once(
    site: Site, phone: Phone, operator: Operator
) -> None:
    site.clock.forward(HOUR - site.clock() % HOUR + 600)
    phone.login()
    site.clock.forward(HOUR)
    operator.sign_in().done("GET", "/overview")
    with site.app.app_context():
        db.session.execute(delete(LoginRecord))
        db.session.commit()
    site.clock.forward(60)
    phone.login()
    assert last_logins(operator) == [1, 1]


def test_a_login_that_is_written_late_is_counted(
    site: Site, phone: Phone, operator: Operator
) -> None:
    site.clock.forward(HOUR - site.clock() % HOUR + 60)
    operator.sign_in()
    assert last_logins(operator) == [0, 0]
    phone.login()
    with site.app.app_context():
        db.session.execute(update(LoginRecord).values(at=at(site, 120)))
        db.session.commit()
    site.clock.forward(60)
    assert last_logins(operator) == [1, 0]


def test_a_token_that_may_read_is_enough(site: Site) -> None:
    assert Service(site, "read").ask("GET", "/admin/api/overview").ok
    refused = Service(site, "introspect").ask("GET", "/admin/api/overview")
    assert site.problem(refused) == "FORBIDDEN"


def test_all_of_it_is_read_by_the_indexes_of_time(site: Site, operator: Operator) -> None:
    with recorded(site) as asked:
        operator.done("GET", "/overview")
    counting = [one for one in asked if "count(" in one[0] or "sum(" in one[0]]
    tables_by_step, in_all = 3, 1
    assert len(counting) == (24 + 30) * tables_by_step + 2 * in_all
    for statement in {one[0]: one for one in counting}.values():
        steps = plan(site, [statement])
        assert any(
            re.search(r"USING (COVERING )?INDEX \w+_at(_user)?(_id)? ", step) for step in steps
        ), steps


def test_refused_calls_of_the_last_hour_are_read_by_the_index_of_time(
    site: Site, operator: Operator
) -> None:
    with recorded(site) as asked:
        operator.done("GET", "/status")
    (counting,) = [one for one in asked if "sum(" in one[0]]
    steps = plan(site, [counting])
    assert any("INDEX ix_security_event_last_at_id" in step for step in steps), steps
