"""The doctor in the console: who may run it, what it says, how often."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from tests.harness.console import Operator
from tests.harness.site import Site
from wxlogin.operators.permissions import Role


def examine(operator: Operator, language: str = "en") -> requests.Response:
    """Press the button."""
    headers = {
        "Cookie": f"wxlogin_admin={operator.cookie}",
        "X-CSRF-Token": operator.csrf_token,
        "Accept-Language": language,
    }
    return operator.site.request("POST", "/admin/doctor", headers=headers, allow_redirects=False)


@pytest.mark.parametrize(("role", "status"), [("owner", 200), ("operator", 200), ("viewer", 303)])
def test_who_may_run_it(site: Site, role: Role, status: int) -> None:
    operator = Operator(site, role).sign_in()
    assert examine(operator).status_code == status


def test_it_says_what_is_wrong_and_what_to_do_in_the_page_s_language(owner: Operator) -> None:
    english, chinese = examine(owner).text, examine(owner, "zh").text
    assert "WXLOGIN_ALERT_WEBHOOK is not set." in english
    assert "No fault was found. Some lines below are worth a look." in english
    assert "未设置 WXLOGIN_ALERT_WEBHOOK。" in chinese
    assert "处理方法" in chinese


def test_a_fault_is_an_alert_of_the_page(site: Site, owner: Operator) -> None:
    site.sandbox.world.add_app(site.settings.wx_appid, "f" * 32)
    assert "There is a fault." in examine(owner).text


@pytest.mark.settings(WXLOGIN_LIMIT_DOCTOR="1/minute")
def test_it_runs_so_often_and_not_more(owner: Operator) -> None:
    assert examine(owner).status_code == 200
    assert examine(owner).status_code == 303
    assert owner.site.redis.keys("wxl:1:doctor:*") == []


def test_one_examination_runs_at_a_time(site: Site, owner: Operator) -> None:
    with site.services.doctor._turn:
        assert examine(owner).status_code == 303  # back to the page, with a notice
    assert examine(owner).status_code == 200


def test_reading_the_page_examines_nothing(site: Site, owner: Operator) -> None:
    headers = {"Cookie": f"wxlogin_admin={owner.cookie}"}
    assert "Examine" in site.request("GET", "/admin/doctor", headers=headers).text
    assert site.redis.keys("wxl:1:probe:*") == []


def test_it_holds_no_pooled_connection_meanwhile(
    make_site: Callable[..., Site], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = make_site()
    owner = Operator(site, "owner").sign_in()
    held = []

    def looked(*_: object, **__: object) -> object:
        with site.app.app_context():
            pool = site.app.extensions["sqlalchemy"].engine.pool
        held.append(pool.checkedout())
        raise LookupError

    monkeypatch.setattr("wxlogin.doctor.consulting.examine", looked)
    assert examine(owner).status_code == 500
    assert held == [0]
