"""The switch for one device, and what happens over the limit of devices."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from tests.harness.phone import Phone
from tests.harness.site import Site


def signed_in(site: Site, *platforms: str) -> list[Phone]:
    """One phone a platform, logged in a second apart."""
    phones = [Phone(site, platform=platform) for platform in platforms]
    for phone in phones:
        phone.login()
        site.clock.forward(1)
    return phones


@pytest.mark.parametrize("value", ["all", "true"])
def test_the_newest_device_wins(make_site: Callable[..., Site], value: str) -> None:
    phones = signed_in(make_site(WXLOGIN_SINGLE_DEVICE_LOGIN=value), "ios", "mac", "ios")
    assert [phone.refusal() for phone in phones] == ["SESSION_REPLACED", "SESSION_REPLACED", ""]
    assert phones[2].login_answer["ended"] == 1


@pytest.mark.settings(WXLOGIN_SINGLE_DEVICE_LOGIN="per-platform")
def test_one_device_of_each_platform(site: Site) -> None:
    phones = signed_in(site, "ios", "windows", "ios")
    assert [phone.refusal() for phone in phones] == ["SESSION_REPLACED", "", ""]


@pytest.mark.settings(WXLOGIN_SINGLE_DEVICE_LOGIN="all")
def test_the_same_device_keeps_its_grace_under_all(site: Site) -> None:
    before, after = Phone(site, device_id="device-1"), Phone(site, device_id="device-1")
    before.login()
    after.login()
    assert before.refusal() == ""
    site.clock.forward(30)
    assert before.refusal() == "SESSION_REPLACED"


@pytest.mark.settings(WXLOGIN_MAX_DEVICES="2", WXLOGIN_DEVICE_OVERFLOW="refuse")
def test_a_login_over_the_limit_is_refused_and_ends_nothing(site: Site) -> None:
    phones = signed_in(site, "ios", "mac")
    answer = Phone(site).try_login()
    assert site.problem(answer) == "DEVICE_LIMIT"
    assert answer.json()["action"] == "prompt"
    assert [phone.refusal() for phone in phones] == ["", ""]
    phones[0].logout()
    Phone(site).login()


@pytest.mark.settings(WXLOGIN_MAX_DEVICES="1", WXLOGIN_DEVICE_OVERFLOW="refuse")
def test_the_same_device_is_never_over_the_limit(site: Site) -> None:
    phone = Phone(site, device_id="device-1")
    phone.login()
    assert phone.login()["ended"] == 1
    assert phone.login(carry=True)["ended"] == 1


def test_another_policy_takes_effect_at_the_next_login(make_site: Callable[..., Site]) -> None:
    phones = signed_in(make_site(), "ios", "mac")
    strict = make_site(WXLOGIN_SINGLE_DEVICE_LOGIN="all")
    assert [phone.refusal() for phone in phones] == ["", ""]
    newest = Phone(strict)
    assert newest.login()["ended"] == 2
    assert [p.refusal() for p in (*phones, newest)] == ["SESSION_REPLACED", "SESSION_REPLACED", ""]


@pytest.mark.settings(WXLOGIN_SINGLE_DEVICE_LOGIN="all")
def test_fifty_logins_at_once_leave_one_session(site: Site) -> None:
    phones = [Phone(site) for _ in range(50)]
    codes, together = [phone.code() for phone in phones], threading.Barrier(50)

    def login(phone: Phone, code: str) -> None:
        together.wait()
        phone.login(code=code)

    threads = [
        threading.Thread(target=login, args=pair) for pair in zip(phones, codes, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    verdicts = [phone.refusal() for phone in phones]
    assert verdicts.count("") == 1
    assert set(verdicts) <= {"", "SESSION_REPLACED", "SESSION_EXPIRED"}  # 20 are remembered
