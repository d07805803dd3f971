"""A replaced AppSecret ends the access_token by two forced refreshes, half a minute apart."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.harness.clock import SettableClock
from tests.harness.command_line import CommandLine
from tests.harness.site import APPID, Site
from wxlogin.accounts import TokenResets
from wxlogin.sandbox import Fault
from wxlogin.sandbox.errcodes import WxError

PATH = "/cgi-bin/stable_token"
TOLD = "a worker asks WeChat once more"


@pytest.fixture
def command(site: Site) -> CommandLine:
    """The command line of a site whose AppSecret was just replaced."""
    secret = secrets.token_hex(16)
    site.secrets.add(secret)
    site.sandbox.world.set_secret(APPID, secret)
    apps = CommandLine(site, "apps")
    assert TOLD in apps.done("set-secret", APPID, "--secret-stdin", typed=secret)
    return apps


def forced(site: Site) -> int:
    """How many forced refreshes WeChat counted; one too early it does not count."""
    return site.sandbox.world.tokens._forces[APPID].count


def run(site: Site) -> int:
    """Do what a worker does once it is due; how often WeChat was asked."""
    before = site.sandbox.world.calls[PATH]
    site.services.accounts.token_resets.run()
    return site.sandbox.world.calls[PATH] - before


@pytest.mark.usefixtures("command")
def test_the_second_refresh_is_made_once_it_counts_and_once(
    site: Site, clock: SettableClock
) -> None:
    clock.forward(29)
    assert run(site) == 0
    clock.forward(4)
    assert [run(site), run(site)] == [1, 0]
    assert forced(site) == 2
    clock.forward(3600)
    assert run(site) == 0


@pytest.mark.usefixtures("command")
def test_of_two_workers_one_asks_wechat(site: Site, clock: SettableClock) -> None:
    clock.forward(33)
    resets = site.services.accounts.token_resets
    other = TokenResets(resets._sql, resets._vault, resets._access_tokens, clock)
    before = site.sandbox.world.calls[PATH]
    with site.sandbox.faults.hold(PATH) as hold, ThreadPoolExecutor(1) as pool:
        first = pool.submit(resets.run)
        assert hold.arrived()
        other.run()
        hold.set()
        first.result(20)
    assert site.sandbox.world.calls[PATH] - before == 1
    assert run(site) == 0


@pytest.mark.usefixtures("command")
def test_the_token_before_is_dead_then(site: Site, clock: SettableClock) -> None:
    with site.app.app_context():
        app = site.services.accounts.apps.get_active(APPID)
    between = site.services.wechat.access_tokens.get(app.credentials).value
    clock.forward(33)
    run(site)
    with pytest.raises(WxError):
        site.sandbox.world.tokens.appid_of(between, clock())
    after = site.services.wechat.access_tokens.get(app.credentials).value
    assert site.sandbox.world.tokens.appid_of(after, clock()) == APPID


@pytest.mark.usefixtures("command")
def test_a_refresh_that_wechat_refuses_stays_due(site: Site, clock: SettableClock) -> None:
    clock.forward(33)
    site.sandbox.faults.queue(PATH, Fault(errcode=45009))
    assert run(site) == 1
    assert run(site) == 1
    assert run(site) == 0
    assert any("the second refresh of the access_token" in line for line in site.log.lines)


@pytest.mark.usefixtures("command")
def test_a_refresh_that_no_token_outlives_is_given_up(site: Site, clock: SettableClock) -> None:
    clock.forward(3 * 3600)
    site.sandbox.faults.queue(PATH, Fault(errcode=45009))
    assert run(site) == 1
    assert run(site) == 0


@pytest.mark.usefixtures("command")
def test_whoever_reads_the_apps_next_takes_the_refresh_on(
    site: Site, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    delays: list[float] = []
    apps = site.services.accounts.apps
    monkeypatch.setattr(apps, "_schedule_resets", delays.append)
    for wait in (0, 61):
        clock.forward(wait)
        with site.app.app_context():
            assert apps.all()[APPID].token_reset_at
    assert 30 <= delays[0] <= 33
    assert delays[-1] == 0
