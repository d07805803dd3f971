"""Signed requests: what must be signed, what a signature covers, and that it is good once."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.harness.crowd import together
from tests.harness.phone import Phone
from tests.harness.signer import Signer
from tests.harness.site import Site

TARGET = "/v1/logout?b=2&a=%E4%BD%A0"
BODY = b'{"scope": "others"}'
ONCE = "a-nonce-of-16-chars"
REQUIRED = pytest.mark.settings(WXLOGIN_REQUEST_SIGNING="required")


@pytest.fixture
def signer(phone: Phone) -> Signer:
    """Alice's phone, signed in, with its signing key."""
    phone.login()
    return Signer(phone)


def changed(headers: Mapping[str, str], **values: str) -> dict[str, str]:
    """The headers with other values, by the last word of their names."""
    return {**headers, **{f"X-Wxlogin-{name}": text for name, text in values.items()}}


@REQUIRED
def test_what_is_signed_passes(signer: Signer) -> None:
    assert signer.call("POST", TARGET, BODY).json() == {"ended": 0}
    assert signer.call("DELETE", f"/v1/sessions/{signer.phone.session_id}").json() == {"ended": 1}


@REQUIRED
def test_every_unsafe_call_with_a_session_must_be_signed(site: Site, phone: Phone) -> None:
    phone.login()
    paths = site.request("GET", "/v1/openapi.json").json()["paths"]
    calls = [
        (method.upper(), path.replace("{id}", "x"))
        for path, methods in paths.items()
        for method, call in methods.items()
        if call.get("security") == [{"session": []}] and method != "get"
    ]
    assert len(calls) >= 8
    refusals = {call: site.problem(phone.ask(*call, json={"wrong": 1})) for call in calls}
    assert set(refusals.values()) == {"REQUEST_UNSIGNED"}, refusals


@REQUIRED
def test_a_login_is_not_signed_even_with_a_token_along(phone: Phone) -> None:
    phone.login()
    phone.login(carry=True)


@REQUIRED
def test_a_get_may_be_signed_and_is_checked_when_it_is(site: Site, signer: Signer) -> None:
    assert signer.phone.ask("GET", "/v1/session").ok
    assert signer.call("GET", "/v1/session").ok
    headers = signer.sign("GET", "/v1/sessions")
    answer = signer.send("GET", "/v1/session", b"", headers)
    assert site.problem(answer) == "REQUEST_SIGNATURE_INVALID"


@pytest.mark.settings(WXLOGIN_REQUEST_SIGNING="optional")
def test_where_it_is_optional_a_signature_is_checked_when_present(
    site: Site, signer: Signer
) -> None:
    assert signer.phone.logout("others") == 0
    assert signer.call("POST", TARGET, BODY).ok
    answer = signer.send("POST", "/v1/logout", BODY, signer.sign("POST", TARGET, BODY))
    assert site.problem(answer) == "REQUEST_SIGNATURE_INVALID"


@pytest.mark.settings(WXLOGIN_REQUEST_SIGNING="off", WXLOGIN_AUTH_SIGNING="off")
def test_where_it_is_off_a_signature_is_not_looked_at(signer: Signer) -> None:
    wrong = {"X-Wxlogin-Signature": "not one"}
    assert signer.send("POST", "/v1/logout", BODY, wrong).ok
    assert signer.send("GET", "/v1/auth", b"", {**wrong, "X-Original-Method": "POST"}).ok


@pytest.mark.parametrize("name", ["Timestamp", "Nonce", "Signature"])
def test_some_but_not_all_headers_are_unsigned(site: Site, signer: Signer, name: str) -> None:
    headers = signer.sign("POST", TARGET, BODY)
    del headers[f"X-Wxlogin-{name}"]
    assert site.problem(signer.send("POST", TARGET, BODY, headers)) == "REQUEST_UNSIGNED"


OTHER_REQUESTS = [
    ("/v1/session/check?b=2&a=%E4%BD%A0", BODY),
    ("/v1/logout?a=%E4%BD%A0&b=2", BODY),
    ("/v1/logout?b=2&a=%e4%bd%a0", BODY),
    ("/v1/log%6Fut?b=2&a=%E4%BD%A0", BODY),
    ("/v1/logout?b=2&a=%E4%BD%A0&", BODY),
    ("/v1/logout?b=2&a=%E4%BD%A0#b", BODY),
    ("/v1/logout", BODY),
    (TARGET, b'{"scope": "other"}'),
    (TARGET, b'{"scope": "others"} '),
    (TARGET, b""),
]


def test_a_signature_covers_target_and_body(
    site: Site, signer: Signer, subtests: pytest.Subtests
) -> None:
    for target, body in OTHER_REQUESTS:
        with subtests.test(target=target, body=body):
            answer = signer.send("POST", target, body, signer.sign("POST", TARGET, BODY))
            assert site.problem(answer) == "REQUEST_SIGNATURE_INVALID"


def test_a_signature_covers_the_method(site: Site, signer: Signer) -> None:
    headers = signer.sign("GET", "/v1/session")
    answer = signer.send("HEAD", "/v1/session", b"", headers)
    assert answer.headers["X-Wxlogin-Error"] == "REQUEST_SIGNATURE_INVALID"


def test_a_signature_covers_timestamp_and_nonce(site: Site, signer: Signer) -> None:
    headers = signer.sign("POST", TARGET, BODY)
    later = str(int(headers["X-Wxlogin-Timestamp"]) + 1)
    for wrong in (changed(headers, Timestamp=later), changed(headers, Nonce=ONCE)):
        answer = signer.send("POST", TARGET, BODY, wrong)
        assert site.problem(answer) == "REQUEST_SIGNATURE_INVALID"


def test_the_key_of_another_session_signs_nothing_here(site: Site, signer: Signer) -> None:
    other = Phone(site)
    other.login()
    headers = Signer(other).sign("POST", TARGET, BODY)
    assert site.problem(signer.send("POST", TARGET, BODY, headers)) == "REQUEST_SIGNATURE_INVALID"
    assert Signer(other).send("POST", TARGET, BODY, headers).ok


def test_an_absolute_target_is_signed_from_its_path_on(signer: Signer) -> None:
    headers = signer.sign("POST", TARGET, BODY)
    assert signer.send("POST", signer.base + TARGET, BODY, headers).ok


@pytest.mark.parametrize("skew", [-300, 300])
def test_a_clock_that_is_five_minutes_off_will_do(signer: Signer, skew: int) -> None:
    assert signer.call("POST", TARGET, BODY, skew=skew).ok


@pytest.mark.parametrize("skew", [-301, 301])
def test_a_clock_that_is_further_off_is_told_the_time(
    site: Site, signer: Signer, skew: int
) -> None:
    answer = signer.call("POST", TARGET, BODY, skew=skew)
    assert site.problem(answer) == "REQUEST_EXPIRED"
    assert answer.json()["action"] == "retry"
    offset = answer.json()["server_time"] - (int(site.clock()) + skew)
    assert signer.call("POST", TARGET, BODY, skew=skew + offset).ok


def test_a_replay_is_refused(site: Site, signer: Signer) -> None:
    headers = signer.sign("POST", TARGET, BODY)
    assert signer.send("POST", TARGET, BODY, headers).ok
    assert site.problem(signer.send("POST", TARGET, BODY, headers)) == "REQUEST_REPLAYED"


def test_of_many_replays_at_once_one_passes(signer: Signer) -> None:
    headers = signer.sign("POST", TARGET, BODY)

    def send() -> int:
        return signer.send("POST", TARGET, BODY, headers).status_code

    assert sorted(together([send] * 8)) == [200, *[409] * 7]


def test_a_nonce_is_good_once_whatever_it_signs(site: Site, signer: Signer) -> None:
    assert signer.call("POST", TARGET, BODY, nonce=ONCE).ok
    answer = signer.call("GET", "/v1/session", nonce=ONCE)
    assert site.problem(answer) == "REQUEST_REPLAYED"


def test_each_session_has_nonces_of_its_own(site: Site, signer: Signer) -> None:
    other = Phone(site)
    other.login()
    assert signer.call("POST", "/v1/session/check", nonce=ONCE).ok
    assert Signer(other).call("POST", "/v1/session/check", nonce=ONCE).ok


def test_a_nonce_is_remembered_for_660_seconds(site: Site, signer: Signer) -> None:
    signer.call("GET", "/v1/session", nonce=ONCE)
    names = site.redis.keys("wxl:1:{*}:n:*")
    assert [round(site.redis.pttl(name) / 1000) for name in names] == [660]
    assert ONCE not in names[0]


@pytest.mark.parametrize("skew", [0, 301])
def test_a_signature_that_is_refused_spends_no_nonce(signer: Signer, skew: int) -> None:
    signed = signer.sign("POST", TARGET, BODY, nonce=ONCE, skew=skew)
    wrong = signed if skew else changed(signed, Signature="0" * 64)
    assert signer.send("POST", TARGET, BODY, wrong).status_code == 401
    assert signer.call("POST", TARGET, BODY, nonce=ONCE).ok


@REQUIRED
def test_the_session_is_judged_before_the_signature_and_that_before_the_body(
    site: Site, signer: Signer
) -> None:
    assert site.problem(signer.phone.ask("POST", "/v1/logout", data=b"{")) == "REQUEST_UNSIGNED"
    assert site.problem(signer.call("POST", TARGET, b"{")) == "INVALID_REQUEST"
    assert signer.call("POST", TARGET, b'{"scope": "current"}').ok
    assert site.problem(signer.call("POST", TARGET, BODY)) == "SESSION_REVOKED"


@REQUIRED
def test_a_body_over_the_limit_is_not_hashed(site: Site, signer: Signer) -> None:
    answer = signer.call("POST", TARGET, b'"%s"' % (b"x" * 262_144))
    assert site.problem(answer) == "PAYLOAD_TOO_LARGE"
