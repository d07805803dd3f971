"""Signing in: a code in, an opaque token out."""

from __future__ import annotations

from tests.harness.phone import Phone
from tests.harness.site import Site


def test_a_code_gives_a_token_and_the_token_a_session(phone: Phone) -> None:
    answer = phone.login(device_name="Alice 的手机", platform="ios")
    assert answer["token"].startswith("wxs_")
    assert answer["token_type"] == "Bearer"
    assert answer["expires_in"] == 604800
    assert answer["max_expires_in"] == 2592000
    assert answer["user"]["is_new"] is True
    assert answer["ended"] == 0
    body = phone.ask("GET", "/v1/session").json()
    assert body["user"]["id"] == answer["user"]["id"]
    assert body["session"]["device_name"] == "Alice 的手机"
    assert body["session_key"] == {"fresh": True, "expires_in": 7200}
