"""How the installation is now, as every worker says it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.harness.console import Operator
from tests.harness.phone import Phone
from tests.harness.rings import rings
from tests.harness.site import APPID, Site
from wxlogin.sandbox import Fault

LOGIN = "/sns/jscode2session"


@pytest.fixture
def viewer(site: Site) -> Operator:
    """Somebody who may only look."""
    return Operator(site, "viewer").sign_in()


def status(site: Site, operator: Operator) -> Any:
    """The status, once the worker has noted itself."""
    site.services.keyring.hosts.note()
    return operator.done("GET", "/status")


def test_all_is_well(site: Site, viewer: Operator) -> None:
    told = status(site, viewer)
    assert (told["status"], told["redis"], told["database"]) == ("ok", "ok", "ok")
    assert (told["migrations"], told["keys"], told["open_alerts"]) == ("ok", "agree", 0)
    assert told["webhooks"] == {"waiting": 0, "oldest_seconds": 0}
    assert len(told["workers"]) == 1
    (app,) = told["wechat"]
    assert (app["app"], app["state"], app["at"]) == (APPID, "unknown", None)


@pytest.mark.parametrize(
    ("fault", "state", "errcode", "what"),
    [
        (None, "ok", 0, None),
        (Fault(errcode=40029), "ok", 40029, None),
        (Fault(errcode=40125), "refuses", 40125, "the AppSecret is wrong"),
        (Fault(errcode=-1), "no_answer", -1, None),
        (Fault(status=502), "no_answer", None, None),
    ],
    ids=["a login", "a bad code", "a wrong AppSecret", "busy", "502"],
)
def test_wechat_s_last_answer_is_told_with_what_it_means(
    site: Site,
    viewer: Operator,
    phone: Phone,
    fault: Fault | None,
    state: str,
    errcode: int | None,
    what: str | None,
) -> None:
    if fault:
        site.sandbox.faults.queue(LOGIN, fault)
    site.request("POST", "/v1/login", json={"code": phone.code()})
    site.answers.clear()
    (app,) = status(site, viewer)["wechat"]
    assert (app["state"], app["errcode"], app["what"]) == (state, errcode, what)
    assert app["at"]
    assert bool(app["advice"]) == bool(what)


def test_refused_calls_of_the_last_hour_are_counted_by_app_as_their_list_has_them(
    site: Site, viewer: Operator
) -> None:
    for _ in range(3):
        site.request("POST", "/v1/login", json={"code": "c" * 32})
    Phone(site).login()
    site.services.watch.recorder.flush()
    (app,) = status(site, viewer)["wechat"]
    assert app["refused_last_hour"] == 3
    listed = viewer.done("GET", f"/events?app={APPID}&refused=true")["items"]
    assert {item["kind"]: item["count"] for item in listed} == {
        "code.invalid": 1,
        "code.reused": 2,
    }
    others = viewer.done("GET", f"/events?app={APPID}&refused=false")["items"]
    assert {item["kind"] for item in others} == {"login.succeeded"}
    site.clock.forward(3700)
    (app,) = status(site, viewer.sign_in())["wechat"]
    assert app["refused_last_hour"] == 0


def test_every_worker_says_the_same_of_all(make_site: Callable[..., Site]) -> None:
    first, second = make_site(**rings(1)), make_site(**rings(1, signing=(2, 1)))
    viewer = Operator(first, "viewer").sign_in()
    Phone(first).login()
    second.services.keyring.hosts.note()
    told = status(first, viewer)
    assert len(told["workers"]) == 2
    assert told["keys"] == "differ"
    assert told["wechat"][0]["state"] == "ok"


def test_a_token_that_may_read_is_enough_and_others_are_not(site: Site) -> None:
    assert site.problem(site.request("GET", "/admin/api/status")) == "TOKEN_MISSING"
