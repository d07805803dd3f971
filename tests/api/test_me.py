"""What users see of themselves, and the nickname and avatar that they choose."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import update

from tests.api.own_profile import AVATAR, CHECK, ME, PROFILE, checks, put, refusal, shown
from tests.harness.phone import Phone
from tests.harness.signer import Signer
from tests.harness.site import Site
from tests.harness.sql import UserRow
from tests.harness.team import Team, dispatch
from wxlogin.extensions import db
from wxlogin.models import User
from wxlogin.outbox import EventType
from wxlogin.sandbox import Fault

NOBODY = {"nickname": None, "avatar_url": None}


@pytest.fixture(autouse=True)
def _login(phone: Phone) -> None:
    phone.login()


# What a user sees


def test_a_new_user_has_an_id_and_no_profile(phone: Phone) -> None:
    found = shown(phone)
    assert set(found) == {"user", "profile", "phone", "created_at"}
    assert set(found["user"]) == {"id", "person", "external_id", "is_complete"}
    assert (found["user"]["id"], found["user"]["is_complete"]) == (phone.user_id, False)
    assert (found["profile"], found["phone"]) == (NOBODY, None)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", found["created_at"])


def test_the_person_and_the_teams_own_id_are_shown(site: Site, phone: Phone) -> None:
    person = UserRow(site, phone.user_id).column("person")
    assert (shown(phone)["user"]["person"], shown(phone)["user"]["external_id"]) == (person, None)
    with site.app.app_context():
        db.session.execute(update(User).values(external_id="customer-7"))
        db.session.commit()
    assert shown(phone)["user"]["external_id"] == "customer-7"


def test_the_phone_number_is_masked(site: Site, phone: Phone) -> None:
    body = site.sandbox.world.phone("alice")
    number = site.sandbox.world.phone_fields("alice")["purePhoneNumber"]
    assert phone.ask("POST", "/v1/decrypt/phone", json=body).ok
    assert shown(phone)["phone"] == f"{number[:3]}****{number[-4:]}"


def test_the_profile_that_wechat_encrypted_is_shown(site: Site, phone: Phone) -> None:
    profile = site.sandbox.world.profile("alice")
    assert phone.ask("POST", "/v1/decrypt/profile", json=profile).ok
    found = shown(phone)
    assert found["profile"]["nickname"] == "微信用户 alice"
    assert found["profile"]["avatar_url"].startswith("https://thirdwx.qlogo.cn/")


def test_a_profile_is_complete_with_a_nickname_of_ones_own_and_an_avatar(phone: Phone) -> None:
    users = phone.site.services.accounts.users
    for stored, complete in (
        ({"nickName": "微信用户", "avatarUrl": AVATAR}, False),
        ({"nickName": "小明", "avatarUrl": ""}, False),
        ({"nickName": "", "avatarUrl": AVATAR}, False),
        ({"nickName": "小明", "avatarUrl": AVATAR}, True),
    ):
        with phone.site.app.app_context():
            users.save_profile(phone.user_id, stored)
        assert shown(phone)["user"]["is_complete"] is complete


def test_who_is_not_signed_in_sees_nothing(site: Site) -> None:
    for method, path in (("GET", ME), ("PUT", PROFILE), ("GET", f"{ME}/export"), ("DELETE", ME)):
        assert site.problem(site.request(method, path)) == "TOKEN_MISSING"


# What a user chooses


def test_nickname_and_avatar_are_stored_sealed(site: Site, phone: Phone) -> None:
    site.tokens |= {"小明明明明明", AVATAR}
    chosen = {"nickname": "小明明明明明", "avatar_url": AVATAR}
    assert put(phone, **chosen) == chosen
    row = UserRow(site, phone.user_id)
    assert row.opened("profile_sealed") == {"nickName": "小明明明明明", "avatarUrl": AVATAR}
    found = shown(phone)
    assert (found["profile"], found["user"]["is_complete"]) == (chosen, True)
    assert checks(site) == 1
    assert not row.column("nickname_unchecked")


def test_what_is_left_out_stays(site: Site, phone: Phone) -> None:
    assert put(phone, nickname="小明") == {"nickname": "小明", "avatar_url": None}
    assert put(phone, avatar_url=AVATAR) == {"nickname": "小明", "avatar_url": AVATAR}
    assert put(phone, nickname="小红", avatar_url=None)["avatar_url"] == AVATAR
    assert checks(site) == 2


def test_the_rest_of_wechats_profile_stays(site: Site, phone: Phone) -> None:
    profile = site.sandbox.world.profile("alice")
    assert phone.ask("POST", "/v1/decrypt/profile", json=profile).ok
    put(phone, nickname="小明")
    assert UserRow(site, phone.user_id).opened("profile_sealed")["gender"] == 0


def test_spaces_around_a_nickname_are_taken_off(phone: Phone) -> None:
    assert put(phone, nickname=" 小 明 ")["nickname"] == "小 明"


@pytest.mark.parametrize("nickname", ["x" * 64, "疑似", "Zoë ❤\ufe0f", "👩\u200d🚀 航天员", "נעמי"])
def test_a_nickname_that_people_have_is_taken(phone: Phone, nickname: str) -> None:
    assert put(phone, nickname=nickname)["nickname"] == nickname


WRONG: list[tuple[str, object]] = [
    ("nickname", ""),
    ("nickname", "   "),
    ("nickname", "x" * 65),
    ("nickname", 7),
    ("nickname", "a\u202eb"),
    ("nickname", "a\u200bb"),
    ("nickname", "a\nb"),
    ("nickname", "\ud800"),
    ("avatar_url", ""),
    ("avatar_url", "http://cdn.example.com/1.png"),
    ("avatar_url", "wxfile://tmp_1.png"),
    ("avatar_url", "javascript:alert(1)"),
    ("avatar_url", "https://"),
    ("avatar_url", "https://user@example.com/1.png"),
    ("avatar_url", "https://cdn.example.com/1.png\n"),
    ("avatar_url", 'https://cdn.example.com/"><script>'),
    ("avatar_url", "https://cdn.example.com/" + "x" * 701),
    ("gender", 1),
]


def test_a_wrong_field_is_named_and_wechat_is_not_asked(site: Site, phone: Phone) -> None:
    for field, value in WRONG:
        answer = phone.ask("PUT", PROFILE, json={"nickname": "小明", field: value})
        assert site.problem(answer) == "INVALID_REQUEST", (field, value)
        assert [fault["field"] for fault in answer.json()["errors"]] == [field], value
        assert (shown(phone)["profile"], checks(site)) == (NOBODY, 0), (field, value)


def test_an_empty_change_is_none(phone: Phone) -> None:
    assert refusal(phone) == "INVALID_REQUEST"
    assert refusal(phone, nickname=None) == "INVALID_REQUEST"


def test_a_risky_nickname_is_refused_and_nothing_is_stored(site: Site, phone: Phone) -> None:
    answer = phone.ask("PUT", PROFILE, json={"nickname": "上网赌博", "avatar_url": AVATAR})
    assert (answer.status_code, answer.json()["action"]) == (422, "prompt")
    assert site.problem(answer) == "CONTENT_REFUSED"
    assert shown(phone)["profile"] == NOBODY


@pytest.mark.parametrize(
    ("fault", "code", "times"),
    [
        (Fault(errcode=-1), "WX_UNAVAILABLE", 3),
        (Fault(status=502), "WX_UNAVAILABLE", 3),
        (Fault(body='{"errcode": 0, "errmsg": "ok"}'), "WX_UNAVAILABLE", 1),
        (Fault(body='{"errcode": 0, "result": {"suggest": []}}'), "WX_UNAVAILABLE", 1),
        (Fault(errcode=45009), "WX_RATE_LIMITED", 1),
        (Fault(errcode=48001), "WX_MISCONFIGURED", 1),
    ],
)
def test_without_wechats_word_nothing_is_stored(
    site: Site, phone: Phone, fault: Fault, code: str, times: int
) -> None:
    site.sandbox.faults.queue(CHECK, fault, times=times)
    assert refusal(phone, nickname="小明") == code
    assert shown(phone)["profile"] == NOBODY
    assert put(phone, nickname="小明")["nickname"] == "小明"


def test_an_avatar_needs_no_word_of_wechats(site: Site, phone: Phone) -> None:
    site.sandbox.faults.queue(CHECK, Fault(status=502), times=3)
    assert put(phone, avatar_url=AVATAR)["avatar_url"] == AVATAR


def test_a_token_that_wechat_refuses_is_replaced(site: Site, phone: Phone) -> None:
    put(phone, nickname="小明")
    site.sandbox.world.invalidate_access_tokens()
    assert put(phone, nickname="小红")["nickname"] == "小红"


def test_a_change_is_told_and_not_what_it_is(site: Site, phone: Phone) -> None:
    with Team() as team:
        site.services.webhooks.dispatcher._routing.refuse_new()
        team.subscribe(site, EventType.USER_PROFILE_CHANGED)
        for _ in range(2):
            put(phone, nickname="小明明明")
        put(phone, avatar_url=AVATAR)
        dispatch(site)
        assert [one.event["data"]["user"] for one in team.got] == [phone.user_id] * 2
        assert "小明" not in "".join(one.body for one in team.got)
        assert "cdn" not in "".join(one.body for one in team.got)


@pytest.mark.settings(WXLOGIN_LIMIT_PROFILE_OPENID="1/minute")
def test_changes_have_a_limit_of_their_own(site: Site, phone: Phone) -> None:
    put(phone, nickname="小明")
    assert refusal(phone, nickname="小红") == "RATE_LIMITED"
    assert (shown(phone)["profile"]["nickname"], checks(site)) == ("小明", 1)


@pytest.mark.settings(WXLOGIN_REQUEST_SIGNING="required")
def test_changes_have_to_be_signed_where_that_is_required(phone: Phone) -> None:
    assert refusal(phone, nickname="小明") == "REQUEST_UNSIGNED"
    body = '{"nickname": "小明"}'.encode()
    assert Signer(phone).call("PUT", PROFILE, body).json()["profile"]["nickname"] == "小明"
    assert shown(phone)["profile"]["nickname"] == "小明"
