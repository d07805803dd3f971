"""A secret that this installation holds is found in every form that it may leak in."""

from __future__ import annotations

import base64
import os
import pickle
from pathlib import Path
from urllib.parse import quote

import pytest

import config
from tests.leakscan.made_up import (
    AES_KEY,
    APP_SECRET,
    APPID,
    DATA_KEY,
    HAY,
    OTHER_SECRET,
    hidden,
)
from wxlogin.leakscan.content import Search
from wxlogin.leakscan.known_secrets import KnownSecret, KnownSecrets
from wxlogin.leakscan.settings_secrets import secrets_of

SECRET = KnownSecret("wechat-app-secret", f"AppSecret of {APPID}", APP_SECRET.encode())
KEY = KnownSecret("wxlogin-settings-key", "WXLOGIN_DATA_KEYS", DATA_KEY.encode())
KNOWN = KnownSecrets([SECRET, KEY])
FIRST, SECOND = APP_SECRET[:16], APP_SECRET[16:]
SPLIT = [APP_SECRET[at : at + 5] for at in range(0, 32, 5)]

FORMS = {
    "as it is": APP_SECRET,
    "within a word": f"x{APP_SECRET}y",
    "in upper case": APP_SECRET.upper(),
    "reversed": APP_SECRET[::-1],
    "in base64": base64.b64encode(APP_SECRET.encode()).decode(),
    "reversed in base64": base64.b64encode(APP_SECRET[::-1].encode()).decode(),
    "in base64 with the appid": base64.b64encode(f"{APPID}:{APP_SECRET}".encode()).decode(),
    "in base64 one further": base64.b64encode(f"{APPID}::{APP_SECRET}&".encode()).decode(),
    "in base64 two further": base64.b64encode(f"{APPID}:::{APP_SECRET}??".encode()).decode(),
    "in base64 of its bytes": base64.b64encode(bytes.fromhex(APP_SECRET)).decode(),
    "in hex": APP_SECRET.encode().hex(),
    "in upper hex": APP_SECRET.encode().hex().upper(),
    "in halves": f"a = '{FIRST}'; b = 'x'; c = '{SECOND}'",
    "in swapped halves": f"a = '{SECOND}' + '{FIRST}'",
    "in reversed halves": f"a = '{FIRST[::-1]}'; b = 'x'; c = '{SECOND[::-1]}'",
    "in pieces": " + ".join(f"'{piece}'" for piece in SPLIT),
    "in an array": f"{SPLIT}.join('')",
    "in pieces, reversed": str([piece[::-1] for piece in reversed(SPLIT)]),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("before", range(8))
def test_a_held_secret_is_found(form: str, before: int) -> None:
    text = b" " * before + hidden(FORMS[form])[0]
    found = Search(KNOWN).matches(text)
    assert found
    assert {match.value for match in found} == {APP_SECRET.encode()}
    assert {match.label for match in found} == {f"AppSecret of {APPID}"}


@pytest.mark.parametrize("written", [DATA_KEY, quote(DATA_KEY, safe=""), DATA_KEY[::-1]])
def test_a_held_key_is_found(written: str) -> None:
    (match,) = KNOWN.matches(written.encode())
    assert match.label == "WXLOGIN_DATA_KEYS"


def test_the_secrets_within_urls_of_the_settings_are_known(tmp_path: Path) -> None:
    robot, password = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa", "Quiet-otter-46-lanterns"
    given = {
        "WXLOGIN_ENV": "testing",
        "WXLOGIN_REDIS_URL": "redis://127.0.0.1:9/0",
        "WXLOGIN_ALERT_WEBHOOK": f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={robot}",
        "WXLOGIN_WX_PROXY": f"http://us:{password}@proxy.example.com:3128",
    }
    known = KnownSecrets(secrets_of(config.load(given, tmp_path)))
    for value, setting in ((robot, "WXLOGIN_ALERT_WEBHOOK"), (password, "WXLOGIN_WX_PROXY")):
        assert [match.label for match in known.matches(f"x = '{value}'".encode())] == [setting]


@pytest.mark.parametrize("cut", [21, 22])
def test_a_secret_of_an_odd_length_may_be_cut_on_either_side_of_its_middle(cut: int) -> None:
    known = KnownSecrets([KnownSecret("wechat-encoding-aes-key", "", AES_KEY.encode())])
    for half in (AES_KEY[:cut], AES_KEY[cut:], AES_KEY[::-1][:cut], AES_KEY[::-1][cut:]):
        assert len(known.matches(f"x = '{half}'".encode())) == 1


def test_the_bytes_that_a_secret_stands_for_are_found_in_every_form() -> None:
    raw = base64.b64decode(DATA_KEY)
    known = KnownSecrets([KnownSecret("wxlogin-settings-key", "", DATA_KEY.encode(), raw)])
    for text in (raw, raw.hex().encode(), base64.b64encode(b"x" + raw), raw.hex()[::-1].encode()):
        assert [match.value for match in known.matches(b"= " + text)] == [DATA_KEY.encode()]


def test_a_whole_secret_is_not_reported_by_its_halves_as_well() -> None:
    (match,) = KNOWN.matches(APP_SECRET.encode())
    assert match.how == "value"


def test_a_held_secret_is_found_in_a_binary_file_and_in_others_packages() -> None:
    data = b"\0\x01\x02" * 100 + APP_SECRET.encode() + b"\0" * 100
    assert [match.how for match in Search(KNOWN).matches(data)] == ["value"]
    assert [match.how for match in Search(KNOWN, shapes=False).matches(data)] == ["value"]


def test_nothing_else_is_found() -> None:
    text = hidden(f"secret = '{OTHER_SECRET}' {APP_SECRET[:14]} {APP_SECRET[20:]}")[0]
    assert KNOWN.matches(text) == []
    assert KNOWN.matches(HAY.encode()) == []
    assert KNOWN.matches(b"") == []


def test_short_values_are_not_searched() -> None:
    known = KnownSecrets([KnownSecret("wxlogin-settings-key", "password", b"postgres")])
    assert not known
    assert known.matches(b"postgres" * 10) == []


def test_a_thousand_secrets_are_found_as_well_as_one() -> None:
    values = [os.urandom(16).hex().encode() for _ in range(1000)]
    known = KnownSecrets(KnownSecret("wechat-app-secret", "", value) for value in values)
    text = b"\n".join(b"x = '%s'" % value for value in values)
    assert [match.value for match in known.matches(text)] == values


def test_known_secrets_reach_another_process() -> None:
    known = pickle.loads(pickle.dumps(KNOWN))
    assert [match.value for match in known.matches(APP_SECRET.encode())] == [APP_SECRET.encode()]


def test_no_repr_shows_a_secret() -> None:
    assert APP_SECRET not in repr(SECRET) + repr([SECRET]) + repr(KNOWN)


def test_the_password_of_the_mail_server_is_found(tmp_path: Path) -> None:
    given = {
        "WXLOGIN_ENV": "testing",
        "WXLOGIN_SMTP_URL": "smtps://alerts%40example.com:a-p%40ssword-71@mail.example.com",
        "WXLOGIN_ALERT_EMAIL": "ops@example.com",
    }
    known = secrets_of(config.load(given, tmp_path))
    values = {one.value for one in known if one.label == "WXLOGIN_SMTP_URL"}
    assert {b"a-p@ssword-71", b"a-p%40ssword-71"} <= values
