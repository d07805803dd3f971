"""Mini-programs in the admin: registered, given secrets, disabled and enabled."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from tests.admin.forms import seen, sent
from tests.harness.console import Operator
from tests.harness.phone import Phone
from tests.harness.site import APPID, SECRET, Site
from tests.harness.watched import events
from wxlogin.extensions import db
from wxlogin.models import App
from wxlogin.sandbox import Fault
from wxlogin.vault import Vault

OTHER = "wxfedcba9876543210"
OTHER_SECRET = "c4ca4238a0b923820dcc509a6f75849b"
FRESH = "0cc175b9c0f1b6a831c399e269772661"
PUSH = {"token": "Tok3n", "aes_key": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"}
TOKEN = "/cgi-bin/stable_token"


@pytest.fixture
def other(site: Site, owner: Operator) -> dict[str, Any]:
    """A second mini-program, registered after the first, which is so when it is needed."""
    assert list(listed(owner)) == [APPID]
    site.secrets |= {OTHER_SECRET, FRESH, PUSH["aes_key"]}
    site.sandbox.world.add_app(OTHER, OTHER_SECRET)
    body = {"appid": OTHER, "name": "小程序 two", "secret": OTHER_SECRET}
    return dict(owner.done("POST", "/apps", json=body))


def listed(operator: Operator) -> dict[str, dict[str, Any]]:
    """The mini-programs by appid."""
    return {item["id"]: item for item in operator.done("GET", "/apps")["items"]}


def audited(owner: Operator, appid: str) -> list[tuple[str, str]]:
    """The acts on a mini-program and how each ended, in order."""
    items = owner.done("GET", f"/audit?target=app:{appid}")["items"]
    return [(item["act"], item["outcome"]) for item in items[::-1] if item["intent"]]


# Registered and listed


def test_an_app_that_was_added_is_listed_and_takes_logins(
    site: Site, owner: Operator, other: dict[str, Any]
) -> None:
    assert list(listed(owner)) == [OTHER, APPID]
    assert listed(owner)[OTHER] == other
    assert (other["name"], other["status"], other["push_keys"]) == ("小程序 two", "active", False)
    Phone(site).login(code=site.sandbox.world.login_code("alice", OTHER), appid=OTHER)
    assert audited(owner, OTHER) == [("app.add", "done")]


def test_the_list_is_paged(owner: Operator, other: dict[str, Any]) -> None:
    first = owner.done("GET", "/apps?limit=1")
    second = owner.done("GET", f"/apps?limit=1&cursor={first['next']}")
    assert [item["id"] for item in first["items"] + second["items"]] == [OTHER, APPID]
    assert second["next"] is None


def test_an_app_is_added_once(owner: Operator, other: dict[str, Any]) -> None:
    body = {"appid": OTHER, "name": "n", "secret": OTHER_SECRET}
    assert owner.refusal("POST", "/apps", json=body) == "INVALID_REQUEST"
    assert audited(owner, OTHER)[-1] == ("app.add", "refused")


WRONG_FIELDS = [
    ("appid", "w"),
    ("appid", "wx012345678\n"),
    ("name", ""),
    ("name", "x" * 65),
    ("name", "a\x1b[31m"),
    ("secret", "short"),
    ("secret", FRESH + "!"),
]


def test_a_wrong_field_is_named_and_not_repeated(
    owner: Operator, subtests: pytest.Subtests
) -> None:
    for field, value in WRONG_FIELDS:
        with subtests.test(field=field, value=value):
            body = {"appid": OTHER, "name": "n", "secret": OTHER_SECRET, field: value}
            answer = owner.ask("POST", "/apps", json=body)
            assert owner.site.problem(answer) == "INVALID_REQUEST"
            assert [fault["field"] for fault in answer.json()["errors"]] == [field]
            assert FRESH not in answer.text
            assert list(listed(owner)) == [APPID]


OF_ONE_APP = [
    ("PUT", "secret", {"secret": FRESH}),
    ("PUT", "push", PUSH),
    ("PUT", "name", {"name": "n"}),
    ("POST", "end-sessions", None),
    ("POST", "disable", None),
    ("POST", "enable", None),
]


def test_an_app_that_is_not_registered_is_not_found(
    owner: Operator, subtests: pytest.Subtests
) -> None:
    for method, path, body in OF_ONE_APP:
        with subtests.test(method=method, path=path, body=body):
            assert owner.refusal(method, f"/apps/{OTHER}/{path}", json=body) == "NOT_FOUND"
            assert audited(owner, OTHER) == []


# Secrets


def test_a_secret_is_replaced_once_wechat_takes_it(site: Site, owner: Operator) -> None:
    phone = Phone(site)
    phone.login()
    refused = owner.refusal("PUT", f"/apps/{APPID}/secret", json={"secret": FRESH})
    assert refused == "WX_MISCONFIGURED"
    phone.login()
    site.sandbox.world.set_secret(APPID, FRESH)
    site.secrets.add(FRESH)
    assert owner.done("PUT", f"/apps/{APPID}/secret", json={"secret": FRESH})["id"] == APPID
    assert phone.refusal() == ""
    phone.login()
    assert audited(owner, APPID) == [("app.set_secret", "failed"), ("app.set_secret", "done")]


def test_a_mistyped_secret_is_told_to_who_typed_it_and_alarms_nobody(
    site: Site, owner: Operator
) -> None:
    site.sandbox.world.add_app(OTHER, OTHER_SECRET)
    new = {"appid": OTHER, "name": "two", "secret": FRESH}
    assert owner.refusal("PUT", f"/apps/{APPID}/secret", json={"secret": FRESH}) == (
        "WX_MISCONFIGURED"
    )
    answer = owner.ask("POST", "/apps", json=new)
    assert site.problem(answer) == "WX_MISCONFIGURED"
    assert "40125" in answer.json()["detail"]
    assert list(listed(owner)) == [APPID]
    assert "wechat.misconfigured" not in [one["kind"] for one in events(site)]
    assert owner.done("GET", "/alerts")["items"] == []
    assert owner.done("GET", "/status")["wechat"][0]["state"] != "refuses"
    site.secrets |= {FRESH, OTHER_SECRET}
    assert owner.done("POST", "/apps", json={**new, "secret": OTHER_SECRET})["name"] == "two"


def test_an_app_is_not_added_while_wechat_is_out(site: Site, owner: Operator) -> None:
    site.sandbox.world.add_app(OTHER, OTHER_SECRET)
    site.sandbox.faults.queue(TOKEN, Fault(status=502), times=3)
    body = {"appid": OTHER, "name": "two", "secret": OTHER_SECRET}
    assert owner.refusal("POST", "/apps", json=body) == "WX_UNAVAILABLE"
    assert list(listed(owner)) == [APPID]


def test_an_app_is_renamed(owner: Operator, other: dict[str, Any]) -> None:
    assert owner.done("PUT", f"/apps/{OTHER}/name", json={"name": "邻里"})["name"] == "邻里"
    assert listed(owner)[OTHER]["name"] == "邻里"
    assert owner.refusal("PUT", f"/apps/{OTHER}/name", json={"name": "a\u202eb"}) == (
        "INVALID_REQUEST"
    )
    (act,) = [one for one in owner.trail(f"app:{OTHER}") if one["act"] == "app.rename"]
    assert act["detail"] == {"from": "小程序 two", "to": "邻里"}


def test_only_who_types_the_name_stops_a_mini_program(site: Site, owner: Operator) -> None:
    phone = Phone(site)
    phone.login()
    name = listed(owner)[APPID]["name"]
    page = seen(owner, f"/admin/apps/{APPID}/disable")
    assert "At most 1 session ends." in page
    for typed in ({}, {"typed_name": "another"}):
        answer = sent(owner, f"/apps/{APPID}/disable", **typed)
        assert answer.headers["X-Wxlogin-Error"] == "INVALID_REQUEST"
    assert phone.refusal() == ""
    sent(owner, f"/apps/{APPID}/disable", typed_name=name)
    assert phone.refusal() != ""


def test_the_guides_lead_to_the_acts_that_they_name(owner: Operator) -> None:
    assert listed(owner)
    for guide in ("leaked-secret", "wrong-secret"):
        assert f"/admin/apps/{APPID}/{guide}" in seen(owner, "/admin/apps")
        assert f"/admin/apps/{APPID}/{guide}" in seen(owner, f"/admin/apps/{APPID}/secret")
        page = seen(owner, f"/admin/apps/{APPID}/{guide}")
        assert f'href="/admin/apps/{APPID}/secret"' in page
        assert "By itself:" in page


def test_wechat_out_keeps_the_old_secret(site: Site, owner: Operator) -> None:
    site.sandbox.faults.queue(TOKEN, Fault(status=502), times=3)
    refused = owner.refusal("PUT", f"/apps/{APPID}/secret", json={"secret": SECRET})
    assert refused == "WX_UNAVAILABLE"
    Phone(site).login()


def test_push_keys_are_kept_sealed_and_never_shown(
    site: Site, owner: Operator, other: dict[str, Any]
) -> None:
    shown = owner.done("PUT", f"/apps/{OTHER}/push", json=PUSH)
    assert shown["push_keys"] is True
    assert listed(owner)[APPID]["push_keys"] is False
    with site.app.app_context():
        row = db.session.scalars(select(App).where(App.appid == OTHER)).one()
    vault = Vault(site.settings.data_keys)
    assert row.push_token_sealed
    assert vault.open(row.push_token_sealed, f"app.push_token_sealed:{OTHER}") == PUSH["token"]
    assert row.push_aes_key_sealed
    assert (
        vault.open(row.push_aes_key_sealed, f"app.push_aes_key_sealed:{OTHER}") == PUSH["aes_key"]
    )


@pytest.mark.parametrize(
    "wrong",
    [{"token": "ab"}, {"token": "a" * 33}, {"token": "a b"}, {"aes_key": PUSH["aes_key"] + "="}],
)
def test_push_keys_have_wechat_s_form(owner: Operator, wrong: dict[str, str]) -> None:
    body = {**PUSH, **wrong}
    assert owner.refusal("PUT", f"/apps/{APPID}/push", json=body) == "INVALID_REQUEST"


# Sessions


def test_ending_its_sessions_lets_users_log_in_again(
    site: Site, owner: Operator, other: dict[str, Any]
) -> None:
    phones = [Phone(site, user) for user in ("alice", "alice", "bob")]
    for phone in phones:
        phone.login()
    stranger = Phone(site)
    stranger.login(code=site.sandbox.world.login_code("alice", OTHER), appid=OTHER)
    assert owner.done("POST", f"/apps/{APPID}/end-sessions") == {"ended": 3}
    assert {phone.refusal() for phone in phones} == {"SESSION_REVOKED"}
    assert stranger.refusal() == ""
    phones[0].login()
    assert owner.done("POST", f"/apps/{APPID}/end-sessions") == {"ended": 1}
    details = [
        item["detail"]
        for item in owner.done("GET", f"/audit?target=app:{APPID}")["items"]
        if item["outcome"] == "done"
    ]
    assert details == [{"users": 2, "ended": 1}, {"users": 2, "ended": 3}]


def test_disabling_ends_sessions_and_enabling_lets_everybody_in_at_once(
    site: Site, owner: Operator
) -> None:
    phones = [Phone(site, user) for user in ("alice", "bob")]
    for phone in phones:
        phone.login()
    assert owner.done("POST", f"/apps/{APPID}/disable") == {"ended": 2}
    assert listed(owner)[APPID]["status"] == "disabled"
    assert {phone.refusal() for phone in phones} == {"SESSION_REVOKED"}
    assert site.problem(phones[0].try_login(appid=APPID)) == "APP_UNKNOWN"
    assert owner.done("POST", f"/apps/{APPID}/disable") == {"ended": 0}
    assert owner.done("POST", f"/apps/{APPID}/enable")["status"] == "active"
    for phone in phones:
        phone.login()
    owner.done("POST", f"/apps/{APPID}/enable")
    assert {phone.refusal() for phone in phones} == {""}
    assert [act for act, _ in audited(owner, APPID)] == [
        *["app.disable"] * 2,
        *["app.enable"] * 2,
    ]


def test_many_users_are_seen_to_in_batches(
    site: Site, owner: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wxlogin.accounts.app_access.BATCH", 2)
    phones = [Phone(site, f"user-{n}") for n in range(5)]
    for phone in phones:
        phone.login()
    assert owner.done("POST", f"/apps/{APPID}/end-sessions") == {"ended": 5}
    assert owner.done("GET", "/sessions")["items"] == []
