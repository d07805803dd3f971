"""What an owner does at the console to mini-programs, API tokens and admins."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.browser import Desk
from tests.harness.console import Operator
from tests.harness.phone import Phone
from tests.harness.site import APPID, SECRET, Site

Sit = Callable[..., Desk]

OTHER = "wxfedcba9876543210"
OTHER_SECRET = "c4ca4238a0b923820dcc509a6f75849b"  # made up


@pytest.fixture
def victor(site: Site) -> Operator:
    """A viewer who is signed in."""
    return Operator(site, "viewer", "victor").sign_in()


def take(desk: Desk) -> str:
    """The secret that a page shows this once; reloading the list does not show it again."""
    secret = desk.page.locator(".copied code").inner_text()
    desk.site.tokens.add(secret)
    assert desk.barriers_everywhere() == []
    desk.press("I have saved it")
    assert secret not in desk.page.content()
    return secret


def test_a_mini_program_is_added_and_its_secret_replaced(desk: Desk, site: Site) -> None:
    site.secrets.add(OTHER_SECRET)
    desk.open("/admin/apps")
    desk.press("Add a mini-program")
    site.sandbox.world.add_app(OTHER, OTHER_SECRET)
    desk.fill(appid=OTHER, name="邻里团购", secret="0" * 32)
    desk.press("Add it")
    assert "WeChat did not take this AppSecret" in desk.notice()
    assert desk.page.input_value("[name=name]") == "邻里团购"
    desk.fill(secret=OTHER_SECRET)
    desk.press("Add it")
    assert desk.notice() == "邻里团购 is registered."
    desk.open(f"/admin/apps/{OTHER}/secret")
    desk.fill(secret=OTHER_SECRET)
    desk.press("Replace the AppSecret")
    assert "WeChat has taken the new AppSecret of 邻里团购" in desk.notice()


def test_a_secret_that_wechat_refuses_is_not_kept(desk: Desk) -> None:
    desk.open(f"/admin/apps/{APPID}/secret")
    desk.fill(secret="0" * 32)
    desk.press("Replace the AppSecret")
    assert "the old one is kept" in desk.notice()


def test_push_keys_are_set_and_not_shown(desk: Desk, site: Site) -> None:
    desk.open("/admin/apps")
    desk.press("Message push keys")
    site.secrets |= {"PushToken7", "k" * 43}
    desk.fill(token="PushToken7", aes_key="k" * 43)
    desk.press("Save keys")
    assert "are kept" in desk.notice()
    assert "k" * 43 not in desk.page.content()


def test_both_app_keys_of_virtual_payment_are_set_and_not_shown(desk: Desk, site: Site) -> None:
    keys = {
        "live": "live-app-key-of-32-characters-abc",
        "sandbox": "sandbox-app-key-of-32-characters",
    }
    site.secrets |= set(keys.values())
    for environment, key in keys.items():
        desk.open("/admin/apps")
        desk.press("AppKey of virtual payment")
        desk.page.select_option("[name=sandbox]", label=environment)
        desk.fill(key=key)
        assert desk.page.get_attribute("[name=key]", "type") == "password"
        desk.press("Save AppKey")
        assert "is kept" in desk.notice()
        assert key not in desk.page.content()
    assert "live, sandbox" in desk.text()
    desk.press("AppKey of virtual payment")
    assert desk.page.input_value("[name=key]") == ""
    apps = desk.operator.done("GET", "/apps")["items"]
    assert [(app["pay_key"], app["sandbox_pay_key"]) for app in apps] == [(True, True)]


def test_a_mini_program_is_switched_off_and_on(desk: Desk, phone: Phone) -> None:
    phone.login()
    desk.open("/admin/apps")
    desk.press("Disable")
    desk.fill(typed_name=APPID)
    desk.press("Disable the mini-program")
    assert desk.notice() == "1 session ended."
    assert phone.site.problem(phone.try_login()) == "APP_UNKNOWN"
    desk.press("Enable")
    desk.press("Enable the mini-program")
    assert phone.try_login().ok


def test_all_sessions_of_a_mini_program_end(desk: Desk, phone: Phone) -> None:
    phone.login()
    desk.open("/admin/apps")
    desk.press("End all sessions")
    desk.press("End all sessions")
    assert desk.notice() == "1 session ended."
    assert phone.refusal() == "SESSION_REVOKED"


def test_a_token_is_shown_once_works_and_is_revoked(desk: Desk, site: Site) -> None:
    desk.open("/admin/tokens")
    desk.press("New token")
    desk.fill(name="the shop")
    desk.page.check("#scopes-read")
    desk.press("Create token")
    bearer = {"Authorization": f"Bearer {take(desk)}"}
    assert site.request("GET", "/admin/api/overview", headers=bearer).ok
    desk.press("Revoke")
    assert "the shop" in desk.text()
    desk.press("Revoke the token")
    assert desk.notice() == "The token of the shop is revoked."
    assert site.request("GET", "/admin/api/overview", headers=bearer).status_code == 401


def test_a_token_without_a_scope_is_not_made(desk: Desk) -> None:
    desk.open("/admin/tokens/new")
    desk.fill(name="the shop")
    desk.press("Create token")
    assert desk.path == "/admin/tokens/new"
    assert desk.page.locator(".notice.refused").count() == 1


def test_an_admin_is_made_with_a_password_that_is_shown_once(desk: Desk, sit: Sit) -> None:
    desk.open("/admin/admins")
    desk.press("New admin")
    desk.fill(name="wang.wei")
    desk.page.select_option("[name=begins]", "password")
    desk.press("Create admin")
    password = take(desk)
    other = sit("viewer")
    other.operator.name, other.operator.password = "wang.wei", password
    assert other.sign_in().path == "/admin/account/password"


def test_an_admin_gets_another_role(desk: Desk, victor: Operator) -> None:
    desk.open(f"/admin/admins/{victor.id}/role")
    desk.page.select_option("[name=role]", label="Operator")
    desk.press("Give the role")
    assert desk.notice() == "victor has another role."
    assert victor.refusal("GET", "/me") == "SESSION_EXPIRED"
    assert victor.sign_in().done("GET", "/me")["admin"]["role"] == "operator"


def test_an_admin_is_disabled_and_enabled(desk: Desk, victor: Operator) -> None:
    desk.open("/admin/admins")
    desk.press("Disable")
    assert "victor" in desk.text()
    desk.press("Disable the admin")
    assert victor.try_sign_in().status_code == 401
    desk.press("Enable")
    desk.press("Enable the admin")
    assert victor.try_sign_in().ok


def test_an_admin_gets_a_new_password(desk: Desk, victor: Operator) -> None:
    desk.open(f"/admin/admins/{victor.id}/reset-password")
    desk.press("Reset the password")
    victor.password = take(desk)
    assert victor.try_sign_in().ok


def test_the_last_owner_stays_one(desk: Desk) -> None:
    desk.open(f"/admin/admins/{desk.operator.id}/disable")
    desk.press("Disable the admin")
    assert "last owner" in desk.notice()


def test_keys_are_named_by_fingerprints(desk: Desk, site: Site) -> None:
    said = desk.open("/admin/keys")
    assert "Data at rest" in said
    assert "Signing tokens" in said
    assert SECRET not in said


def test_the_page_of_scans_is_set_and_shown(desk: Desk) -> None:
    desk.open("/admin/apps")
    assert "the main page" in desk.text()
    desk.press("Page of scans")
    assert desk.barriers_everywhere() == []
    desk.fill(page="pages/scan/scan")
    desk.page.select_option("[name=env_version]", "trial")
    desk.page.select_option("[name=check_path]", "off")
    desk.press("Set the page")
    assert "is set" in desk.notice()
    assert "pages/scan/scan" in desk.text()
    desk.press("Page of scans")
    assert desk.page.input_value("[name=page]") == "pages/scan/scan"
    assert desk.page.input_value("[name=check_path]") == "off"
    desk.fill(page="/no")
    desk.press("Set the page")
    assert "without a slash" in desk.notice()
