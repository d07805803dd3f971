"""What operators do to users, and what those users then meet: kicks, bans, whole values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.admin.people import number, signed_in, told
from tests.harness.clock import SettableClock
from tests.harness.console import Operator
from tests.harness.phone import Phone
from tests.harness.site import Site
from wxlogin.sandbox import Fault

CODE = "/sns/jscode2session"
RESET = "/wxa/resetusersessionkey"


@pytest.fixture
def user(phone: Phone) -> str:
    """Alice's id; she is signed in on one device."""
    return str(phone.login()["user"]["id"])


def outcomes(owner: Operator, user: str) -> list[tuple[str, str]]:
    """What the audit trail says was done to a user, and how it ended."""
    return [(entry["act"], entry["outcome"]) for entry in owner.trail(f"user:{user}")]


def login_refusal(phone: Phone) -> str:
    """The code with which the phone's next login is refused."""
    return phone.site.problem(phone.try_login())


def in_iso(clock: SettableClock, **later: float) -> str:
    """A time after the clock's."""
    at = datetime.fromtimestamp(clock(), UTC) + timedelta(**later)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


# Kick


def test_a_kick_ends_all_sessions_and_tells_how_many(
    site: Site, owner: Operator, phone: Phone, user: str
) -> None:
    other = Phone(site)
    other.login()
    assert owner.done("POST", f"/users/{user}/kick") == {"ended": 2}
    assert [phone.refusal(), other.refusal()] == ["SESSION_REVOKED"] * 2
    assert owner.done("POST", f"/users/{user}/kick") == {"ended": 0}
    phone.login()


def test_a_kick_is_audited_with_its_count(owner: Operator, user: str) -> None:
    owner.done("POST", f"/users/{user}/kick")
    (done,) = owner.trail(f"user:{user}")
    assert (done["outcome"], done["intent"]) == ("done", done["id"] - 1)
    assert done["detail"] == {"ended": 1}
    assert done["actor"] == f"admin:{owner.name}"


# Ban


def test_a_ban_ends_the_sessions_and_refuses_the_login(
    owner: Operator, phone: Phone, user: str
) -> None:
    assert owner.done("POST", f"/users/{user}/ban", json={"reason": "spam"}) == {"ended": 1}
    for path in ("/v1/session", "/v1/auth"):
        refused = phone.ask("GET", path)
        assert phone.site.problem(refused) == "USER_BANNED"
        assert (refused.status_code, refused.json()["until"]) == (403, None)
    refused = phone.try_login()
    assert phone.site.problem(refused) == "USER_BANNED"
    assert refused.json()["until"] is None
    assert owner.done("GET", f"/users/{user}")["ban"] == {"reason": "spam", "until": None}


def test_every_way_in_is_closed_to_a_banned_user(
    site: Site, owner: Operator, phone: Phone, user: str
) -> None:
    owner.done("POST", f"/users/{user}/ban", json={"reason": "spam"})
    body = {"code": phone.code()}
    answers = [
        phone.ask("POST", "/v1/session/key", json=body),
        phone.ask("POST", "/v1/session/check"),
        phone.ask("POST", "/v1/decrypt", json=site.sandbox.world.phone("alice")),
        phone.ask("GET", "/v1/sessions"),
        phone.ask("POST", "/v1/logout"),
        phone.try_login(carry=True),
        phone.try_login(device_id="a-device-of-alice"),
    ]
    assert {site.problem(answer) for answer in answers} == {"USER_BANNED"}


def test_a_ban_still_holds_when_its_mark_in_redis_is_gone(
    site: Site, owner: Operator, phone: Phone, user: str
) -> None:
    owner.done("POST", f"/users/{user}/ban", json={"reason": "spam"})
    site.redis.flushdb()
    assert login_refusal(phone) == "USER_BANNED"


def test_a_ban_ends_by_itself(
    owner: Operator, phone: Phone, user: str, clock: SettableClock
) -> None:
    until = in_iso(clock, hours=2)
    owner.done("POST", f"/users/{user}/ban", json={"reason": "spam", "until": until})
    assert phone.ask("GET", "/v1/session").json()["until"] == until
    assert phone.try_login().json()["until"] == until
    clock.forward(7_201)
    assert phone.refusal() == "SESSION_REVOKED"
    phone.login()
    assert owner.sign_in().done("GET", f"/users/{user}")["ban"] is None


def test_a_lifted_ban_lets_the_user_in_at_once(owner: Operator, phone: Phone, user: str) -> None:
    owner.done("POST", f"/users/{user}/ban", json={"reason": "spam"})
    assert owner.done("DELETE", f"/users/{user}/ban")["ban"] is None
    assert phone.refusal() == "SESSION_REVOKED"
    phone.login()
    assert owner.done("DELETE", f"/users/{user}/ban")["ban"] is None
    assert phone.refusal() == ""


def test_a_second_ban_takes_the_place_of_the_first(
    owner: Operator, phone: Phone, user: str, clock: SettableClock
) -> None:
    owner.done("POST", f"/users/{user}/ban", json={"reason": "spam"})
    until = in_iso(clock, days=1)
    owner.done("POST", f"/users/{user}/ban", json={"reason": "less", "until": until})
    assert phone.ask("GET", "/v1/session").json()["until"] == until
    assert owner.done("GET", f"/users/{user}")["ban"] == {"reason": "less", "until": until}


def test_bans_are_audited_with_reason_and_count(
    owner: Operator, user: str, clock: SettableClock
) -> None:
    until = in_iso(clock, days=1)
    owner.done("POST", f"/users/{user}/ban", json={"reason": "spam", "until": until})
    owner.done("DELETE", f"/users/{user}/ban")
    ban, _ = owner.trail(f"user:{user}")
    assert (ban["reason"], ban["detail"]) == ("spam", {"until": until, "ended": 1})
    assert outcomes(owner, user) == [("user.ban", "done"), ("user.unban", "done")]


WRONG_BANS = [
    {},
    {"reason": ""},
    {"reason": "x" * 201},
    {"reason": "a\nb"},
    {"reason": "x", "until": "2020-01-01T00:00:00Z"},
    {"reason": "x", "until": "2199-01-01T00:00:00"},
    {"reason": "x", "until": "9999-12-31T23:59:59-12:00"},
    {"reason": "x", "until": "tomorrow"},
    {"reason": "x", "until": 1},
]


def test_a_ban_that_is_not_in_order_is_refused(
    owner: Operator, phone: Phone, user: str, subtests: pytest.Subtests
) -> None:
    for body in WRONG_BANS:
        with subtests.test(body=body):
            assert owner.refusal("POST", f"/users/{user}/ban", json=body) == "INVALID_REQUEST"
            assert phone.refusal() == ""


def test_the_end_of_a_ban_may_be_in_any_zone(owner: Operator, user: str) -> None:
    body = {"reason": "x", "until": "2199-06-01T08:00:00.5+08:00"}
    owner.done("POST", f"/users/{user}/ban", json=body)
    assert owner.done("GET", f"/users/{user}")["ban"]["until"] == "2199-06-01T00:00:00Z"


@pytest.mark.settings(WXLOGIN_LIMIT_FAIL_IP="3/minute")
def test_refusing_a_banned_user_is_no_failure_of_the_address(
    site: Site, owner: Operator, phone: Phone, user: str
) -> None:
    owner.done("POST", f"/users/{user}/ban", json={"reason": "spam"})
    for _ in range(6):
        assert {login_refusal(phone), phone.refusal()} == {"USER_BANNED"}
    Phone(site, "bob").login()


# session_key


def test_a_session_key_is_reset_at_wechat(
    site: Site, owner: Operator, phone: Phone, user: str
) -> None:
    before = site.sandbox.world.session_key("alice")
    answer = owner.done("POST", f"/users/{user}/reset-session-key")
    site.guard("alice")
    assert 0 < answer["expires_in"] <= 7200
    assert site.sandbox.world.session_key("alice") != before
    assert phone.ask("POST", "/v1/session/check").json() == {"valid": True}


def test_a_reset_that_wechat_refuses_is_audited_as_failed(
    site: Site, owner: Operator, user: str
) -> None:
    site.sandbox.faults.queue(RESET, Fault(errcode=-1), times=5)
    assert owner.refusal("POST", f"/users/{user}/reset-session-key") == "WX_UNAVAILABLE"
    assert outcomes(owner, user)[-1] == ("user.reset_session_key", "failed")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            "WeChat refuses this mini-program; the session_key is as it was. (errcode 48001)",
        ),
        ("zh", "微信拒绝了该小程序的请求，session_key 保持不变。错误码：48001。"),
    ],
)
def test_a_reset_that_wechat_forbids_names_its_errcode(
    site: Site, owner: Operator, user: str, language: str, said: str
) -> None:
    site.sandbox.faults.queue(RESET, Fault(errcode=48001))
    headers = {"Accept-Language": language}
    answer = owner.ask("POST", f"/users/{user}/reset-session-key", headers=headers)
    assert site.problem(answer) == "WX_MISCONFIGURED"
    assert answer.json()["detail"] == said


def test_without_a_session_key_there_is_nothing_to_reset(
    owner: Operator, user: str, clock: SettableClock
) -> None:
    clock.forward(7_201)
    owner.sign_in()
    assert owner.refusal("POST", f"/users/{user}/reset-session-key") == "SESSION_KEY_EXPIRED"
    assert outcomes(owner, user)[-1] == ("user.reset_session_key", "refused")


# Whole values


def test_whole_values_are_told_for_a_reason_that_is_audited(site: Site, owner: Operator) -> None:
    site.sandbox.world.open_platform = True
    phone, world = told(signed_in(site)), site.sandbox.world
    path = f"/users/{phone.user_id}/reveal"
    assert owner.told_whole("POST", path, json={"reason": "a payment is lost"}) == {
        "openid": world.openid("alice"),
        "unionid": world.unionid("alice"),
        "phone": number(phone),
    }
    assert owner.refusal("POST", path, json={"reason": ""}) == "INVALID_REQUEST"
    assert owner.refusal("POST", path, json={}) == "INVALID_REQUEST"
    entries = owner.trail(f"user:{phone.user_id}")
    assert [(e["act"], e["outcome"], e["reason"], e["detail"]) for e in entries] == [
        ("user.reveal", "done", "a payment is lost", {})
    ]


# Nobody


@pytest.mark.parametrize("act", ["kick", "ban", "reset-session-key", "reveal"])
def test_nothing_is_done_to_nobody(owner: Operator, act: str) -> None:
    body = {"reason": "x"} if act in ("ban", "reveal") else None
    assert owner.refusal("POST", f"/users/nobody/{act}", json=body) == "NOT_FOUND"
    assert owner.trail("user:nobody") == []


@pytest.mark.parametrize("act", ["kick", "ban", "reset-session-key", "reveal"])
def test_unknown_fields_are_refused_by_name(owner: Operator, user: str, act: str) -> None:
    body = {"until_": 1, **({"reason": "x"} if act in ("ban", "reveal") else {})}
    (fault,) = owner.ask("POST", f"/users/{user}/{act}", json=body).json()["errors"]
    assert fault["field"] == "until_"
    assert owner.trail(f"user:{user}") == []


# Where not everything is written


def test_a_ban_that_too_few_replicas_have_is_told_and_repeated(
    make_site: Callable[..., Site],
) -> None:
    first, strict = make_site(), make_site(WXLOGIN_REDIS_WAIT="1")  # there is no replica
    phone, owner = Phone(first), Operator(first).sign_in()
    careful = Operator(strict).sign_in()
    user = phone.login()["user"]["id"]
    path, body = f"/users/{user}/ban", {"reason": "spam"}
    assert careful.refusal("POST", path, json=body) == "STORE_UNAVAILABLE"
    assert outcomes(owner, user)[-1] == ("user.ban", "failed")
    assert login_refusal(phone) == "USER_BANNED"
    assert owner.done("POST", path, json=body) == {"ended": 0}


def test_the_watch_sees_that_a_banned_user_tries(
    site: Site, owner: Operator, phone: Phone, user: str
) -> None:
    owner.done("POST", f"/users/{user}/ban", json={"reason": "spam"})
    assert login_refusal(phone) == "USER_BANNED"
    site.app.extensions["wxlogin"].watch.recorder.flush()
    events = owner.done("GET", "/events", params={"user": user, "kind": "login.banned"})["items"]
    assert [event["count"] for event in events] == [1]
