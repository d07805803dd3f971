"""Logins at the moment of a ban or an erasure, over HTTP: none slips through."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
import requests

from tests.harness.crowd import together
from tests.harness.held_statement import HeldStatement
from tests.harness.phone import Phone
from tests.harness.site import Site
from wxlogin.accounts import Ban
from wxlogin.engines import Engines
from wxlogin.sessions import keys

LOGIN = "/sns/jscode2session"
RECORDING = "SET last_login_at"
"""A login has read the user, and is about to write down that they came."""


def act(site: Site, do: Callable[[Engines], int]) -> int:
    """Let an operator act on the stores."""
    with site.app.app_context():
        return do(site.app.extensions["wxlogin"])


def banned(public_id: str, engines: Engines) -> int:
    """Ban the user."""
    return engines.bans.impose(public_id, Ban("spam", None))


def erased(public_id: str, engines: Engines) -> int:
    """Erase the user."""
    return engines.erasure.erase(public_id)


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
    site: Site, phone: Phone, do: Callable[[str, Engines], int], code: str
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
    site: Site, phone: Phone, do: Callable[[str, Engines], int]
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
