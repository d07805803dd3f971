"""An owner invites a colleague, who sets a password in a browser of their own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.browser import PHONE, Desk
from tests.harness.console import PASSWORD, Operator
from tests.harness.site import Site
from wxlogin.operators.invitations import FORM

Sit = Callable[..., Desk]


def invite(desk: Desk, name: str = "otto") -> str:
    """The link that an owner is shown, once."""
    desk.open("/admin/admins")
    desk.press("New admin")
    desk.fill(name=name)
    desk.page.select_option("[name=role]", "operator")
    desk.press("Create admin")
    link = desk.page.locator(".copied code").inner_text()
    desk.site.tokens.add(link.partition("#")[2])
    return link


@pytest.fixture
def stranger(sit: Sit) -> Desk:
    """Somebody who is not signed in, at a browser."""
    return sit(width=PHONE)


def visit(desk: Desk, link: str) -> None:
    """Open a link."""
    desk.page.goto(link)
    desk.page.wait_for_load_state()


def test_who_is_invited_sets_a_password_and_is_in(desk: Desk, stranger: Desk, site: Site) -> None:
    link = invite(desk)
    assert FORM.fullmatch(link.partition(f"{site.base}/admin/invitation#")[2])
    visit(stranger, link)
    assert stranger.barriers_everywhere() == []
    stranger.fill(password="otto-otto-otto")
    stranger.press("Set the password and sign in")
    assert "easy to guess" in stranger.notice() or "hold the name" in stranger.notice()
    stranger.fill(password=PASSWORD)
    stranger.press("Set the password and sign in")
    assert stranger.path.partition("#")[0] == "/admin/"
    assert "wxi_" not in stranger.page.url
    shown = desk.open("/admin/admins")
    assert "otto" in shown
    assert "invited" not in shown


def test_a_link_that_is_used_says_so(desk: Desk, sit: Sit) -> None:
    link = invite(desk)
    for said in ("", "The invitation is wrong, used or over. Ask for another."):
        other = sit()
        visit(other, link)
        other.fill(password=PASSWORD)
        other.press("Set the password and sign in")
        assert said in (other.notice() if said else "")


def test_a_new_link_takes_the_place_of_one_that_was_not_used(desk: Desk, stranger: Desk) -> None:
    first = invite(desk)
    desk.open("/admin/admins")
    desk.press("New invitation")
    desk.press("Make a new invitation")
    link = desk.page.locator(".copied code").inner_text()
    desk.site.tokens.add(link.partition("#")[2])
    assert link != first
    visit(stranger, link)
    stranger.fill(password=PASSWORD)
    stranger.press("Set the password and sign in")
    assert stranger.path.partition("#")[0] == "/admin/"


def test_without_scripts_the_code_is_pasted(desk: Desk, sit: Sit) -> None:
    code = invite(desk).partition("#")[2]
    other = sit(scripts=False, width=PHONE)
    other.open("/admin/invitation")
    other.fill(invitation=code, password=PASSWORD)
    other.press("Set the password and sign in")
    assert other.path.partition("#")[0] == "/admin/"


def test_a_password_that_somebody_else_knows_is_replaced_first(desk: Desk, sit: Sit) -> None:
    desk.open("/admin/admins/new")
    desk.fill(name="otto")
    desk.page.select_option("[name=begins]", "password")
    desk.press("Create admin")
    password = desk.page.locator(".copied code").inner_text()
    desk.site.tokens.add(password)
    otto = Operator.__new__(Operator)
    otto.site, otto.name, otto.password = desk.site, "otto", password
    other = sit(otto).sign_in()
    assert other.path == "/admin/account/password"
    assert "Somebody else knows the password" in other.text()
    assert other.barriers_everywhere() == []
    other.open("/admin/users")
    assert other.path == "/admin/account/password"
    other.fill(password=password, new_password=PASSWORD)
    other.press("Change the password")
    assert other.open("/admin/users")
    assert other.path == "/admin/users"


def test_an_owner_tries_whether_alerts_arrive(desk: Desk) -> None:
    desk.open("/admin/alerts")
    desk.press("Send a test")
    desk.press("Send a test")
    assert "Alerts go to nobody" in desk.text()
    assert desk.barriers_everywhere() == []


def test_an_admin_sees_where_they_signed_in(sit: Sit) -> None:
    desk = sit().sign_in()
    text = desk.open("/admin/account")
    assert "What you should know" in text
    assert "You have none: a stolen password alone would open this account." in text
    desk.press("All sign-ins to my account")
    assert "Chrome" in desk.text()
    assert desk.barriers_everywhere() == []
