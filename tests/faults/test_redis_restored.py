"""Redis started from an old copy, or replaced by a replica that lagged: nobody is let in again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.faults.copied_redis import CopiedRedis
from tests.harness.command_line import CommandLine
from tests.harness.console import Operator
from tests.harness.phone import Phone
from tests.harness.redis_process import until
from tests.harness.redis_proxies import StrangeRedis, refusing
from tests.harness.redis_topologies import SentinelSet, is_primary
from tests.harness.site import APPID, Site

MakeSite = Callable[..., Site]
OTHER, OTHER_SECRET = "wxfedcba9876543210", "c4ca4238a0b923820dcc509a6f75849b"
USERS = ("banned", "erased", "kicked", "signed-out", "unbanned", "untouched")


@pytest.fixture
def copied(tmp_path: Path) -> Iterator[CopiedRedis]:
    """A Redis that can be restored."""
    copied = CopiedRedis(tmp_path)
    with copied.server:
        yield copied


@pytest.fixture
def site(copied: CopiedRedis, make_site: MakeSite) -> Site:
    """A server on it."""
    return make_site(WXLOGIN_REDIS_URL=copied.server.url)


def signed_in(site: Site, *users: str) -> dict[str, Phone]:
    """A phone of each, signed in."""
    phones = {user: Phone(site, user) for user in users}
    for phone in phones.values():
        phone.login(appid=APPID)
    return phones


def refusals(phones: dict[str, Phone]) -> dict[str, str]:
    """How each phone's token is refused, once Redis answers."""
    found: dict[str, str] = {}

    def answered() -> bool:
        found.update({user: phone.refusal() for user, phone in phones.items()})
        return "STORE_UNAVAILABLE" not in found.values()

    until(answered, "an answer to every phone")
    return found


def end_for_good(owner: Operator, phones: dict[str, Phone]) -> None:
    """End the sessions of all but the last, each in another way."""
    path = {user: f"/users/{phone.user_id}" for user, phone in phones.items()}
    for user in ("banned", "unbanned"):
        owner.done("POST", f"{path[user]}/ban", json={"reason": "spam"})
    owner.done("DELETE", f"{path['unbanned']}/ban")
    owner.done("DELETE", path["erased"])
    owner.done("POST", f"{path['kicked']}/kick")
    assert phones["signed-out"].logout("all") == 1


def test_what_was_ended_for_good_stays_ended(
    copied: CopiedRedis, site: Site, owner: Operator
) -> None:
    phones = signed_in(site, *USERS)
    copied.copy()
    end_for_good(owner, phones)
    assert phones["kicked"].login(appid=APPID)["ended"] == 0
    copied.restore()
    assert refusals(phones) == {
        "banned": "USER_BANNED",
        "erased": "SESSION_REVOKED",
        "kicked": "SESSION_EXPIRED",  # the copy does not know of the sign-in after the kick
        "signed-out": "SESSION_REVOKED",
        "unbanned": "SESSION_REVOKED",
        "untouched": "",
    }
    assert site.problem(phones["banned"].try_login(appid=APPID)) == "USER_BANNED"
    assert phones["erased"].login(appid=APPID)["user"]["is_new"]
    assert phones["unbanned"].login(appid=APPID)["ended"] == 0
    assert [line for line in site.log.lines if "Redis is not the one that was left" in line]


def test_a_worker_that_starts_later_sees_the_same(
    copied: CopiedRedis, site: Site, owner: Operator, make_site: MakeSite
) -> None:
    phones = signed_in(site, *USERS)
    copied.copy()
    end_for_good(owner, phones)
    copied.restore()
    later = make_site(WXLOGIN_REDIS_URL=copied.server.url)
    for phone in phones.values():
        phone.site = later
    assert {user for user, code in refusals(phones).items() if not code} == {"untouched"}


def test_a_session_that_began_after_the_end_lives_on(
    copied: CopiedRedis, site: Site, owner: Operator
) -> None:
    """All of it in one moment of the clock."""
    phones = signed_in(site, "kicked", "signed-out")
    owner.done("POST", f"/users/{phones['kicked'].user_id}/kick")
    phones["signed-out"].logout("all")
    owner.done("POST", f"/apps/{APPID}/end-sessions")
    for phone in phones.values():
        phone.login(appid=APPID)
    copied.copy()
    copied.restore()
    assert refusals(phones) == {"kicked": "", "signed-out": ""}
    assert "0 sessions of theirs ended again" in CommandLine(site, "sessions").done("reconcile")
    assert refusals(phones) == {"kicked": "", "signed-out": ""}


def test_what_an_app_lost_stays_lost(copied: CopiedRedis, site: Site, owner: Operator) -> None:
    apps = CommandLine(site, "apps")
    apps.add(OTHER, OTHER_SECRET)
    ended, disabled = Phone(site), Phone(site, "bob")
    ended.login(appid=APPID)
    disabled.login(appid=OTHER, code=site.sandbox.world.login_code("bob", OTHER))
    copied.copy()
    owner.done("POST", f"/apps/{APPID}/end-sessions")
    apps.done("disable", OTHER)
    copied.restore()
    assert refusals({"ended": ended, "disabled": disabled}) == {
        "ended": "SESSION_REVOKED",
        "disabled": "SESSION_REVOKED",
    }
    ended.login(appid=APPID)
    assert site.problem(disabled.try_login(appid=OTHER)) == "APP_UNKNOWN"
    apps.done("enable", OTHER)
    disabled.login(appid=OTHER, code=site.sandbox.world.login_code("bob", OTHER))


def test_a_mark_that_only_the_copy_has_refuses_nobody(
    copied: CopiedRedis, site: Site, owner: Operator
) -> None:
    phones = signed_in(site, "banned", "other")
    path = f"/users/{phones['banned'].user_id}/ban"
    owner.done("POST", path, json={"reason": "spam"})
    owner.done("POST", f"/apps/{APPID}/disable")
    copied.copy()
    owner.done("DELETE", path)
    owner.done("POST", f"/apps/{APPID}/enable")
    copied.restore()
    refusals(phones)
    for phone in phones.values():
        phone.login(appid=APPID)


def test_changes_that_the_copy_knows_are_not_made_again(
    copied: CopiedRedis, site: Site, owner: Operator
) -> None:
    """A script for each user of a large mini-program would take minutes after every failover."""
    phones = signed_in(site, "alice")
    owner.done("POST", f"/apps/{APPID}/end-sessions")
    copied.copy()
    copied.restore()
    refusals(phones)
    assert any("of 0 users that the database names" in line for line in site.log.lines)


def test_without_the_database_nobody_is_let_in(
    copied: CopiedRedis, site: Site, owner: Operator, make_site: MakeSite
) -> None:
    phones = signed_in(site, "kicked", "untouched")
    nowhere = "postgresql+psycopg://wxlogin:made-up-password@127.0.0.1:1/wxlogin"
    cut_off = make_site(WXLOGIN_REDIS_URL=copied.server.url, WXLOGIN_DATABASE_URL=nowhere)
    cut_off.secrets.add("made-up-password")
    copied.copy()
    owner.done("POST", f"/users/{phones['kicked'].user_id}/kick")
    copied.restore()
    for phone in phones.values():
        phone.site = cut_off
    assert {phone.refusal() for phone in phones.values()} == {"STORE_UNAVAILABLE"}
    assert cut_off.request("GET", "/readyz").json()["redis"] == "out"
    assert site.request("GET", "/readyz").json()["redis"] == "ok"
    assert refusals(phones) == {"kicked": "SESSION_REVOKED", "untouched": ""}


@pytest.mark.slow
def test_the_command_ends_what_a_proxy_hides(copied: CopiedRedis, make_site: MakeSite) -> None:
    """Nothing tells behind it that the server is another one."""
    with StrangeRedis(copied.server.url, refusing("INFO")) as proxy:
        site = make_site(WXLOGIN_REDIS_URL=proxy.url)
        owner = Operator(site, "owner").sign_in()
        phones = signed_in(site, *USERS)
        copied.copy()
        end_for_good(owner, phones)
        copied.restore()
        said = CommandLine(site, "sessions").done("reconcile")
        assert "5 sessions of theirs ended again" in said
        assert {user for user, code in refusals(phones).items() if not code} == {"untouched"}


def test_a_replica_that_lagged_lets_nobody_in_again(tmp_path: Path, make_site: MakeSite) -> None:
    """No replica is waited for: the last writes before the failover are lost."""
    watched = SentinelSet(tmp_path / "sentinels")
    try:
        watched.start()
        site = make_site(WXLOGIN_REDIS_URL=watched.url)
        owner = Operator(site, "owner").sign_in()
        phones = signed_in(site, *USERS)
        (replica,) = watched.replicas
        replica.pause()
        end_for_good(owner, phones)
        watched.servers[0].kill()
        replica.resume()
        until(partial(is_primary, replica), "another primary")
        assert {user for user, code in refusals(phones).items() if not code} == {"untouched"}
    finally:
        watched.stop()
