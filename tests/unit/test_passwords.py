"""Passwords: what is too weak, and where their hashes are computed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from wxlogin.operators import password_strength as judging
from wxlogin.operators.passwords import Passwords, random_password, weakness

UNDER_GEVENT = """
from gevent import monkey
monkey.patch_all()
import gevent
from wxlogin.operators import password_strength as judging
from wxlogin.operators.passwords import Passwords
passwords, done, ticks = Passwords(), False, 0
def tick():
    global ticks
    while not done:
        ticks += 1
        gevent.sleep(0.001)
ticking = gevent.spawn(tick)
gevent.sleep(0)
WORK
done = True
ticking.join()
print(ticks)
"""


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("Quiet-otter", "12 to 128 characters"),
        ("Quiet-otter-46-lanterns" * 6, "12 to 128 characters"),
        ("password1234", "easy to guess"),
        ("qwertyuiop[]", "easy to guess"),
        ("iloveyou123456", "easy to guess"),
        ("aaaaaaaaaaaaaaaaaaaaaaaa", "easy to guess"),
        ("123456789012", "easy to guess"),
        ("wxlogin12345", "easy to guess"),
        ("wxlogin-admin-2026", "easy to guess"),
        ("WeChat-Login-2026!", "easy to guess"),
        ("mini-program-backend", "easy to guess"),
        ("微信小程序登录管理员密码2026", "easy to guess"),
        ("correct horse battery staple", "easy to guess"),
        ("i love my family very much", "easy to guess"),
        ("blue house green tree", "easy to guess"),
        ("PurpleMonkeyDishwasher1", "easy to guess"),
        ("winter-is-coming-2026", "easy to guess"),
        ("Quiet-Alice-46-lanterns", "should not hold the name"),
    ],
)
def test_a_weak_password_is_refused_with_its_reason(password: str, why: str) -> None:
    assert why in (weakness(password, "alice") or "")


@pytest.mark.parametrize(
    "password",
    [
        "Quiet-otter-46-lanterns",
        "安静的水獭与四十六盏灯笼吧呀",
        pytest.param(random_password(), id="a random one"),
    ],
)
def test_a_good_password_passes(password: str) -> None:
    assert weakness(password, "alice") is None


def test_the_work_of_judging_a_password_does_not_grow_with_its_length(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    judged: list[str] = []

    def judge(password: str, **words: list[str]) -> dict[str, object]:
        judged.append(password)
        return {"score": 4, "sequence": [{"pattern": "bruteforce"}]}

    monkeypatch.setattr(judging, "zxcvbn", judge)
    assert weakness("q1w2e3r4" * 16, "alice") is None
    assert judged == ["q1w2e3r4" * 4]
    assert weakness("quite" * 25, "alice") is None
    assert max(map(len, judged)) == judging.PHRASE_LENGTH


def test_a_hash_is_argon2id_of_the_strength_that_is_meant() -> None:
    passwords = Passwords()
    kept = passwords.hash("Quiet-otter-46-lanterns")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.verify("Quiet-otter-46-lanterns", kept)
    assert not passwords.verify("Quiet-otter-46-lantern", kept)
    assert not passwords.verify("Quiet-otter-46-lanterns", "no hash")
    assert not passwords.verify("Quiet-otter-46-lanterns", None)


@pytest.mark.parametrize(
    "work",
    [
        'assert passwords.verify("Quiet-otter-46", passwords.hash("Quiet-otter-46"))',
        'assert passwords.weakness("4@8({[<369&!1|/0$5+7%2", "alice") is None',
    ],
)
def test_under_gevent_other_requests_go_on_beside_it(work: str) -> None:
    script = UNDER_GEVENT.replace("WORK", work)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 3


def test_a_password_is_the_same_however_a_keyboard_composes_it() -> None:
    passwords = Passwords()
    stored = passwords.hash("cafe\u0301-otter-46-lanterns")
    assert passwords.verify("caf\u00e9-otter-46-lanterns", stored)
