"""What is refused before a call's own work begins, and in which form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.watched import held_back

ACCOUNT_CALLS = [
    ("POST", "/v1/logout"),
    ("GET", "/v1/session"),
    ("GET", "/v1/sessions"),
    ("DELETE", "/v1/sessions/x"),
    ("POST", "/v1/session/key"),
    ("GET", "/v1/auth"),
]


def test_every_call_of_an_account_wants_a_token(site: Site, subtests: pytest.Subtests) -> None:
    for method, path in ACCOUNT_CALLS:
        with subtests.test(method=method, path=path):
            answer = site.request(method, path)
            assert site.problem(answer) == "TOKEN_MISSING"
            assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["Basic YTpi", "Bearer", "Bearer ", "wxs_x"])
def test_another_scheme_is_no_token(site: Site, header: str) -> None:
    answer = site.request("GET", "/v1/session", headers={"Authorization": header})
    assert site.problem(answer) == "TOKEN_MISSING"


def test_a_changed_token_is_refused(site: Site, phone: Phone) -> None:
    token = phone.login()["token"]
    for place in (0, 5, 40, 70, len(token) - 1):
        # The next letter of the alphabet: at the end it differs in bits that base64 leaves unused.
        phone.token = token[:place] + chr(ord(token[place]) ^ 1) + token[place + 1 :]
        assert phone.refusal() == "TOKEN_INVALID"


def test_a_token_of_another_server_is_refused(
    make_site: Callable[..., Site], site: Site, phone: Phone
) -> None:
    phone.login()
    other = make_site(WXLOGIN_SECRET_KEYS="another-server-s-key-that-is-long-enough")
    phone.site = other
    assert phone.refusal() == "TOKEN_INVALID"


def test_a_forged_token_costs_no_command_in_redis(site: Site, phone: Phone) -> None:
    phone.login()
    phone.token = phone.token[:-1] + ("A" if phone.token[-1] != "A" else "E")
    with held_back(site):
        before = site.redis.info("stats")["total_commands_processed"]
        assert phone.refusal() == "TOKEN_INVALID"
        # One more command was processed: the INFO that asked before.
        assert site.redis.info("stats")["total_commands_processed"] == before + 1


def test_the_token_is_looked_at_before_the_body(site: Site) -> None:
    answer = site.request("POST", "/v1/logout", data=b"{", headers={"Content-Type": "text/css"})
    assert site.problem(answer) == "TOKEN_MISSING"


def test_a_path_that_is_not_there(site: Site) -> None:
    assert site.problem(site.request("GET", "/v1/nothing")) == "NOT_FOUND"


def test_a_method_that_is_not_there_is_told_which_are(site: Site) -> None:
    answer = site.request("GET", "/v1/login")
    assert site.problem(answer) == "METHOD_NOT_ALLOWED"
    assert answer.headers["Allow"] == "OPTIONS, POST"


NO_OBJECTS = [
    b"{",
    b"[]",
    b'"{}"',
    b"null",
    b"\xff",
    b'{"code": NaN}',
    b'{"code": "a", "code": "b"}',
    b"[" * 5000,
    b'{"a":' * 5000,
]


def test_a_body_that_is_no_json_object_is_refused(site: Site, subtests: pytest.Subtests) -> None:
    for body in NO_OBJECTS:
        with subtests.test(body=body):
            headers = {"Content-Type": "application/json"}
            answer = site.request("POST", "/v1/login", data=body, headers=headers)
            assert site.problem(answer) == "INVALID_REQUEST"
            assert [fault["field"] for fault in answer.json()["errors"]] == ["body"]


def test_a_body_of_another_type_is_refused(site: Site) -> None:
    answer = site.request("POST", "/v1/login", data={"code": "x"})
    assert site.problem(answer) == "UNSUPPORTED_MEDIA_TYPE"


def test_a_login_without_a_body_names_the_body(site: Site) -> None:
    answer = site.request("POST", "/v1/login")
    assert site.problem(answer) == "INVALID_REQUEST"
    assert answer.json()["errors"][0]["field"] == "body"


def test_a_body_over_256_kib_is_refused(site: Site) -> None:
    answer = site.request("POST", "/v1/login", json={"code": "x" * 262_144})
    assert site.problem(answer) == "PAYLOAD_TOO_LARGE"


def test_a_valid_request_id_is_kept(site: Site) -> None:
    answer = site.request("GET", "/v1/nothing", headers={"X-Request-Id": "trace-1.A_b"})
    assert answer.headers["X-Request-Id"] == "trace-1.A_b"
    assert answer.json()["request_id"] == "trace-1.A_b"


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "ä", '"'])
def test_an_invalid_request_id_is_replaced(site: Site, given: str) -> None:
    headers = {"X-Request-Id": given.encode()}
    answer = site.request("GET", "/healthz", headers=headers)
    assert len(answer.headers["X-Request-Id"]) == 16


def test_a_fault_of_ours_is_told_without_its_cause(site: Site, phone: Phone) -> None:
    phone.login()
    site.redis.set(f"wxl:1:{{{phone.user_id}}}:i", "not a sorted set", px=60_000)
    answer = phone.ask("GET", "/v1/sessions")
    assert site.problem(answer) in {"INTERNAL", "STORE_UNAVAILABLE"}
    assert "WRONGTYPE" not in answer.text


def test_the_first_twenty_wrong_fields_are_named(site: Site) -> None:
    body = {"code": "c" * 32, **{f"unknown{n}": 1 for n in range(50)}}
    answer = site.request("POST", "/v1/login", json=body)
    assert site.problem(answer) == "INVALID_REQUEST"
    assert [one["field"] for one in answer.json()["errors"]] == [f"unknown{n}" for n in range(20)]


@pytest.mark.parametrize("depth", [1, 2])
def test_a_body_of_very_many_names_is_answered_in_one_line(site: Site, depth: int) -> None:
    body: dict[str, Any] = {f"n{n}": 0 for n in range(9_000)}
    answer = site.request("POST", "/v1/login", json=body if depth == 1 else {"code": body})
    assert site.problem(answer) == "INVALID_REQUEST"
    assert answer.json()["errors"] == [
        {"field": "body", "reason": "should have at most 100 names in an object"}
    ]
    assert len(answer.content) < 1000
