"""Logins at the moment of a ban or an erasure, over HTTP: none slips through."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
import requests

from tests.harness.crowd import together
from tests.harness.held_statement import HeldStatement
from tests.harness.phone import Phone
from tests.harness.site import APPID, Site
from wxlogin.accounts import Ban
from wxlogin.redisdb import keys
from wxlogin.services import Services

LOGIN = "/sns/jscode2session"
RECORDING = "SET last_login_at"
"""A login has read the user, and is about to write down that they came."""


def act(site: Site, do: Callable[[Services], int]) -> int:
    """Let an operator act on the stores."""
    with site.app.app_context():
        return do(site.app.extensions["wxlogin"])


def banned(public_id: str, services: Services) -> int:
    """Ban the user."""
    return services.accounts.bans.impose(public_id, Ban("spam", None))


def erased(public_id: str, services: Services) -> int:
    """Erase the user."""
    return services.accounts.erasure.erase(public_id)


def held_login(site: Site, phone: Phone, meanwhile: Callable[[], int]) -> requests.Response:
    """A login that has read the user before something happens, and goes on after it."""
    with HeldStatement(site, RECORDING) as held, ThreadPoolExecutor(1) as pool:
        answer = pool.submit(phone.try_login)
        assert held.arrived()
        meanwhile()
        held.let_go()
        return answer.result(20)


@pytest.mark.parametrize(("do", "code"), [(banned, "USER_BANNED"), (erased, "SESSION_EXPIRED")])
def test_a_login_that_has_read_the_user_makes_no_session(
    site: Site, phone: Phone, do: Callable[[str, Services], int], code: str
) -> None:
    user = phone.login()["user"]["id"]
    refused = held_login(site, Phone(site), lambda: act(site, partial(do, user)))
    assert site.problem(refused) == code
    left = {name.removeprefix(keys.slot(user)) for name in site.redis.keys(f"{keys.slot(user)}*")}
    assert not {name for name in left if name.startswith("s:")}
    assert "i" not in left


def test_a_login_that_waits_for_wechat_meanwhile_is_banned_too(site: Site, phone: Phone) -> None:
    user = phone.login()["user"]["id"]
    with ThreadPoolExecutor(1) as pool:
        with site.sandbox.faults.hold(LOGIN) as hold:
            answer = pool.submit(Phone(site).try_login)
            assert hold.arrived()
            assert act(site, partial(banned, user)) == 1
        refused = answer.result(20)
    assert site.problem(refused) == "USER_BANNED"
    assert refused.json()["until"] is None


def test_who_is_erased_while_a_login_waits_for_wechat_comes_back_as_another_user(
    site: Site, phone: Phone
) -> None:
    user = phone.login()["user"]["id"]
    with ThreadPoolExecutor(1) as pool:
        with site.sandbox.faults.hold(LOGIN) as hold:
            answer = pool.submit(phone.login)
            assert hold.arrived()
            act(site, partial(erased, user))
        assert answer.result(20)["user"]["is_new"]
    assert phone.user_id != user


@pytest.mark.parametrize("do", [banned, erased])
def test_of_many_logins_at_that_moment_none_leaves_a_session_of_the_user(
    site: Site, phone: Phone, do: Callable[[str, Services], int]
) -> None:
    user = phone.login()["user"]["id"]
    phones = [Phone(site) for _ in range(6)]
    logins = [partial(other.try_login) for other in phones]
    act_now = partial(act, site, partial(do, user))
    answers = together([*logins[:3], act_now, *logins[3:]])
    site.tokens |= {
        answer.json()["token"]
        for answer in answers
        if isinstance(answer, requests.Response) and answer.ok
    }
    assert site.redis.keys(keys.session(user, "*")) == []
    assert site.redis.keys(keys.session_key(user)) == [] or do is banned


# Two acts of operators at once: SQL has committed one and then the other, Redis gets them crossed.


def overtaken(
    site: Site, monkeypatch: pytest.MonkeyPatch, name: str, by: Callable[[Services], object]
) -> None:
    """Let another act come between the store's next call of this name and what SQL said before."""
    store = site.services.sessions.store
    late = getattr(store, name)

    def call(*args: object, **named: object) -> object:
        monkeypatch.undo()
        by(site.services)
        return late(*args, **named)

    monkeypatch.setattr(store, name, call)


def lifted(public_id: str, services: Services) -> None:
    """Lift the user's ban."""
    services.accounts.bans.lift(public_id)


def all_of(steps: Iterable[object]) -> int:
    """Take all steps; how many they were."""
    return len(list(steps))


def test_a_ban_that_its_lift_overtook_leaves_no_mark(
    site: Site, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = phone.login()["user"]["id"]
    overtaken(site, monkeypatch, "block", partial(lifted, user))
    assert act(site, partial(banned, user)) == 1
    assert phone.refusal() == "SESSION_REVOKED"
    phone.login()


def test_a_lift_that_another_ban_overtook_lifts_nothing(
    site: Site, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = phone.login()["user"]["id"]
    act(site, partial(banned, user))
    overtaken(site, monkeypatch, "unblock", partial(banned, user))
    act(site, lambda services: services.accounts.bans.lift(user) or 0)
    assert site.redis.hget(keys.mark(user), "banned") == "0"
    assert site.problem(phone.try_login()) == "USER_BANNED"


def test_an_app_that_was_enabled_while_it_was_disabled_lets_its_users_in(
    site: Site, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone.login()
    overtaken(
        site, monkeypatch, "block_all", lambda it: all_of(it.accounts.app_access.enable(APPID))
    )
    act(site, lambda it: all_of(it.accounts.app_access.disable(APPID)))
    assert phone.refusal() == "SESSION_REVOKED"
    phone.login()


def test_an_app_that_was_disabled_while_it_was_enabled_stays_disabled(
    site: Site, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = phone.login()["user"]["id"]
    act(site, lambda it: all_of(it.accounts.app_access.disable(APPID)))
    overtaken(
        site, monkeypatch, "unblock_all", lambda it: all_of(it.accounts.app_access.disable(APPID))
    )
    act(site, lambda it: all_of(it.accounts.app_access.enable(APPID)))
    assert site.redis.hget(keys.mark(user), "app") == "0"
    assert site.problem(phone.try_login(appid=APPID)) == "APP_UNKNOWN"
