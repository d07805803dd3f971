"""Many mini-programs on one server: apart from one another, linked by the person alone."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.harness.command_line import CommandLine
from tests.harness.phone import Phone
from tests.harness.rings import give_up
from tests.harness.site import APPID, Site
from tests.harness.sql import Statement, UserRow, recorded

OTHER = "wxfedcba9876543210"
OTHER_SECRET = "c4ca4238a0b923820dcc509a6f75849b"
LOGIN = "/sns/jscode2session"
TOKEN = "/cgi-bin/stable_token"


@pytest.fixture
def operator(site: Site) -> CommandLine:
    """Somebody at the command line who has registered a second mini-program."""
    operator = CommandLine(site, "apps")
    operator.add(OTHER, OTHER_SECRET)
    return operator


def login(site: Site, appid: str, user: str = "alice") -> Phone:
    """The user's phone, signed in to one of the mini-programs."""
    phone = Phone(site, user)
    world = site.sandbox.world
    code = world.login_code(user, appid)
    site.secrets |= {world.openid(user, appid), world.session_key(user, appid)}
    site.secrets |= {world.unionid(user)} - {None}
    phone.login(code=code, appid=appid)
    return phone


# Apart


def test_one_person_is_one_user_in_each_app(site: Site, operator: CommandLine) -> None:
    first, second = login(site, APPID), login(site, OTHER)
    assert first.user_id != second.user_id
    assert second.ask("GET", "/v1/session").json()["app"] == {"appid": OTHER}
    assert first.logout("all") == 1
    assert second.refusal() == ""


def test_a_code_of_another_app_is_invalid_and_both_secrets_are_tried_where_they_belong(
    site: Site, operator: CommandLine
) -> None:
    code = site.sandbox.world.login_code("alice", OTHER)
    assert site.problem(Phone(site).try_login(code=code, appid=APPID)) == "CODE_INVALID"
    Phone(site).login(code=code, appid=OTHER)


def test_a_key_is_renewed_with_a_code_of_the_sessions_own_app(
    site: Site, operator: CommandLine
) -> None:
    phone = login(site, OTHER)
    world = site.sandbox.world
    body = {"code": world.login_code("alice", APPID)}
    assert site.problem(phone.ask("POST", "/v1/session/key", json=body)) == "CODE_INVALID"
    body = {"code": world.login_code("alice", OTHER)}
    assert phone.ask("POST", "/v1/session/key", json=body).status_code == 200


def test_open_data_of_one_app_does_not_open_in_another(site: Site, operator: CommandLine) -> None:
    phone, world = login(site, OTHER), site.sandbox.world
    site.tokens.add(world.phone_fields("alice")["purePhoneNumber"])
    foreign = phone.ask("POST", "/v1/decrypt/phone", json=world.phone("alice", APPID))
    assert site.problem(foreign) == "DATA_INVALID"
    own = phone.ask("POST", "/v1/decrypt/phone", json=world.phone("alice", OTHER))
    assert own.json() == {"phone": world.phone_fields("alice")}


def test_each_app_has_its_own_access_token(site: Site, operator: CommandLine) -> None:
    for appid in (APPID, OTHER, APPID, OTHER):
        phone = login(site, appid)
        assert phone.ask("POST", "/v1/session/check").json() == {"valid": True}
    assert site.sandbox.world.calls[TOKEN] == 2


@pytest.mark.settings(WXLOGIN_WX_APPID="", WXLOGIN_WX_SECRET="")
def test_the_only_app_is_meant_where_none_is_named(site: Site) -> None:
    CommandLine(site, "apps").add(OTHER, OTHER_SECRET)
    Phone(site).login(code=site.sandbox.world.login_code("alice", OTHER))


@pytest.mark.settings(WXLOGIN_WX_APPID="", WXLOGIN_WX_SECRET="")
def test_of_several_apps_one_has_to_be_named(site: Site, operator: CommandLine) -> None:
    third = "wx1111111111111111"
    operator.add(third, OTHER_SECRET)
    answer = Phone(site).try_login(code="x")
    assert site.problem(answer) == "INVALID_REQUEST"
    assert [fault["field"] for fault in answer.json()["errors"]] == ["appid"]
    operator.done("disable", third)
    Phone(site).login(code=site.sandbox.world.login_code("alice", OTHER))


# The person behind two users


def test_the_unionid_links_the_users_of_one_person(site: Site, operator: CommandLine) -> None:
    site.sandbox.world.open_platform = True
    rows = [UserRow(site, login(site, appid).user_id) for appid in (APPID, OTHER)]
    bob = UserRow(site, login(site, APPID, "bob").user_id)
    assert rows[0].opened("unionid_sealed") == site.sandbox.world.unionid("alice")
    assert rows[0].column("unionid_index") == rows[1].column("unionid_index")
    assert rows[0].column("unionid_index") != bob.column("unionid_index")


def test_a_unionid_that_appears_later_is_filled_in_by_a_login(site: Site) -> None:
    row = UserRow(site, login(site, APPID).user_id)
    assert row.column("unionid_index") is None
    site.sandbox.world.open_platform = True
    login(site, APPID)
    unionid = site.sandbox.world.unionid("alice")
    assert unionid
    assert row.opened("unionid_sealed") == unionid
    assert row.is_indexed("unionid_index", unionid, "unionid")


def test_a_unionid_from_the_page_links_nobody(site: Site) -> None:
    """Open data passes through the phone, and its encryption keeps no integrity."""
    phone, world = login(site, APPID), site.sandbox.world
    world.open_platform = True
    site.guard("alice")
    answer = phone.ask("POST", "/v1/decrypt/profile", json=world.profile("alice"))
    assert answer.status_code == 200
    assert UserRow(site, phone.user_id).column("unionid_index") is None


def test_a_unionid_that_is_missing_once_is_kept(site: Site) -> None:
    site.sandbox.world.open_platform = True
    row = UserRow(site, login(site, APPID).user_id)
    site.sandbox.world.open_platform = False
    login(site, APPID)
    site.sandbox.world.open_platform = True
    assert row.opened("unionid_sealed") == site.sandbox.world.unionid("alice")


# What a login asks SQL


@pytest.fixture
def statements(site: Site) -> Iterator[list[Statement]]:
    """The SQL that the server runs."""
    with recorded(site) as run:
        yield run


def test_a_login_asks_sql_of_no_app_until_one_changes(
    site: Site, operator: CommandLine, statements: list[Statement]
) -> None:
    for _ in range(2):  # the first registers the app of the settings, which is a change
        login(site, APPID)
    statements.clear()
    for appid in (APPID, OTHER, APPID):
        login(site, appid)
    assert statements
    assert [text for text, _ in statements if re.search(r"\bFROM app\b", text)] == []
    operator.add("wx1111111111111111", OTHER_SECRET)
    statements.clear()
    login(site, APPID)
    login(site, APPID)
    assert len([text for text, _ in statements if re.search(r"\bFROM app\b", text)]) == 1


# A login that hangs at WeChat while its app is disabled


def known_user(site: Site) -> None:
    """Alice has a session."""
    login(site, APPID)


def user_of_long_ago(site: Site) -> None:
    """Alice's last session has ended by age."""
    login(site, APPID)
    site.clock.forward(2_592_001)


def no_user(site: Site) -> None:
    """Alice was never here."""


@pytest.mark.parametrize("before", [known_user, user_of_long_ago, no_user])
def test_a_login_under_way_makes_no_session_in_a_disabled_app(
    site: Site, before: Callable[[Site], None]
) -> None:
    before(site)
    phone, operator = Phone(site), CommandLine(site, "apps")
    with ThreadPoolExecutor(1) as pool:
        with site.sandbox.faults.hold(LOGIN) as hold:
            answer = pool.submit(phone.try_login)
            assert hold.arrived()
            operator.done("disable", APPID)
        refused: requests.Response = answer.result(20)
    assert site.problem(refused) == "APP_UNKNOWN"


def test_an_app_whose_secret_does_not_open_leaves_the_others_as_they_are(
    make_site: Callable[..., Site],
) -> None:
    site = make_site()
    Phone(site).login()
    give_up(site, "data", "d1")
    foreign = base64.b64encode(secrets.token_bytes(32)).decode()
    later = make_site(WXLOGIN_DATA_KEYS=f"d9:{foreign}")
    assert later.problem(Phone(later).try_login()) == "WX_MISCONFIGURED"
    assert [line for line in later.log.lines if "WXLOGIN_DATA_KEYS" in line]
