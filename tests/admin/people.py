"""People as operators meet them: users who have signed in and told something of themselves."""

from __future__ import annotations

from tests.harness.command_line import CommandLine
from tests.harness.phone import Phone
from tests.harness.site import APPID, Site

OTHER = "wxfedcba9876543210"
OTHER_SECRET = "c4ca4238a0b923820dcc509a6f75849b"


def signed_in(site: Site, user: str = "alice", appid: str = APPID) -> Phone:
    """The user's phone, signed in to a mini-program."""
    phone, world = Phone(site, user), site.sandbox.world
    code = world.login_code(user, appid)
    site.secrets |= {world.openid(user, appid), world.session_key(user, appid)}
    site.secrets |= {world.unionid(user)} - {None}
    phone.login(code=code, appid=appid)
    return phone


def told(phone: Phone, appid: str = APPID) -> Phone:
    """A phone whose user has given number and profile."""
    site, world = phone.site, phone.site.sandbox.world
    site.tokens |= {number(phone), f"微信用户 {phone.user}"}
    for path, body in (("phone", world.phone), ("profile", world.profile)):
        answer = phone.ask("POST", f"/v1/decrypt/{path}", json=body(phone.user, appid))
        assert answer.status_code == 200, answer.text
    return phone


def number(phone: Phone) -> str:
    """The user's phone number."""
    return str(phone.site.sandbox.world.phone_fields(phone.user)["purePhoneNumber"])


def two_apps(site: Site) -> None:
    """Register a second mini-program, and bind both to one Open Platform account."""
    CommandLine(site, "apps").add(OTHER, OTHER_SECRET)
    site.sandbox.world.open_platform = True
