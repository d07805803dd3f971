"""The life of session_key: stale and renewed, the newest and the one before."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import event

from tests.harness.phone import CHECKSESSION, SHARED, Page, Phone
from tests.harness.site import Site
from wxlogin.extensions import db
from wxlogin.sandbox import Fault

LOGIN = "/sns/jscode2session"


@pytest.fixture
def page(site: Site) -> Page:
    """Alice's page, signed in."""
    page = Page(site)
    page.login()
    return page


# Stale


def test_data_under_a_newer_key_opens_after_a_renewal(site: Site, page: Page) -> None:
    page.rotate()
    data = page.data()
    assert page.outcome(data) == "SESSION_KEY_EXPIRED"
    assert page.renew().json() == {"fresh": True, "expires_in": 7200}
    assert page.outcome(data) == ""
    assert site.sandbox.world.calls[CHECKSESSION] == 1


def test_data_under_a_newer_key_opens_after_a_login(page: Page) -> None:
    page.rotate()
    data = page.data()
    assert page.outcome(data) == "SESSION_KEY_EXPIRED"
    page.login(carry=True)
    assert page.outcome(data) == ""


def test_a_key_that_does_not_hold_is_forgotten_and_wechat_not_asked_again(
    site: Site, page: Page
) -> None:
    page.rotate()
    for _ in range(2):
        assert page.outcome(page.data()) == "SESSION_KEY_EXPIRED"
    assert page.key_state() == {"fresh": False, "expires_in": 0}
    assert site.sandbox.world.calls[CHECKSESSION] == 1


def test_a_key_that_wechat_ended_does_not_hold(site: Site, page: Page) -> None:
    site.sandbox.world.expire_session_key("alice")
    assert page.outcome(site.sandbox.world.encrypt("bob", SHARED)) == "SESSION_KEY_EXPIRED"


def test_data_under_a_key_that_was_never_kept_wants_the_button_again(page: Page) -> None:
    page.rotate()
    data = page.data()
    page.rotate()
    page.renew()
    assert page.outcome(data) == "DATA_INVALID"


def test_a_key_of_another_user_is_not_taken(site: Site, page: Page) -> None:
    answer = page.ask("POST", "/v1/session/key", json={"code": Phone(site, "bob").code()})
    assert site.problem(answer) == "CODE_INVALID"
    assert page.outcome(page.data()) == ""


def test_no_key_is_kept_for_more_than_two_hours(site: Site, page: Page) -> None:
    assert 0 < site.redis.pttl(f"wxl:1:{{{page.user_id}}}:k") <= 7_200_000
    site.clock.forward(7199)
    assert page.key_state() == {"fresh": True, "expires_in": 1}
    site.clock.forward(1)
    assert page.key_state() == {"fresh": False, "expires_in": 0}
    assert page.outcome(page.data()) == "SESSION_KEY_EXPIRED"


# The newest, and the one before


def test_the_previous_key_is_tried_for_a_minute(site: Site, page: Page) -> None:
    data = page.data()
    page.rotate()
    page.renew()
    site.clock.forward(59.9)
    assert page.outcome(data) == ""
    site.clock.forward(0.1)
    assert page.outcome(data) == "DATA_INVALID"
    assert page.outcome(page.data()) == ""


def test_the_key_of_one_device_serves_the_others(site: Site, page: Page) -> None:
    other = Phone(site)
    page.rotate()
    other.login()
    assert page.outcome(page.data()) == ""


def test_the_key_that_wechat_answered_last_counts(site: Site, page: Page) -> None:
    """The first code's answer is late, so that its key is the newest exchanged one."""
    first, sealed_first = page.code(), page.data()
    page.rotate()
    site.clock.forward(1)
    sealed_second = page.data()
    site.sandbox.faults.queue(LOGIN, Fault(delay=30, after=True))
    with site.sandbox.faults.hold(LOGIN) as hold:
        late = threading.Thread(target=page.try_login, kwargs={"code": first})
        late.start()
        assert hold.arrived()
    page.renew()
    site.clock.forward(1)
    site.sandbox.faults.clear()
    late.join()
    assert page.outcome(sealed_first) == ""
    assert page.outcome(sealed_second) == ""
    site.clock.forward(60)
    assert page.outcome(sealed_first) == ""
    assert page.outcome(page.data()) == "SESSION_KEY_EXPIRED"


@pytest.fixture
def login_stopped(site: Site, page: Page) -> Iterator[Callable[[], Callable[[], None]]]:
    """Starts a login that stops after WeChat's answer, and gives back what lets it go on."""
    answered, go_on = threading.Event(), threading.Event()
    login = threading.Thread(target=page.try_login, kwargs={"code": page.code()})

    def stop(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("INSERT INTO login_record"):
            answered.set()
            assert go_on.wait(20)

    def finish() -> None:
        go_on.set()
        login.join()

    def start() -> Callable[[], None]:
        login.start()
        assert answered.wait(20)
        return finish

    with site.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", stop)
    yield start
    go_on.set()
    event.remove(engine, "before_cursor_execute", stop)


def test_an_answer_that_is_written_down_late_does_not_count(
    site: Site, page: Page, login_stopped: Callable[[], Callable[[], None]]
) -> None:
    """The first code's answer came first; its login is slow to keep the key."""
    finish = login_stopped()
    page.rotate()
    site.clock.forward(1)
    page.renew()
    finish()
    site.clock.forward(60)
    assert page.outcome(page.data()) == ""
