"""What the doctor finds of WeChat, and of the clock."""

from __future__ import annotations

import pytest

from tests.harness.clock import SettableClock
from tests.harness.command_line import CommandLine
from tests.harness.patient import findings, of_site
from tests.harness.raw_server import RawServer, reply
from tests.harness.site import APPID, Site
from tests.harness.trail import Trail
from wxlogin.sandbox.faults import Fault
from wxlogin.sandbox.wire import STABLE_TOKEN
from wxlogin.settings.values import DataKey

OTHER, OTHER_SECRET = "wx0000000000000def", "c41f7a09e35d826b10f4c97be2d8a365"  # made up


def test_each_mini_program_is_tried(site: Site) -> None:
    CommandLine(site, "apps").add(OTHER, OTHER_SECRET)
    found = of_site("wechat", site)
    assert list(found) == ["wechat.accepted"]
    site.sandbox.world.add_app(OTHER, OTHER_SECRET[::-1])
    site.secrets.add(OTHER_SECRET[::-1])
    found = of_site("wechat", site)
    assert list(found) == ["wechat.accepted", "wechat.secret_refused"]
    assert APPID in found["wechat.accepted"].say("en").what
    assert OTHER in found["wechat.secret_refused"].say("en").what


def test_the_access_token_stays_as_it_is(site: Site) -> None:
    def token() -> str:
        with site.app.app_context():
            app = site.services.accounts.apps.get_active(APPID)
            return site.services.wechat.access_tokens.get(app.credentials).value

    before = token()
    site.tokens.add(before)
    of_site("wechat", site)
    assert token() == before


@pytest.mark.parametrize(
    ("errcode", "code"),
    [
        (40125, "wechat.secret_refused"),
        (40001, "wechat.secret_refused"),
        (40164, "wechat.address_refused"),
        (50007, "wechat.app_refused"),
        (45009, "wechat.not_told"),
    ],
)
def test_a_refusal_is_named(site: Site, errcode: int, code: str) -> None:
    site.sandbox.faults.queue(STABLE_TOKEN, Fault(errcode=errcode))
    found = of_site("wechat", site)
    assert list(found) == [code]
    assert str(errcode) in found[code].say("en").what


def test_an_address_that_is_not_on_the_list_is_the_one_that_wechat_sees(site: Site) -> None:
    errmsg = "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist"
    site.sandbox.faults.queue(STABLE_TOKEN, Fault(errcode=40164, errmsg=errmsg))
    found = of_site("wechat", site)["wechat.address_refused"]
    assert "Add 203.0.113.7 at mp.weixin.qq.com" in found.say("en").do
    assert "203.0.113.7 加入 IP 白名单" in found.say("zh").do


@pytest.mark.parametrize("fault", [Fault(status=502, body="no"), Fault(close=True)])
def test_a_wechat_that_does_not_answer_is_named(site: Site, fault: Fault) -> None:
    site.sandbox.faults.queue(STABLE_TOKEN, fault)
    assert list(of_site("wechat", site)) == ["wechat.unreachable"]


def test_without_a_mini_program_the_doctor_says_so(site: Site) -> None:
    assert list(of_site("wechat", site, wx_appid="", wx_secret="")) == ["wechat.no_app"]


def test_an_app_secret_that_cannot_be_decrypted_is_named(site: Site) -> None:
    CommandLine(site, "apps").add(OTHER, OTHER_SECRET)
    keys = (DataKey("d1", b"\x05" * 32),)
    found = of_site("wechat", site, data_keys=keys, wx_appid="")
    assert list(found) == ["wechat.secret_unreadable"]


def test_a_disabled_mini_program_is_left_alone(site: Site) -> None:
    CommandLine(site, "apps").add(OTHER, OTHER_SECRET)
    Trail(site).spoil("UPDATE app SET status = 'disabled'")
    assert list(of_site("wechat", site, wx_appid="")) == ["wechat.no_app"]


def test_without_the_database_the_one_of_the_settings_is_tried(site: Site) -> None:
    dead = "postgresql+psycopg://wxlogin@127.0.0.1:9/wxlogin"
    assert list(of_site("wechat", site, database_url=dead)) == ["wechat.accepted"]


@pytest.mark.parametrize(("off", "code"), [(40, "wechat.clock"), (-3600, "wechat.clock_wrong")])
def test_another_time_than_wechat_s_is_named(site: Site, off: float, code: str) -> None:
    clock = SettableClock()
    clock.forward(off)
    assert list(findings("wechat", site.settings, clock)) == ["wechat.accepted", code]


def test_an_answer_without_a_time_leaves_the_clock_unknown(site: Site) -> None:
    with RawServer(reply(b"{}")) as strange:
        found = of_site("wechat", site, wx_api_base=strange.base)
    assert list(found) == ["wechat.accepted", "wechat.no_clock"]


@pytest.mark.parametrize("body", [b"[]", b"no json", b'{"errcode": "x"}'])
def test_an_answer_that_is_not_wechat_s_is_named(site: Site, body: bytes) -> None:
    with RawServer(reply(body)) as strange:
        found = of_site("wechat", site, wx_api_base=strange.base)
    assert list(found) == ["wechat.unreachable"]
