"""Signing in and out of the console, as a person does it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.browser import Desk

Sit = Callable[..., Desk]


def test_an_operator_signs_in_and_out(sit: Sit) -> None:
    desk = sit()
    desk.open("/admin/")
    assert desk.path == "/admin/sign-in?back=%2Fadmin%2F"
    desk.sign_in()
    assert desk.path == "/admin/"
    desk.page.get_by_role("button", name="Sign out").locator("visible=true").click()
    assert desk.path == "/admin/sign-in"
    desk.open("/admin/")
    assert desk.path.startswith("/admin/sign-in")


def test_sign_in_leads_to_where_the_operator_wanted_to_be(sit: Sit) -> None:
    desk = sit()
    desk.open("/admin/account")
    desk.fill(username=desk.operator.name, password=desk.operator.password)
    desk.press("Sign in")
    assert desk.path == "/admin/account"


def test_sign_in_never_leads_to_another_host(sit: Sit) -> None:
    desk = sit()
    desk.open("/admin/sign-in?back=//evil.example/admin/")
    desk.fill(username=desk.operator.name, password=desk.operator.password)
    desk.press("Sign in")
    assert desk.path == "/admin/"


def test_a_wrong_password_is_told_once_and_the_way_back_is_kept(sit: Sit) -> None:
    desk = sit()
    desk.open("/admin/account")
    desk.fill(username=desk.operator.name, password="not the password")
    desk.press("Sign in")
    assert "is wrong" in desk.notice()
    assert desk.path == "/admin/sign-in?back=%2Fadmin%2Faccount"
    desk.page.reload()
    assert desk.page.locator(".notice").count() == 0


def test_a_sign_in_that_fails_is_an_event(sit: Sit) -> None:
    desk = sit()
    desk.open("/admin/sign-in")
    desk.fill(username=desk.operator.name, password="not the password")
    desk.press("Sign in")
    desk.site.app.extensions["wxlogin"].watch.recorder.flush()
    desk.sign_in()
    assert "Failed admin sign-in" in desk.open("/admin/events")


@pytest.mark.settings(WXLOGIN_LIMIT_ADMIN_NAME="2/minute")
def test_too_many_tries_are_told_in_words(sit: Sit) -> None:
    desk = sit()
    for _ in range(3):
        desk.open("/admin/sign-in")
        desk.fill(username=desk.operator.name, password="not the password")
        desk.press("Sign in")
    assert "Too many attempts" in desk.notice()


def test_a_form_with_a_forged_token_does_nothing(desk: Desk) -> None:
    desk.open("/admin/account")
    forge = "fields => fields.forEach((field) => { field.value = 'forged' })"
    desk.page.locator("[name=csrf_token]").evaluate_all(forge)
    desk.page.get_by_role("button", name="Sign out").locator("visible=true").click()
    assert "send it once more" in desk.text()
    desk.expect(403)
    assert desk.open("/admin/")
