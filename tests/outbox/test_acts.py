"""What operators and WeChat's data do to users is told in the transaction that does it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from tests.harness.console import Operator
from tests.harness.phone import Phone
from tests.harness.site import APPID, SECRET, Site
from tests.harness.sql import ids_of
from tests.harness.team import Team, dispatch
from tests.harness.watched import alerts, tell_end
from wxlogin.extensions import db
from wxlogin.models import WebhookDelivery, WebhookEvent
from wxlogin.outbox import EventType
from wxlogin.outbox.outbox import Outbox
from wxlogin.outbox.payloads import DATA
from wxlogin.sessions.causes import SIGNED_OUT

PHONE = {"phoneNumber": "+8613800001234", "purePhoneNumber": "13800001234", "countryCode": "86"}


def test_bans_and_their_end_are_told(site: Site, phone: Phone, team: Team, owner: Operator) -> None:
    phone.login()
    team.subscribe(site, EventType.USER_BANNED, EventType.USER_UNBANNED)
    path = f"/users/{phone.user_id}/ban"
    owner.done("POST", path, json={"reason": "spam, by a person whom the reason may name"})
    owner.done("POST", path, json={"reason": "spam", "until": "2100-01-01T00:00:00Z"})
    owner.done("DELETE", path)
    dispatch(site)
    assert team.names() == ["user.banned", "user.banned", "user.unbanned"]
    ids = ids_of(site, phone.user_id)
    assert [one.event["data"] for one in team.got] == [
        {**ids, "until": None},
        {**ids, "until": "2100-01-01T00:00:00Z"},
        ids,
    ]


def test_the_end_of_all_sessions_of_an_app_is_told_of_each(
    site: Site, phone: Phone, team: Team, owner: Operator
) -> None:
    team.subscribe(site, EventType.USER_LOGGED_OUT)
    phones = [phone, Phone(site, "bob"), Phone(site, "bob")]
    for one in phones:
        one.login()
    owner.done("POST", f"/apps/{APPID}/end-sessions")
    dispatch(site)
    told = {one.event["data"]["session"]: one.event["data"]["user"] for one in team.got}
    assert told == {one.session_id: one.user_id for one in phones}
    assert len(team.got) == len(phones)


def test_a_ban_is_not_told_session_by_session(
    site: Site, phone: Phone, team: Team, owner: Operator
) -> None:
    team.subscribe(site, EventType.USER_LOGGED_OUT, EventType.USER_BANNED)
    phone.login()
    owner.done("POST", f"/users/{phone.user_id}/ban", json={"reason": "spam"})
    dispatch(site)
    assert team.names() == ["user.banned"]


def test_the_end_of_no_ban_is_not_told(
    site: Site, phone: Phone, team: Team, owner: Operator
) -> None:
    phone.login()
    team.subscribe(site, EventType.USER_UNBANNED)
    owner.done("DELETE", f"/users/{phone.user_id}/ban")
    dispatch(site)
    assert team.got == []


def test_an_erasure_leaves_nothing_in_the_outbox_but_its_own_event(
    site: Site, phone: Phone, team: Team, owner: Operator
) -> None:
    team.subscribe(site)
    phone.login()
    dispatch(site)
    phone.login()
    owner.done("DELETE", f"/users/{phone.user_id}")
    tell_end(site, phone.user_id, phone.session_id, SIGNED_OUT)  # was in memory
    dispatch(site)
    assert team.names() == ["user.created", "user.logged_in", "user.erased"]
    with site.app.app_context():
        assert db.session.scalars(select(WebhookEvent.type)).all() == ["user.erased"]
        assert db.session.scalar(select(func.count()).select_from(WebhookDelivery)) == 1


def test_a_phone_and_a_profile_are_told_when_they_change_and_not_what_they_are(
    site: Site, phone: Phone, team: Team
) -> None:
    phone.login()
    team.subscribe(site, EventType.USER_PHONE_CHANGED, EventType.USER_PROFILE_CHANGED)
    users = site.services.accounts.users
    with site.app.app_context():
        for _ in range(2):
            users.save_phone(phone.user_id, PHONE, told=True)
            users.save_profile(phone.user_id, {"nickName": "Alice"})
        users.save_profile(phone.user_id, {"nickName": "Alicia"})
    dispatch(site)
    assert team.names() == [
        "user.phone_changed",
        "user.profile_changed",
        "user.profile_changed",
    ]
    told = "".join(one.body for one in team.got)
    assert "138" not in told
    assert "Alic" not in told


def test_another_app_secret_is_told(site: Site, team: Team, owner: Operator) -> None:
    team.subscribe(site, EventType.APP_SECRET_CHANGED)
    owner.done("PUT", f"/apps/{APPID}/secret", json={"secret": SECRET})
    dispatch(site)
    (told,) = team.got
    assert told.event["data"] == {
        "user": None,
        "app": APPID,
        "person": None,
        "external_id": None,
    }


@pytest.mark.settings(
    WXLOGIN_RULE_LOGINS_OPENID="1/hour", WXLOGIN_PUBLIC_URL="https://login.example.com"
)
def test_an_alert_is_told(site: Site, phone: Phone, team: Team) -> None:
    team.subscribe(site, EventType.ALERT_RAISED)
    phone.login()
    phone.login()
    alerts(site)
    dispatch(site)
    (told,) = team.got
    data = told.event["data"]
    assert (data["rule"], data["user"], data["subject"]) == (
        "logins_openid",
        phone.user_id,
        phone.user_id,
    )
    assert data["console"] == "https://login.example.com/admin/alerts"
    assert "https://login.example.com" in told.headers["user-agent"]


def test_every_type_has_a_schema_that_holds(
    site: Site, phone: Phone, team: Team, owner: Operator
) -> None:
    document = site.request("GET", "/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1.")
    assert set(document["webhooks"]) == set(EventType)
    team.subscribe(site)
    phone.login()
    owner.done("POST", f"/users/{phone.user_id}/ban", json={"reason": "spam"})
    dispatch(site)
    for told in team.got:
        body = document["webhooks"][told.name]["post"]["requestBody"]
        schema = body["content"]["application/json"]["schema"]["properties"]["data"]
        assert set(schema["required"]) == set(told.event["data"])
        DATA[EventType(told.name)].model_validate(told.event["data"], strict=True)
    assert len(team.got) == 3


def test_what_is_rolled_back_is_not_told(
    site: Site, phone: Phone, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    team.subscribe(site)
    add: Callable[..., bool] = Outbox.add

    def fails(*arguments: object, **words: object) -> bool:
        add(*arguments, **words)
        raise SystemError

    with monkeypatch.context() as patch:
        patch.setattr(Outbox, "add", fails)
        assert phone.try_login().status_code == 500
    dispatch(site)
    assert team.got == []
    with site.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(WebhookEvent)) == 0
