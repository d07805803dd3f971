"""`flask apps`: what operators do to mini-programs, and what they are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select

from tests.harness.command_line import CommandLine
from tests.harness.phone import Page, Phone
from tests.harness.site import APPID, SECRET, Site
from wxlogin.accounts.app_access import AppAccess, Step
from wxlogin.extensions import db
from wxlogin.models import AuditEntry
from wxlogin.sandbox import Fault
from wxlogin.sessions.causes import Cause

OTHER = "wxfedcba9876543210"
OTHER_SECRET = "c4ca4238a0b923820dcc509a6f75849b"
FRESH = "0cc175b9c0f1b6a831c399e269772661"
TOKEN = "/cgi-bin/stable_token"
ADD = ("add", OTHER, "--name", "Another", "--secret-stdin")
SET = ("set-secret", APPID, "--secret-stdin")


@pytest.fixture
def operator(site: Site) -> CommandLine:
    """Somebody at the command line; no AppSecret may come back to them."""
    site.secrets |= {OTHER_SECRET, FRESH}
    return CommandLine(site, "apps")


def listed(operator: CommandLine) -> dict[str, str]:
    """The lines that `list` shows, by appid."""
    return {line.split()[0]: line for line in operator.done("list").splitlines()}


# Adding and listing


def test_an_app_that_was_added_is_listed(site: Site, operator: CommandLine) -> None:
    assert set(listed(operator)) == {APPID}
    operator.add(OTHER, OTHER_SECRET, "小程序 two")
    assert set(listed(operator)) == {APPID, OTHER}
    assert "active" in listed(operator)[OTHER]
    assert "小程序 two" in listed(operator)[OTHER]


@pytest.mark.settings(WXLOGIN_WX_APPID="", WXLOGIN_WX_SECRET="")
def test_an_empty_list_says_what_to_do(operator: CommandLine) -> None:
    assert "apps add" in operator.done("list")


def test_an_app_is_added_once(operator: CommandLine) -> None:
    operator.add(OTHER, OTHER_SECRET)
    said = operator.refused(*ADD, typed=FRESH)
    assert said == "Error: INVALID_REQUEST: appid is registered; replace its AppSecret instead\n"
    assert set(listed(operator)) == {APPID, OTHER}


def test_a_line_end_after_the_secret_is_no_part_of_it(site: Site, operator: CommandLine) -> None:
    site.sandbox.world.add_app(OTHER, OTHER_SECRET)
    operator.done(*ADD, typed=f"  {OTHER_SECRET}\r\n")
    code = site.sandbox.world.login_code("alice", OTHER)
    Phone(site).login(code=code, appid=OTHER)


WRONG_APPIDS = ["", "x", "wx", "wx1", "wx0123456789ABCDE!", "wx" + "0" * 40]


def test_a_wrong_appid_is_told(operator: CommandLine, subtests: pytest.Subtests) -> None:
    for appid in WRONG_APPIDS:
        with subtests.test(appid=appid):
            said = operator.refused(
                "add", appid, "--name", "n", "--secret-stdin", typed=OTHER_SECRET
            )
            assert "APPID should look like" in said
            assert set(listed(operator)) == {APPID}


@pytest.mark.parametrize("name", ["", "x" * 65, "a\nb", "\x1b[31m"])
def test_a_wrong_name_is_told(operator: CommandLine, name: str) -> None:
    said = operator.refused("add", OTHER, "--name", name, "--secret-stdin", typed=OTHER_SECRET)
    assert "1 to 64 characters, none of them invisible" in said


@pytest.mark.parametrize("command", [ADD, SET])
@pytest.mark.parametrize(
    "typed", ["", "\n", "s3cr3t-Value", FRESH + "!", FRESH + " " + FRESH, FRESH * 7, "ключ" * 8]
)
def test_a_wrong_secret_is_told_without_repeating_it(
    site: Site, operator: CommandLine, command: tuple[str, ...], typed: str
) -> None:
    said = operator.refused(*command, typed=typed)
    assert "Standard input should be the AppSecret" in said
    assert not typed.strip() or typed.strip() not in said
    assert site.sandbox.world.calls[TOKEN] == 0
    assert set(listed(operator)) == {APPID}


@pytest.mark.parametrize(
    "words",
    [
        ("add", OTHER, "--name", "n"),
        ("add", OTHER, "--secret-stdin"),
        ("add", "--name", "n", "--secret-stdin"),
        ("set-secret", APPID),
        ("disable",),
    ],
)
def test_what_is_missing_is_told(operator: CommandLine, words: tuple[str, ...]) -> None:
    assert "Missing" in operator.refused(*words, typed=OTHER_SECRET)


@pytest.mark.parametrize(
    "words", [("set-secret", OTHER, "--secret-stdin"), ("disable", OTHER), ("enable", OTHER)]
)
def test_an_app_that_is_not_registered_is_told(
    operator: CommandLine, words: tuple[str, ...]
) -> None:
    assert "APP_UNKNOWN" in operator.refused(*words, typed=OTHER_SECRET)


# Replacing the AppSecret


def test_a_running_server_answers_with_the_secret_at_once_and_no_session_is_lost(
    site: Site, operator: CommandLine
) -> None:
    page = Page(site)
    page.login()
    assert page.check() == {"valid": True}
    site.sandbox.world.set_secret(APPID, FRESH)
    assert site.problem(page.try_login()) == "WX_MISCONFIGURED"
    assert "replaced" in operator.done(*SET, typed=FRESH)
    assert page.refusal() == ""
    page.login()
    assert page.check() == {"valid": True}


def test_the_access_token_before_dies_at_once(site: Site, operator: CommandLine) -> None:
    page = Page(site)
    page.login()
    page.check()
    world = site.sandbox.world
    leaked = world.tokens.stable(APPID, site.clock(), force=False).value
    operator.done(*SET, typed=SECRET)
    with pytest.raises(Exception, match="40001"):
        world.tokens.appid_of(leaked, site.clock())
    calls = world.calls[TOKEN]
    assert page.check() == {"valid": True}
    assert world.calls[TOKEN] == calls


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (None, "WX_MISCONFIGURED"),
        (Fault(errcode=40001), "WX_MISCONFIGURED"),
        (Fault(errcode=45009), "WX_RATE_LIMITED"),
        (Fault(status=502), "WX_UNAVAILABLE"),
    ],
)
def test_a_secret_that_wechat_does_not_take_leaves_the_old_one(
    site: Site, operator: CommandLine, fault: Fault | None, code: str
) -> None:
    if fault:
        site.sandbox.faults.queue(TOKEN, fault, times=3)
    assert code in operator.refused(*SET, typed=FRESH)
    site.sandbox.faults.clear()
    Phone(site).login()


def test_a_secret_that_wechat_refuses_is_told_so(operator: CommandLine) -> None:
    said = operator.refused(*SET, typed=FRESH)
    assert "AppSecret" in said
    assert "kept" in said
    assert "(errcode 40125)" in said


def test_a_refresh_that_fails_is_told_with_what_was_done(site: Site, operator: CommandLine) -> None:
    """The secret is replaced by then; the access_token before lives on, and that is told."""
    site.sandbox.world.set_secret(APPID, FRESH)
    site.sandbox.faults.queue(TOKEN, Fault())  # lets the try of the secret pass
    site.sandbox.faults.queue(TOKEN, Fault(errcode=45009))
    said = operator.refused(*SET, typed=FRESH)
    assert "replaced" in said
    assert "access_token" in said
    Phone(site).login()


def test_a_replaced_secret_outlives_a_restart_with_the_old_one_in_the_settings(
    site: Site, operator: CommandLine, make_site: Callable[..., Site]
) -> None:
    site.sandbox.world.set_secret(APPID, FRESH)
    operator.done(*SET, typed=FRESH)
    again = make_site(WXLOGIN_WX_API_BASE=site.sandbox.base)
    assert any("WXLOGIN_WX_SECRET is not the AppSecret" in line for line in again.log.lines)
    phone = Phone(again)
    phone.login(code=site.sandbox.world.login_code("alice"))


# Disabling


def test_disabling_ends_all_sessions_and_refuses_logins(site: Site, operator: CommandLine) -> None:
    phones = [Phone(site, user) for user in ("alice", "alice", "bob")]
    for phone in phones:
        phone.login()
    said = operator.done("disable", APPID)
    assert "3 sessions of 2 users" in said
    assert {phone.refusal() for phone in phones} == {"SESSION_REVOKED"}
    assert site.problem(phones[0].try_login()) == "APP_UNKNOWN"
    assert site.problem(phones[0].try_login(appid=APPID)) == "APP_UNKNOWN"
    assert site.sandbox.world.calls["/sns/jscode2session"] == 3


def test_disabling_may_be_run_again(operator: CommandLine) -> None:
    operator.done("disable", APPID)
    assert "0 sessions" in operator.done("disable", APPID)
    assert "disabled" in listed(operator)[APPID]


def test_disabling_one_app_leaves_the_others(site: Site, operator: CommandLine) -> None:
    operator.add(OTHER, OTHER_SECRET)
    phone = Phone(site)
    phone.login(code=site.sandbox.world.login_code("alice", OTHER), appid=OTHER)
    operator.done("disable", APPID)
    assert phone.refusal() == ""
    phone.login(code=site.sandbox.world.login_code("alice", OTHER), appid=OTHER)


# Enabling


def test_enabling_lets_users_in_at_once(site: Site, operator: CommandLine) -> None:
    phone = Phone(site)
    phone.login()
    operator.done("disable", APPID)
    assert "1 user can log in" in operator.done("enable", APPID)
    phone.login()
    assert "active" in listed(operator)[APPID]


def test_enabling_what_is_enabled_changes_nothing(site: Site, operator: CommandLine) -> None:
    phone = Phone(site)
    phone.login()
    operator.done("enable", APPID)
    assert phone.refusal() == ""


def test_commands_stand_in_the_audit_trail(site: Site, operator: CommandLine) -> None:
    operator.done("disable", APPID)
    operator.refused("enable", OTHER)
    with site.app.app_context():
        rows = db.session.execute(select(AuditEntry.act, AuditEntry.target, AuditEntry.outcome))
        told = [tuple(row) for row in rows]
    assert told == [
        ("app.disable", f"app:{APPID}", "intent"),
        ("app.disable", f"app:{APPID}", "done"),
        ("app.enable", f"app:{OTHER}", "intent"),
        ("app.enable", f"app:{OTHER}", "refused"),
    ]


def test_what_is_stopped_says_how_far_it_came(
    site: Site, operator: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def disable(_registry: AppAccess, _appid: str, _cause: Cause) -> Iterator[Step]:
        yield Step(200, 300, 5)
        raise KeyboardInterrupt

    monkeypatch.setattr(AppAccess, "disable", disable)
    said = operator.refused("disable", APPID)
    assert said == "Error: Stopped after 200 users. Run it again for the rest.\n"
    with site.app.app_context():
        last = db.session.scalars(select(AuditEntry).order_by(AuditEntry.number.desc())).first()
    assert last is not None
    assert (last.outcome, '"users":200' in last.detail) == ("failed", True)


# Virtual payment


def test_app_keys_are_kept_for_both_environments(site: Site, operator: CommandLine) -> None:
    assert "The AppKey" in operator.done("set-pay-key", APPID, "--secret-stdin", typed=FRESH)
    said = operator.done("set-pay-key", APPID, "--sandbox", "--secret-stdin", typed=OTHER_SECRET)
    assert "The sandbox AppKey" in said
    with site.app.app_context():
        pay = site.services.accounts.apps.get(APPID).pay
    assert (pay.live, pay.sandbox) == (FRESH, OTHER_SECRET)
    assert FRESH not in repr(pay)


def test_an_app_key_of_a_wrong_form_or_of_an_unknown_app_is_refused(operator: CommandLine) -> None:
    said = operator.refused("set-pay-key", APPID, "--secret-stdin", typed="a b")
    assert "visible ASCII" in said
    said = operator.refused("set-pay-key", OTHER, "--secret-stdin", typed=FRESH)
    assert "APP_UNKNOWN" in said
