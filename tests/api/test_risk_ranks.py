"""WeChat's risk rank at a first login: kept, told, and refused only where the settings say so."""

from __future__ import annotations

import html
import json
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from tests.harness.console import Operator
from tests.harness.phone import Phone
from tests.harness.site import APPID, Site
from tests.harness.team import Team, dispatch
from tests.harness.timing import eventually
from tests.harness.watched import alerts, events
from wxlogin.extensions import db
from wxlogin.models import User
from wxlogin.outbox import EventType
from wxlogin.sandbox import Fault

RANK = "/wxa/getuserriskrank"
ASKED = pytest.mark.settings(WXLOGIN_RISK_RANK="on")
REFUSED = pytest.mark.settings(WXLOGIN_RISK_REFUSE="3")
BEHIND = pytest.mark.settings(
    WXLOGIN_RISK_RANK="on", WXLOGIN_RISK_REFUSE="3", WXLOGIN_TRUSTED_HOPS="1"
)
FAULTS = (
    Fault(errcode=48001),
    Fault(errcode=61010),
    Fault(errcode=-1),
    Fault(status=502),
    Fault(close=True),
    Fault(body='{"errcode": 0, "risk_rank": 5}'),
    Fault(body='{"errcode": 0, "risk_rank": true}'),
    Fault(body='{"errcode": 0}'),
)


@pytest.fixture
def team(site: Site) -> Iterator[Team]:
    """Receives what is told of users; sent by hand."""
    site.services.webhooks.dispatcher._routing.refuse_new()
    with Team() as team:
        team.subscribe(site, EventType.USER_CREATED, EventType.USER_LOGGED_IN)
        yield team


def kept(site: Site, phone: Phone) -> int | None:
    """The rank in the user's row."""
    with site.app.app_context():
        own = User.public_id == phone.user_id
        return db.session.scalar(select(User.risk_rank).where(own))


def users(site: Site) -> int:
    """How many users there are."""
    with site.app.app_context():
        return db.session.scalar(select(func.count()).select_from(User)) or 0


def detail(site: Site, kind: str = "login.succeeded") -> dict[str, object]:
    """What the only event of a kind says."""
    eventually(lambda: events(site, kind))
    (event,) = events(site, kind)
    return dict(json.loads(event.detail))


# Behind the answer


@ASKED
@pytest.mark.parametrize("rank", [0, 4])
def test_a_rank_stands_with_the_user_in_the_event_and_in_the_webhook(
    site: Site, phone: Phone, team: Team, rank: int
) -> None:
    site.sandbox.world.set_risk_rank("alice", rank)
    phone.login(platform="ios")
    assert detail(site) == {"app": APPID, "platform": "ios", "risk_rank": rank}
    assert kept(site, phone) == rank
    dispatch(site)
    assert team.names() == ["user.created", "user.logged_in"]
    assert team.got[0].event["data"]["risk_rank"] == rank
    owner = Operator(site).sign_in()
    assert owner.done("GET", f"/users/{phone.user_id}")["risk_rank"] == rank
    assert site.sandbox.world.ranked.pop() == ("alice", "127.0.0.1")


@REFUSED
def test_the_console_shows_the_rank_of_a_user_and_in_the_event(site: Site, phone: Phone) -> None:
    site.sandbox.world.set_risk_rank("alice", 2)
    phone.login()
    assert len(events(site, "login.succeeded")) == 1
    cookies = {"wxlogin_admin": Operator(site).sign_in().cookie}
    for language, label in (("en", "WeChat's risk rank"), ("zh", "微信风险等级")):
        for page, told in ((f"users/{phone.user_id}", label), ("events", f"{label}: 2")):
            answer = site.request(
                "GET",
                f"/admin/{page}",
                cookies=cookies,
                headers={"Accept-Language": language},
            )
            assert told in html.unescape(answer.text)


@ASKED
def test_only_a_first_login_is_asked_about(site: Site, phone: Phone) -> None:
    for _ in range(2):
        phone.login()
        eventually(lambda: events(site, "login.succeeded"))
    assert site.sandbox.world.calls[RANK] == 1


def test_where_it_is_off_nobody_is_asked_about(site: Site, phone: Phone) -> None:
    phone.login()
    assert detail(site) == {"app": APPID, "platform": "other"}
    assert (kept(site, phone), site.sandbox.world.calls[RANK]) == (None, 0)


@ASKED
def test_a_login_is_answered_while_wechat_is_silent_about_the_rank(
    site: Site, phone: Phone, team: Team
) -> None:
    with site.sandbox.faults.hold(RANK) as hold:
        phone.login()
        assert hold.arrived()
        assert events(site, "login.succeeded") == []
        dispatch(site)
        assert team.got == []
    assert detail(site)["risk_rank"] == 0
    dispatch(site)
    assert team.names() == ["user.created", "user.logged_in"]


@ASKED
def test_a_user_whose_rank_is_lost_with_a_worker_is_told_ten_seconds_later(
    site: Site, phone: Phone, team: Team
) -> None:
    with site.sandbox.faults.hold(RANK) as hold:
        phone.login()
        assert hold.arrived()
        site.clock.forward(9)
        dispatch(site)
        assert team.got == []
        site.clock.forward(2)
        dispatch(site)
        assert team.names() == ["user.created", "user.logged_in"]
    assert team.got[0].event["data"]["risk_rank"] is None
    assert detail(site)["risk_rank"] == 0
    dispatch(site)
    assert len(team.got) == 2


@ASKED
@pytest.mark.parametrize("fault", FAULTS)
def test_a_rank_that_wechat_does_not_tell_is_an_event_and_no_alert(
    site: Site, phone: Phone, team: Team, fault: Fault
) -> None:
    site.sandbox.faults.queue(RANK, fault)
    phone.login()
    assert "risk_rank" not in detail(site)
    why = str(fault.errcode) if fault.errcode not in (None, -1) else None
    assert detail(site, "login.risk_unknown")["code"] == (why or _why(fault))
    dispatch(site)
    assert team.got[0].event["data"]["risk_rank"] is None
    assert (kept(site, phone), alerts(site)) == (None, [])


def _why(fault: Fault) -> str:
    return "-1" if fault.errcode == -1 else "no answer"


@ASKED
def test_an_app_without_permission_is_not_asked_about_again(site: Site) -> None:
    site.sandbox.faults.queue(RANK, Fault(errcode=48001))
    Phone(site, "alice").login()
    eventually(lambda: events(site, "login.risk_unknown"))
    Phone(site, "bob").login()
    assert len(events(site, "login.succeeded")) == 2
    assert site.sandbox.world.calls[RANK] == 1


@ASKED
def test_ten_faults_of_this_call_do_not_stop_logins(site: Site) -> None:
    site.sandbox.faults.queue(RANK, Fault(status=502), 20)
    for number in range(20):
        Phone(site, f"user-{number}").login()
    eventually(lambda: len(events(site, "login.succeeded")) == 20)
    Phone(site).login()


@ASKED
def test_what_waits_at_the_stop_is_recorded_without_a_rank(site: Site) -> None:
    first_logins = site.services.accounts.first_logins
    for lane in first_logins._lanes:
        lane.refuse_new()
    Phone(site).login()
    assert events(site, "login.succeeded") == []
    first_logins.stop()
    assert detail(site) == {"app": APPID, "platform": "other"}
    Phone(site, "bob").login()
    assert len(events(site, "login.succeeded")) == 2


# Before the session


@REFUSED
@pytest.mark.parametrize("rank", [3, 4])
def test_a_risky_first_login_is_refused_each_time_and_leaves_nothing(
    site: Site, phone: Phone, team: Team, rank: int
) -> None:
    site.sandbox.world.set_risk_rank("alice", rank)
    for _ in range(2):
        answer = phone.try_login()
        assert (answer.status_code, site.problem(answer)) == (403, "USER_RISKY")
        assert answer.json()["action"] == "contact"
    (event,) = events(site, "login.risky")
    assert (event.subject, event.count) == ("127.0.0.1", 2)
    assert json.loads(event.detail) == {"app": APPID, "risk_rank": rank}
    dispatch(site)
    assert (users(site), team.got) == (0, [])


@REFUSED
def test_below_the_setting_the_rank_is_there_with_the_answer(
    site: Site, phone: Phone, team: Team
) -> None:
    site.sandbox.world.set_risk_rank("alice", 2)
    phone.login()
    assert (kept(site, phone), detail(site)["risk_rank"]) == (2, 2)
    dispatch(site)
    assert team.got[0].event["data"]["risk_rank"] == 2


@REFUSED
def test_who_was_let_in_once_is_not_asked_about_again(site: Site, phone: Phone) -> None:
    phone.login()
    site.sandbox.world.set_risk_rank("alice", 4)
    phone.login()
    assert site.sandbox.world.calls[RANK] == 1


@REFUSED
@pytest.mark.parametrize("fault", FAULTS)
def test_not_knowing_refuses_nobody_and_is_an_event(site: Site, phone: Phone, fault: Fault) -> None:
    site.sandbox.world.set_risk_rank("alice", 4)
    site.sandbox.faults.queue(RANK, fault)
    phone.login()
    (event,) = events(site, "login.risk_unknown")
    assert event.subject == APPID
    assert kept(site, phone) is None


@REFUSED
def test_without_permission_each_login_that_nobody_judged_is_counted(site: Site) -> None:
    site.sandbox.faults.queue(RANK, Fault(errcode=48001))
    for user in ("alice", "bob"):
        Phone(site, user).login()
    assert [event.count for event in events(site, "login.risk_unknown")] == [2]
    assert site.sandbox.world.calls[RANK] == 1


@BEHIND
def test_wechat_gets_the_clients_address_and_not_the_proxys(site: Site, phone: Phone) -> None:
    phone.headers = {"X-Forwarded-For": "192.0.2.7, 203.0.113.9"}
    phone.login()
    assert site.sandbox.world.ranked.pop() == ("alice", "203.0.113.9")


@REFUSED
def test_no_connection_to_sql_is_held_while_wechat_thinks(site: Site, phone: Phone) -> None:
    with site.sandbox.faults.hold(RANK) as hold:
        waiting = threading.Thread(target=phone.login)
        waiting.start()
        assert hold.arrived()
        with site.app.app_context():
            assert db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    waiting.join()
    assert kept(site, phone) == 0
