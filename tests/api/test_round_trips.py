"""What a call costs in round trips to Redis and in statements of SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest
import redis

from tests.harness.console import Service
from tests.harness.phone import Page, Phone
from tests.harness.redis_proxies import CountingProxy
from tests.harness.site import Site
from tests.harness.sql import recorded
from tests.harness.watched import held_back
from tests.harness.web_page import WebPage, said
from tests.harness.web_page import signed_in as let_in
from wxlogin.development.valkey import ValkeyServer
from wxlogin.limits.errors import RateLimited
from wxlogin.sessions import Tokens
from wxlogin.sessions.tokens import new_public_id

FAST = pytest.mark.parametrize("path", ["/v1/auth", "/v1/session"])
SEVERAL_LIMITS = pytest.mark.settings(
    WXLOGIN_LIMIT_API_IP="1000/minute;9000/hour", WXLOGIN_LIMIT_API_OPENID="100/minute;900/hour"
)


class Cost(NamedTuple):
    """What happened during some call."""

    round_trips: int
    statements: int


Costing = Callable[[Callable[[], object]], Cost]


@pytest.fixture
def proxy(valkey: ValkeyServer) -> Iterator[CountingProxy]:
    """The way to Redis, counted."""
    with CountingProxy(valkey.url) as proxy:
        yield proxy


@pytest.fixture
def site(proxy: CountingProxy, make_site: Callable[..., Site]) -> Site:
    """A server whose Redis is behind the proxy."""
    return make_site(WXLOGIN_REDIS_URL=proxy.url)


@pytest.fixture
def cost_of(proxy: CountingProxy, site: Site) -> Iterator[Costing]:
    """Counts what a call costs; what the recorder writes afterwards is no part of it."""

    def costing(call: Callable[[], object]) -> Cost:
        with held_back(site):
            round_trips, before = proxy.round_trips, len(statements)
            call()
            return Cost(proxy.round_trips - round_trips, len(statements) - before)

    with recorded(site) as statements:
        yield costing


@pytest.fixture
def signed_in(phone: Phone) -> Phone:
    """Alice's phone on a server whose connections and scripts are there already."""
    phone.login()
    for path in ("/v1/session", "/v1/auth"):
        assert phone.refusal(path) == ""
    return phone


@FAST
def test_a_signed_in_call_costs_one_round_trip_and_no_sql(
    signed_in: Phone, cost_of: Costing, path: str
) -> None:
    answers = []
    assert cost_of(lambda: answers.append(signed_in.ask("GET", path))) == Cost(1, 0)
    assert answers[0].ok


def test_what_a_user_sees_of_themselves_costs_one_round_trip_and_one_statement(
    signed_in: Phone, cost_of: Costing
) -> None:
    assert signed_in.ask("GET", "/v1/me").ok
    answers = []
    assert cost_of(lambda: answers.append(signed_in.ask("GET", "/v1/me"))) == Cost(1, 1)
    assert answers[0].ok


@FAST
@SEVERAL_LIMITS
def test_several_limits_cost_no_round_trip_more(
    site: Site, signed_in: Phone, cost_of: Costing, path: str
) -> None:
    assert len(site.redis.keys("wxl:1:*l/*api*")) == 4
    assert cost_of(lambda: signed_in.refusal(path)) == Cost(1, 0)


@FAST
def test_renewal_costs_no_round_trip_more(
    site: Site, signed_in: Phone, cost_of: Costing, path: str
) -> None:
    before = signed_in.ask("GET", "/v1/session").json()["session"]["expires_at"]
    site.clock.forward(61)
    assert cost_of(lambda: signed_in.ask("GET", path)) == Cost(1, 0)
    assert signed_in.ask("GET", "/v1/session").json()["session"]["expires_at"] > before


@FAST
@pytest.mark.settings(WXLOGIN_LIMIT_API_OPENID="2/minute")
def test_to_be_over_the_limit_costs_one_round_trip(
    site: Site, signed_in: Phone, cost_of: Costing, path: str
) -> None:
    refusals: list[str] = []
    assert cost_of(lambda: refusals.append(signed_in.refusal(path))) == Cost(1, 0)
    assert refusals == ["RATE_LIMITED"]


@FAST
def test_an_ended_session_costs_one_round_trip(
    signed_in: Phone, cost_of: Costing, path: str
) -> None:
    signed_in.logout()
    refusals: list[str] = []
    assert cost_of(lambda: refusals.append(signed_in.refusal(path))) == Cost(1, 0)
    assert refusals == ["SESSION_REVOKED"]


@FAST
def test_a_banned_users_token_costs_one_round_trip(
    site: Site, signed_in: Phone, cost_of: Costing, path: str
) -> None:
    site.app.extensions["wxlogin"].sessions.store.block(signed_in.user_id, "banned")
    refusals: list[str] = []
    assert cost_of(lambda: refusals.append(signed_in.refusal(path))) == Cost(1, 0)
    assert refusals == ["USER_BANNED"]


@FAST
def test_a_forged_token_costs_nothing(signed_in: Phone, cost_of: Costing, path: str) -> None:
    signed_in.token = Tokens(["n4Kq8Wc2Rz6Jv0Xf5Ty9Bm3Hd7Lp1Gs-"]).mint(new_public_id())[0]
    assert cost_of(lambda: signed_in.refusal(path)) == Cost(0, 0)


def test_a_login_costs_six_round_trips_and_a_first_one_seven(
    site: Site, signed_in: Phone, cost_of: Costing
) -> None:
    again = cost_of(signed_in.login)
    first = cost_of(Phone(site, "bob").login)
    carried = cost_of(lambda: signed_in.login(carry=True))
    assert (again.round_trips, first.round_trips, carried.round_trips) == (6, 7, 6)


def test_a_login_soon_after_one_that_replaced_a_session_costs_one_more(
    site: Site, signed_in: Phone, cost_of: Costing
) -> None:
    signed_in.login(carry=True)
    assert cost_of(signed_in.login).round_trips == 7
    site.clock.forward(31)
    assert cost_of(signed_in.login).round_trips == 6


@pytest.mark.settings(WXLOGIN_LIMIT_LOGIN_IP="1/minute;9/hour")
def test_a_login_of_an_address_known_to_be_over_costs_nothing(
    signed_in: Phone, cost_of: Costing
) -> None:
    refusals = [signed_in.try_login().status_code]

    def again() -> None:
        refusals.append(signed_in.try_login().status_code)

    assert cost_of(again) == Cost(0, 0)
    assert refusals == [429, 429]


def test_introspection_costs_one_round_trip_more_than_auth(
    site: Site, signed_in: Phone, cost_of: Costing
) -> None:
    backend = Service(site, "introspect")

    def ask() -> None:
        answer = backend.ask("POST", "/v1/introspect", data={"token": signed_in.token})
        assert answer.json()["active"] is True

    ask()
    site.services.operators.tokens.flush()  # the first use of the token is noted
    auth = cost_of(lambda: signed_in.refusal("/v1/auth"))
    assert auth == Cost(1, 0)
    assert cost_of(ask) == Cost(auth.round_trips + 1, 0)


def test_open_data_costs_one_round_trip_beside_the_session_and_one_statement(
    site: Site, cost_of: Costing
) -> None:
    page = Page(site)
    page.login()
    assert page.outcome(page.data()) == ""
    data, outcomes = page.data(), []
    assert cost_of(lambda: outcomes.append(page.outcome(data))) == Cost(2, 1)
    assert outcomes == [""]


def test_what_a_scan_costs(site: Site, signed_in: Phone, cost_of: Costing) -> None:
    let_in(WebPage(site), signed_in)
    page = WebPage(site)
    costs = {
        "begin": cost_of(page.begin),
        "ask": cost_of(page.state),
        "show": cost_of(lambda: said(signed_in, page.scan)),
        "confirm": cost_of(lambda: said(signed_in, page.scan, "confirm")),
        "fetch": cost_of(page.fetch),
    }
    assert costs == {
        "begin": Cost(3, 0),
        "ask": Cost(3, 0),
        "show": Cost(2, 0),
        "confirm": Cost(2, 0),
        "fetch": Cost(9, 4),
    }


def test_pieces_of_one_request_are_one_round_trip(proxy: CountingProxy) -> None:
    with redis.Redis.from_url(proxy.url) as client:
        client.ping()
        before = proxy.round_trips
        client.set("large", b"x" * 1_000_000, px=60_000)
        with client.pipeline(transaction=False) as pipe:
            pipe.get("large").delete("large").ping()
            assert len(pipe.execute()[0]) == 1_000_000
        assert proxy.round_trips - before == 2


@pytest.mark.settings(WXLOGIN_LIMIT_FAIL_IP="3/minute;9/hour")
def test_failures_of_many_addresses_are_counted_together(site: Site, cost_of: Costing) -> None:
    failures = site.app.extensions["wxlogin"].limits.failures
    limits = site.app.extensions["wxlogin"].limits.rates

    def fail() -> None:
        for number in range(200):
            failures.count(f"192.0.2.{number}", "fail_code")
        for _ in range(3):
            failures.count("198.51.100.7", "fail_code")
        failures.flush()

    # One exchange; its answer begins before the question has ended, so that the proxy sees several.
    assert cost_of(fail).round_trips < 20
    limits.refuse_known("192.0.2.7", "fail_code")
    failures.count("198.51.100.7", "fail_code")
    failures.flush()
    with pytest.raises(RateLimited):
        limits.refuse_known("198.51.100.7", "fail_code")
