"""A day in which everything happens that reads or writes a store: who calls, operates, tidies."""

from __future__ import annotations

from tests.admin.people import OTHER, OTHER_SECRET, number, told
from tests.harness.command_line import CommandLine
from tests.harness.console import PASSWORD, Operator, Service
from tests.harness.phone import Page, Phone
from tests.harness.signer import Signer
from tests.harness.site import APPID, Site

DAY = 86_400
FORGED = 5


def live_a_day(site: Site) -> None:
    """Each call succeeds, or is refused as the call deserves: a store that refuses would show."""
    page = _users_come_and_go(site)
    _operators_look_and_act(site, page)
    _commands_are_run(site)


def _users_come_and_go(site: Site) -> Page:
    page, tablet = Page(site, device_id="phone-0001"), Phone(site, device_id="tablet-0001")
    for device in (page, tablet):
        device.login()
    told(page)
    page.rotate()
    assert page.outcome(page.data()) == "SESSION_KEY_EXPIRED"
    assert page.renew().ok
    assert page.outcome(page.data()) == ""
    assert page.check() == {"valid": True}
    assert Signer(page).call("GET", "/v1/session").ok
    assert len(page.ask("GET", "/v1/sessions").json()["sessions"]) == 2
    page.login(carry=True)
    assert page.logout("others") == 1
    for _ in range(FORGED):
        site.request("GET", "/v1/session", headers={"Authorization": "Bearer wxs_forged"})
    assert site.problem(page.try_login(code="0" * 32)) == "CODE_INVALID"
    site.app.extensions["wxlogin"].watch.recorder.flush()
    return page


def _operators_look_and_act(site: Site, page: Page) -> None:
    owner, service = Operator(site, "owner").sign_in(), Service(site, "introspect", "identity")
    owner.enrol()
    assert service.ask("POST", "/v1/introspect", data={"token": page.token}).json()["active"]
    user, bob = page.user_id, Phone(site, "bob")
    bob.login()
    for path in ("/overview", "/sessions", "/apps", "/keys", "/events", "/audit", "/admins"):
        owner.done("GET", path)
    for path in ("", "/sessions", "/logins"):
        owner.done("GET", f"/users/{user}{path}")
    owner.done("POST", "/users/search", json={"phone": number(page)})
    owner.done("DELETE", f"/sessions/{user}.{page.session_id}")
    page.login()
    assert owner.done("POST", f"/users/{user}/kick") == {"ended": 1}
    page.login()
    assert owner.done("POST", f"/users/{user}/ban", json={"reason": "spam"}) == {"ended": 1}
    assert page.refusal() == "USER_BANNED"
    owner.done("DELETE", f"/users/{user}/ban")
    page.login()
    assert owner.done("DELETE", f"/users/{user}") == {"ended": 1}
    assert page.login()["user"]["is_new"]
    assert bob.logout("all") == 1
    body = {"name": "otto", "role": "operator", "password": PASSWORD}
    otto = owner.done("POST", "/admins", json=body)["admin"]
    owner.done("PATCH", f"/admins/{otto['id']}", json={"disabled": True})
    owner.done("DELETE", f"/tokens/{service.id}")
    assert owner.done("POST", "/logout") == {"ended": 1}


def _commands_are_run(site: Site) -> None:
    apps = CommandLine(site, "apps")
    apps.add(OTHER, OTHER_SECRET)
    for word in ("disable", "enable"):
        apps.done(word, APPID)
    CommandLine(site, "keys").done("list")
    site.clock.forward(200 * DAY)
    assert "Removed: " in CommandLine(site, "purge").done()
    assert CommandLine(site, "audit").done("verify")
