"""A team's own blueprint, with limits as Flask-Limiter's documentation declares them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Blueprint, Flask, Response, jsonify, request
from flask_limiter import RateLimitExceeded
from flask_limiter.util import get_remote_address

from tests.harness.clock import SettableClock
from tests.harness.doc_pages import written
from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.house.source import ROOT
from wxlogin.app import create_app
from wxlogin.extensions import db, limiter
from wxlogin.guard.gate import guard_account
from wxlogin.limits.key_functions import openid_key, setting

PATH = "/own/hello"


def hello() -> str:
    """A view without a limit."""
    return "hello"


def served(name: str, view: Callable[[], object] = hello) -> Blueprint:
    """A blueprint of this name, under which the limiter knows its limits."""
    blueprint = Blueprint(name, __name__)
    blueprint.get(PATH, endpoint="hello")(view)
    return blueprint


def statuses(site: Site, times: int) -> list[int]:
    """What so many calls are answered."""
    return [site.request("GET", PATH).status_code for _ in range(times)]


def test_a_view_is_limited_by_its_own_key(site: Site) -> None:
    @limiter.limit("2/minute", key_func=lambda: request.args.get("shop", "none"))
    def view() -> str:
        return "hello"

    site.app.register_blueprint(served("own_key", view))
    site.clock.forward(60 - site.clock() % 60 + 20.5)
    assert statuses(site, 2) == [200, 200]
    refused = site.request("GET", PATH)
    assert (site.problem(refused), refused.headers["Retry-After"]) == ("RATE_LIMITED", "40")
    assert site.request("GET", PATH + "?shop=other").ok
    site.clock.forward(40)
    assert statuses(site, 3) == [200, 200, 429]


def test_a_blueprint_is_limited_by_address_where_it_names_no_key(site: Site) -> None:
    blueprint = served("own_default")
    limiter.limit("2/minute")(blueprint)
    site.app.register_blueprint(blueprint)
    assert statuses(site, 4) == [200, 200, 429, 429]
    assert site.problem(site.request("GET", PATH)) == "RATE_LIMITED"
    numbers = site.request("GET", "/metrics").text
    assert 'wxlogin_rate_limited_total{limit="own_default.hello"}' in numbers


def test_every_window_of_a_limit_holds_and_the_last_full_one_is_waited_for(site: Site) -> None:
    blueprint = served("own_windows")
    limiter.limit("5/minute;2/hour")(blueprint)
    site.app.register_blueprint(blueprint)
    site.clock.forward(3600 - site.clock() % 3600 + 600)
    assert statuses(site, 9)[2:] == [429] * 7
    assert site.request("GET", PATH).headers["Retry-After"] == "3000"
    site.clock.forward(61)
    assert statuses(site, 1) == [429]


def test_limits_of_two_methods_do_not_close_each_other(site: Site) -> None:
    blueprint = Blueprint("own_methods", __name__)

    @blueprint.route(PATH, methods=["GET", "POST"])
    @limiter.limit("1/minute", methods=["POST"])
    @limiter.limit("9/minute", methods=["GET"])
    def view() -> str:
        return "hello"

    site.app.register_blueprint(blueprint)
    assert [site.request("POST", PATH).status_code for _ in range(3)] == [200, 429, 429]
    assert statuses(site, 2) == [200, 200]


def test_the_words_of_a_decorator_are_what_the_caller_reads(site: Site) -> None:
    blueprint = served("own_words")
    limiter.limit("1/hour", error_message="One greeting an hour.")(blueprint)
    site.app.register_blueprint(blueprint)
    assert statuses(site, 2) == [200, 429]
    assert site.request("GET", PATH).json()["detail"] == "One greeting an hour."


def test_an_answer_of_the_decorator_s_own_is_given(site: Site) -> None:
    blueprint = served("own_answer")
    limiter.limit("1/hour", on_breach=lambda _limit: Response("later", 429))(blueprint)
    site.app.register_blueprint(blueprint)
    statuses(site, 1)
    assert {site.request("GET", PATH).text for _ in range(2)} == {"later"}


def test_a_limit_that_only_some_answers_count_for(site: Site) -> None:
    blueprint = served("own_deduction", lambda: Response(status=request.args["as"]))
    limiter.limit("1/minute", deduct_when=lambda answer: answer.status_code == 404)(blueprint)
    site.app.register_blueprint(blueprint)
    asked = ["204", "204", "404", "204"]
    answers = [site.request("GET", f"{PATH}?as={status}").status_code for status in asked]
    assert answers == [204, 204, 404, 429]


def test_a_block_of_a_view_is_limited(site: Site) -> None:
    def view() -> str:
        try:
            with limiter.limit("1/minute"):
                return "dear"
        except RateLimitExceeded:
            return "cheap"

    site.app.register_blueprint(served("own_block", view))
    assert [site.request("GET", PATH).text for _ in range(2)] == ["dear", "cheap"]


def test_a_view_can_say_what_is_left(site: Site) -> None:
    @limiter.limit("3/minute")
    def view() -> Response:
        current = limiter.current_limit
        assert current is not None
        return jsonify([current.remaining, current.reset_at])

    site.app.register_blueprint(served("own_left", view))
    site.clock.forward(60 - site.clock() % 60 + 20)
    assert site.request("GET", PATH).json() == [2, int(site.clock()) + 41]


def test_a_signed_in_view_is_limited_by_openid(site: Site, phone: Phone) -> None:
    @limiter.limit("2/minute", key_func=openid_key)
    def view() -> str:
        return "hello"

    blueprint = served("own_openid", view)
    guard_account(blueprint, "api_openid")
    site.app.register_blueprint(blueprint)
    bob = Phone(site, "bob")
    phone.login()
    bob.login()
    assert [phone.refusal(PATH) for _ in range(3)] == ["", "", "RATE_LIMITED"]
    assert bob.refusal(PATH) == ""
    phone.logout()
    assert phone.refusal(PATH) == "SESSION_REVOKED"


def test_a_limit_by_openid_before_anybody_is_signed_in_lets_nobody_in(site: Site) -> None:
    blueprint = served("own_nobody")
    limiter.limit("2/minute", key_func=openid_key)(blueprint)
    site.app.register_blueprint(blueprint)
    assert site.problem(site.request("GET", PATH)) == "INTERNAL"


def test_the_example_of_the_page_works_as_it_stands(site: Site, phone: Phone) -> None:
    names: dict[str, Any] = {"__name__": "orders"}
    [program] = written(ROOT / "docs/limits.md", "python")
    exec(compile(program.text, "docs/limits.md", "exec"), names)
    site.app.register_blueprint(names["orders"])
    assert phone.refusal("/orders/") == "TOKEN_MISSING"
    phone.login()
    assert [phone.refusal("/orders/") for _ in range(21)] == [""] * 20 + ["RATE_LIMITED"]


@pytest.mark.settings(WXLOGIN_LIMIT_LOGIN_IP="2/minute")
def test_a_limit_of_the_settings_is_shared_by_its_scope(site: Site, phone: Phone) -> None:
    blueprint = served("own_setting")
    limiter.shared_limit(setting("login_ip"), scope="login_ip")(blueprint)
    site.app.register_blueprint(blueprint)
    phone.login()
    assert statuses(site, 2) == [200, 429]
    assert site.problem(phone.try_login()) == "RATE_LIMITED"


@pytest.mark.settings(WXLOGIN_REDIS_URL="redis://127.0.0.1:1/0")
def test_what_cannot_be_counted_is_refused(site: Site) -> None:
    blueprint = served("own_outage")
    limiter.limit("2/minute")(blueprint)
    site.app.register_blueprint(blueprint)
    assert {site.problem(site.request("GET", PATH)) for _ in range(3)} == {"STORE_UNAVAILABLE"}


def test_a_key_of_the_team_s_own_stands_in_redis_as_a_digest(site: Site) -> None:
    blueprint = served("own_digest")
    limiter.limit("2/minute", key_func=get_remote_address)(blueprint)
    site.app.register_blueprint(blueprint)
    statuses(site, 1)
    found = site.redis.keys("*own_digest*")
    assert len(found) == 1
    assert found[0].startswith("wxl:1:l/")
    assert "127.0.0.1" not in found[0]


@pytest.fixture
def other(site: Site) -> Iterator[Flask]:
    """A second app of this process, with a Redis database and a clock of its own."""
    url = f"{site.settings.redis_url}?db=1"
    settings = site.settings.model_copy(update={"redis_url": url})
    app = create_app(settings, SettableClock())
    yield app
    services = app.extensions["wxlogin"]
    services.operators.tokens.flush()
    services.watch.recorder.stop()
    services.redis.flushdb()
    services.redis.close()
    with app.app_context():
        db.engine.dispose()


def test_apps_of_one_process_count_apart_each_on_its_own_clock(site: Site, other: Flask) -> None:
    blueprint = served("own_apart")
    limiter.limit("2/minute")(blueprint)
    for app in (site.app, other):
        app.register_blueprint(blueprint)

    def ask() -> int:
        return other.test_client().get(PATH).status_code

    assert [ask(), ask(), ask()] == [200, 200, 429]
    assert statuses(site, 3) == [200, 200, 429]
    other.extensions["wxlogin"].clock.forward(60)
    assert ask() == 200
    assert statuses(site, 1) == [429]
