"""Redaction: no secret gets through, ordinary lines do."""

from __future__ import annotations

import base64
import hashlib
import json
import string
import traceback
from urllib.parse import quote, urlencode

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from tests.harness.leaks import run_log
from wxlogin.logs.redaction import redact, redact_line
from wxlogin.sandbox import users
from wxlogin.sessions import Tokens
from wxlogin.sessions.tokens import new_public_id
from wxlogin.vault.leak_guard import leak_guard

BASE64URL = string.ascii_letters + string.digits + "-_"
ALPHANUMERIC = string.ascii_letters + string.digits
TOKENS = Tokens(["Zr7mQ1xW9vT4kN6bY2sF8pL3hD5gJ0cA"])
SESSION_KEY = "a+/WEygStjuLCnZ9IN2l4Q=="
OPENID = "o16wA0b4AZKzgVJR3MBwoUdTfU_E"
CODE = "033NN2l22Y2H9Y0VeTl22NX0l22NN2lt"
APPSECRET = "9c1e7a40b25d83f6017e4bd9a8c3f562"


def letters(alphabet: str, length: int) -> st.SearchStrategy[str]:
    return st.text(alphabet, min_size=length, max_size=length)


openids = letters(BASE64URL, 27).map(lambda rest: f"o{rest}").filter(lambda s: s != s.lower())
session_keys = st.binary(min_size=16, max_size=16).map(lambda raw: base64.b64encode(raw).decode())
tokens = st.builds(lambda public_id: TOKENS.mint(public_id)[0], st.builds(new_public_id))
api_tokens = letters(BASE64URL, 43).map(lambda rest: f"wxa_{rest}")
invitations = letters(BASE64URL, 43).map(lambda rest: f"wxi_{rest}")
access_tokens = st.builds(
    lambda number, rest: f"{number}_{rest}", st.integers(10, 99), letters(BASE64URL, 128)
)
secrets = st.binary(min_size=16, max_size=16).map(bytes.hex)
codes = (
    letters(ALPHANUMERIC, 31)
    .map(lambda rest: f"0{rest}")
    .filter(lambda code: code not in (code.lower(), code.upper()))
)
phones = st.builds(users.phone_number_of, st.text(min_size=1, max_size=10))
segments = st.binary(min_size=8, max_size=60).map(
    lambda raw: base64.urlsafe_b64encode(b'{"a' + raw).rstrip(b"=").decode()
)
assertions = st.builds(lambda *parts: ".".join(parts), segments, segments, letters(BASE64URL, 86))
anything = st.one_of(
    assertions,
    openids,
    session_keys,
    tokens,
    api_tokens,
    invitations,
    access_tokens,
    secrets,
    codes,
    phones,
)

texts = st.text(max_size=40)
# What may adjoin: no letter and no digit, or the end of an escape.
befores = st.one_of(
    texts.filter(lambda text: not text[-1:].isascii() or text[-1:] not in ALPHANUMERIC),
    st.builds(
        str.__add__,
        texts,
        st.sampled_from(["\\n", "\\r\\t", "\\u0022", "\\x27", "%3D", "%22", "%E4%BD%A0"]),
    ),
)
afters = texts.filter(lambda text: not text[:1].isascii() or text[:1] not in ALPHANUMERIC)


@given(secret=anything, before=befores, after=afters)
@example(secret=OPENID, before="\\n", after="\\n")
@example(secret=OPENID, before="openid%3D", after="%26")
def test_no_shape_gets_through(secret: str, before: str, after: str) -> None:
    # A digit or a dash of the surroundings may make the number another one.
    assume(
        not (secret.isdigit() and (before + after).strip(string.digits + " -.") != before + after)
    )
    redacted = redact(before + secret + after)
    assert secret not in redacted
    assert "[" in redacted


@given(secret=anything, before=befores, after=afters)
def test_no_shape_gets_through_json_and_percent_encoding(
    secret: str, before: str, after: str
) -> None:
    assume(not secret.isdigit())
    inner = json.dumps({"text": before + secret + after}, ensure_ascii=True)
    for written in (inner, json.dumps(inner), inner.replace("/", "\\/"), quote(inner, safe="")):
        redacted = redact(written)
        for form in (secret, secret.replace("/", "\\/"), quote(secret, safe="")):
            assert form not in redacted


@given(secret=anything, before=befores, after=afters)
def test_a_redacted_json_line_is_json_still(secret: str, before: str, after: str) -> None:
    line = json.dumps({"event": before + secret + after, "request_id": "p4F_-8sXh2wQZt9a"})
    assert set(json.loads(redact(line))) == {"event", "request_id"}


@given(secret=st.one_of(session_keys, tokens, api_tokens, invitations), before=texts, after=texts)
def test_session_keys_and_tokens_do_not_even_get_through_glued(
    secret: str, before: str, after: str
) -> None:
    assert secret not in redact(before + secret + after)


@given(secret=anything, before=befores, after=afters)
def test_what_came_from_outside_is_found_in_a_line_of_ours(
    secret: str, before: str, after: str
) -> None:
    outside = before + secret + after
    line = json.dumps({"event": "request", "path": outside, "status": 204})
    assert redact_line(line, outside) == redact(line)


@given(outside=st.text(string.ascii_letters + string.digits + "-_/. \\\"'=%@:", max_size=60))
def test_a_line_is_searched_unless_nothing_in_it_can_be_a_secret(outside: str) -> None:
    line = json.dumps({"event": "request", "path": outside, "status": 204})
    assert redact_line(line, outside) == redact(line)


@given(value=letters(ALPHANUMERIC, 20))
def test_what_is_held_is_found_in_a_line_whoever_wrote_it(value: str) -> None:
    leak_guard.register("AppSecret", "of a test", value)
    assert value not in redact_line(json.dumps({"path": value}), "")


@given(value=letters(ALPHANUMERIC, 20), before=texts, after=texts)
def test_what_is_held_does_not_get_through_whatever_it_looks_like(
    value: str, before: str, after: str
) -> None:
    leak_guard.register("AppSecret", "of a test", value)
    assert value not in redact(before + value + after)


@given(
    name=st.sampled_from(["secret", "js_code", "access_token", "session_key", "openid", "Secret"]),
    value=letters(ALPHANUMERIC, 9),
)
def test_what_a_name_gives_away_is_redacted_whatever_it_looks_like(name: str, value: str) -> None:
    query = urlencode({"appid": "wx1", name: value, "x": "1"})
    for line in (
        f"GET /sns/jscode2session?{query} HTTP/1.1",
        f"GET /x?next={quote(query)}",
        json.dumps({name: value}),
        json.dumps({"event": json.dumps({name: value})}),
        json.dumps({"event": repr({name: value})}),
        repr([(name, value)]),
        f"Thing({name}={value!r}, x=1)",
        f"{name}={value}",
    ):
        assert value not in redact(line)


@pytest.mark.parametrize(
    ("line", "redacted"),
    [
        (f"openid {OPENID}.", "openid [openid]."),
        (f"key {SESSION_KEY}", "key [session_key]"),
        ("a%2B%2FWEygStjuLCnZ9IN2l4Q%3D%3D", "[session_key]"),
        (f"?secret={APPSECRET}&js_code={CODE}&x=1", "?secret=[AppSecret]&js_code=[code]&x=1"),
        ("Authorization: Bearer abc.def", "Authorization: [Authorization]"),
        ("'HTTP_AUTHORIZATION': 'Basic dXNlcg'", "'HTTP_AUTHORIZATION': '[AUTHORIZATION]'"),
        ("call +8613800001111 or 138-0000-1111", "call +[phone] or [phone]"),
        ("008613800001111 8613800001111 tel:+86 13800001111", "00[phone] [phone] tel:+86 [phone]"),
        ("redis://:hunter2@cache:6380/0", "redis://[password]@cache:6380/0"),
    ],
)
def test_a_placeholder_tells_what_stood_there(line: str, redacted: str) -> None:
    assert redact(line) == redacted
    assert redact(redacted) == redacted


@given(
    public_id=st.builds(new_public_id),
    ms=st.integers(1_600_000_000_000, 1_999_999_999_999),
    digest=st.binary(max_size=64).map(lambda raw: hashlib.sha256(raw).hexdigest()),
    number=st.floats(0, 1e4),
)
def test_our_own_ids_times_and_digests_stay(
    public_id: str, ms: int, digest: str, number: float
) -> None:
    line = json.dumps(
        {
            "time": "2026-11-22T17:17:45.695Z",
            "event": f"{digest} {ms} {ms // 1000} {public_id} {digest[:16]} {digest[:40]}",
            "request_id": digest[:32],
            "user": public_id,
            "ms": number,
        }
    )
    assert redact(line) == line


@pytest.mark.parametrize(
    "line",
    [
        "WeChat could not be asked about a session_key: WX_UNAVAILABLE",
        "WXLOGIN_WX_SECRET is not the AppSecret that the database holds for this app",
        '{"event": "told no openid", "logger": "wxlogin", "event2": "no secret=", "x": "y"}',
        '{"event": "Authorization: ", "logger": "wxlogin"}',
        "one_of_the_long_names_in_src, test_second_login_ends_the_first_device",
        '  File "/srv/wxlogin/sessions/store.py", line 160, in create',
        "10.0.0.1:49152 [2001:db8::1] 0x7f1380000000",
        "512.8617966368765 0.15734567890 17000000000000",
        "if a == b and some_long_name_of_ours==another",
        "wxs_ wxa_short wx0123456789abcdef https://api.weixin.qq.com/wxa/checksession",
    ],
)
def test_ordinary_lines_stay(line: str) -> None:
    assert redact(line) == line


def test_a_traceback_gives_no_secret_away() -> None:
    used = [OPENID, SESSION_KEY, CODE, APPSECRET]
    run_log.use(used)
    url = "https://api.weixin.qq.com/sns?" + urlencode({"secret": APPSECRET, "js_code": CODE})
    error = ValueError({"openid": OPENID, "session_key": SESSION_KEY})
    error.__cause__ = OSError(f"HTTPSConnectionPool: {url}")
    text = redact("".join(traceback.format_exception(error)))
    assert "HTTPSConnectionPool: https://api.weixin.qq.com/sns?secret=[AppSecret]" in text
    for secret in used:
        assert secret not in text
        assert quote(secret) not in text
