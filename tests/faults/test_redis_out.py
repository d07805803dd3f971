"""Redis dead or hung: everybody is told to come back, and nobody is signed out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
import requests

from tests.harness.crowd import together
from tests.harness.phone import Phone
from tests.harness.site import Site
from wxlogin.development.valkey import ValkeyServer

CALLS: dict[str, Callable[[Phone], requests.Response]] = {
    "login": lambda phone: phone.try_login(),
    "login with a token": lambda phone: phone.try_login(carry=True),
    "session": lambda phone: phone.ask("GET", "/v1/session"),
    "sessions": lambda phone: phone.ask("GET", "/v1/sessions"),
    "auth": lambda phone: phone.ask("GET", "/v1/auth"),
    "logout": lambda phone: phone.ask("POST", "/v1/logout"),
    "end one": lambda phone: phone.ask("DELETE", f"/v1/sessions/{phone.session_id}"),
    "session key": lambda phone: phone.ask("POST", "/v1/session/key", json={"code": phone.code()}),
}
HUNG = ("login", "session", "logout")
each_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())


def refused(phone: Phone, call: Callable[[Phone], requests.Response]) -> str:
    """The code with which a call is refused, with a time to come back.

    A call that hangs fails by the client's own timeout, half a minute.
    """
    answer = call(phone)
    assert int(answer.headers["Retry-After"]) >= 1
    return phone.site.problem(answer)


@each_call
def test_a_dead_redis_is_told(
    frail_phone: Phone,
    frail_valkey: ValkeyServer,
    call: Callable[[Phone], requests.Response],
) -> None:
    frail_valkey.kill()
    assert refused(frail_phone, call) == "STORE_UNAVAILABLE"


@pytest.mark.impatient
@pytest.mark.parametrize("call", [CALLS[name] for name in HUNG], ids=HUNG)
def test_a_hung_redis_is_not_waited_for(
    frail_phone: Phone,
    frail_valkey: ValkeyServer,
    call: Callable[[Phone], requests.Response],
) -> None:
    frail_valkey.pause()
    assert refused(frail_phone, call) == "STORE_UNAVAILABLE"


@pytest.mark.impatient
@pytest.mark.parametrize("how", ["kill", "pause"])
def test_all_who_ask_at_once_are_told(
    frail_phone: Phone, frail_valkey: ValkeyServer, how: str
) -> None:
    getattr(frail_valkey, how)()
    told = together([partial(refused, frail_phone, CALLS["auth"])] * 24)
    assert told == ["STORE_UNAVAILABLE"] * 24


def write_down(site: Site) -> None:
    """Have Redis write what it holds to its disk: on a busy one that takes a while."""
    with site.redis.pipeline(transaction=False) as asked:
        asked.set("nothing", "")
        asked.delete("nothing")
        asked.execute_command("WAITAOF", 1, 0, 10_000)  # its own writes, and those before
        assert asked.execute()[-1][0] == 1


def test_a_token_works_again_when_redis_is_back(
    frail_phone: Phone, frail_valkey: ValkeyServer
) -> None:
    for _ in range(2):
        write_down(frail_phone.site)
        frail_valkey.kill()
        assert frail_phone.refusal() == "STORE_UNAVAILABLE"
        frail_valkey.restart()
        assert frail_phone.refusal() == ""
        assert len(frail_phone.ask("GET", "/v1/sessions").json()["sessions"]) == 1


@pytest.mark.impatient
def test_a_token_works_again_when_redis_goes_on(
    frail_phone: Phone, frail_valkey: ValkeyServer
) -> None:
    frail_valkey.pause()
    assert frail_phone.refusal() == "STORE_UNAVAILABLE"
    frail_valkey.resume()
    assert frail_phone.refusal() == ""


def test_the_first_login_after_a_restart_of_redis_succeeds(
    frail_phone: Phone, frail_valkey: ValkeyServer
) -> None:
    frail_valkey.restart()
    frail_phone.login(carry=True)
    assert frail_phone.refusal() == ""
    assert frail_phone.logout() == 1


def test_a_code_refused_for_redis_is_still_good(
    frail_phone: Phone, frail_valkey: ValkeyServer
) -> None:
    code = frail_phone.code()
    frail_valkey.kill()
    assert frail_phone.site.problem(frail_phone.try_login(code=code)) == "STORE_UNAVAILABLE"
    frail_valkey.restart()
    frail_phone.login(code=code)


def test_what_redis_need_not_be_asked_is_answered_all_the_same(
    frail_site: Site, frail_phone: Phone, frail_valkey: ValkeyServer
) -> None:
    frail_valkey.kill()
    forged = {"Authorization": f"Bearer {frail_phone.token[:-1]}~"}
    answer = frail_site.request("GET", "/v1/session", headers=forged)
    assert frail_site.problem(answer) == "TOKEN_INVALID"
    assert frail_site.problem(frail_site.request("GET", "/v1/session")) == "TOKEN_MISSING"
    assert frail_site.request("GET", "/healthz").status_code == 200
