"""WeChat's message push: who may push, and what is taken."""

from __future__ import annotations

import pytest

from tests.api.pushes import (
    EVERY_WAY,
    KEYS,
    NEW_KEYS,
    PUSH,
    TOKEN,
    message,
    send,
    tell,
)
from tests.harness.clock import SettableClock
from tests.harness.command_line import CommandLine
from tests.harness.console import Operator
from tests.harness.site import APPID, Site
from wxlogin.sandbox import push
from wxlogin.sandbox.push import Form, Mode, PushRequest

pytestmark = pytest.mark.settings(**PUSH)


# Who may push


def test_the_check_of_the_address_is_answered_with_its_echostr(site: Site) -> None:
    query = push.verification(KEYS, "4375120948345356249", site.clock())
    answer = site.request("GET", f"/v1/push/{APPID}", params=query)
    assert (answer.status_code, answer.text) == (200, "4375120948345356249")
    assert answer.headers["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize("name", ["signature", "timestamp", "nonce"])
def test_a_check_with_one_byte_changed_is_refused(site: Site, name: str) -> None:
    query = push.verification(KEYS, "1", site.clock())
    query[name] = query[name][:-1] + ("0" if query[name][-1] != "0" else "1")
    assert site.request("GET", f"/v1/push/{APPID}", params=query).status_code == 403


def test_a_check_with_nothing_to_echo_is_refused(site: Site) -> None:
    query = push.verification(KEYS, "1", site.clock())
    del query["echostr"]
    answer = site.request("GET", f"/v1/push/{APPID}", params=query)
    assert site.problem(answer) == "FORBIDDEN"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("length", [0, 65, 5000])
def test_a_call_whose_parts_are_missing_or_too_long_is_refused_like_a_forged_one(
    site: Site, method: str, length: int
) -> None:
    names = ("signature", "timestamp", "nonce", "echostr") if length else ()
    query = dict.fromkeys(names, "1" * length)
    answer = site.request(method, f"/v1/push/{APPID}", params=query)
    assert site.problem(answer) == "FORBIDDEN"


@pytest.mark.parametrize(("mode", "form"), EVERY_WAY)
def test_every_mode_and_form_is_answered_success(site: Site, mode: Mode, form: Form) -> None:
    answer = tell(site, message(site, "debug_demo"), mode, form)
    assert (answer.status_code, answer.text) == (200, "success")


def test_every_byte_of_a_signature_counts(site: Site, subtests: pytest.Subtests) -> None:
    for mode, form in EVERY_WAY:
        with subtests.test(mode=mode, form=form):
            request = push.request(KEYS, message(site, "debug_demo"), site.clock(), mode, form)
            names = ["signature", *(["msg_signature"] if mode != "plain" else [])]
            for name in names:
                right = request.query[name]
                request.query[name] = ("0" if right[0] != "0" else "1") + right[1:]
                assert send(site, request).status_code == 403
                request.query[name] = right
            assert send(site, request).status_code == 200


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_changed_byte_of_an_encrypted_message_is_refused(site: Site, form: Form) -> None:
    request = push.request(KEYS, message(site, "debug_demo"), site.clock(), "secure", form)
    at = request.body.index(b"Encrypt") + 40
    changed = request.body[:at] + bytes([request.body[at] ^ 1]) + request.body[at + 1 :]
    assert send(site, PushRequest(request.query, changed, "")).status_code == 403


def test_a_query_that_promises_encryption_cannot_carry_a_plain_body(site: Site) -> None:
    request = push.request(KEYS, message(site, "debug_demo"), site.clock())
    assert send(site, PushRequest(request.query, b'{"Event": "x"}', "")).status_code == 403


UNREADABLE = [b"", b"[]", b"{", b"<xml>", b"\xff", b"[" * 100_000]


def test_a_body_that_cannot_be_read_is_refused(site: Site, subtests: pytest.Subtests) -> None:
    for body in UNREADABLE:
        with subtests.test(body=body):
            request = push.request(KEYS, message(site, "debug_demo"), site.clock(), "plain")
            assert send(site, PushRequest(request.query, body, "")).status_code == 403


@pytest.mark.parametrize("appid", ["wx0000000000000000", "x" * 32, "😀"])
def test_an_app_that_nobody_knows_is_refused(site: Site, appid: str) -> None:
    request = push.request(KEYS, message(site, "debug_demo"), site.clock())
    assert send(site, request, appid).status_code == 403


@pytest.mark.settings(WXLOGIN_WX_PUSH_TOKEN="", WXLOGIN_WX_PUSH_AES_KEY="")
def test_an_app_without_keys_is_refused(site: Site) -> None:
    assert tell(site, message(site, "debug_demo")).status_code == 403


@pytest.mark.parametrize(("seconds", "status"), [(600, 200), (601, 403), (-300, 200), (-302, 403)])
def test_a_timestamp_may_be_so_old(
    site: Site, clock: SettableClock, seconds: int, status: int
) -> None:
    request = push.request(KEYS, message(site, "debug_demo"), site.clock() - seconds)
    assert send(site, request).status_code == status


NO_TIMES = ["", "x", "-1", "١٧٠٠٠٠٠٠٠٠", "1e9", "9" * 12]


def test_a_timestamp_that_is_no_time_is_refused(site: Site, subtests: pytest.Subtests) -> None:
    for timestamp in NO_TIMES:
        with subtests.test(timestamp=timestamp):
            query = push.verification(KEYS, "1", site.clock())
            query |= {"timestamp": timestamp}
            query["signature"] = push.sign(TOKEN, timestamp, query["nonce"])
            assert site.request("GET", f"/v1/push/{APPID}", params=query).status_code == 403


@pytest.mark.settings(**PUSH, WXLOGIN_LIMIT_FAIL_IP="3/minute")
def test_a_push_that_verifies_passes_where_its_address_failed_too_often(site: Site) -> None:
    for _ in range(5):
        site.request("GET", "/no/such/path")
    site.services.limits.failures.flush()
    assert tell(site, message(site, "debug_demo")).status_code == 200


def test_replaced_keys_hold_for_an_hour(site: Site, clock: SettableClock) -> None:
    owner = Operator(site).sign_in()
    body = {"token": NEW_KEYS.token, "aes_key": NEW_KEYS.aes_key}
    site.secrets |= set(body.values()) - {NEW_KEYS.token}
    owner.done("POST", "/me/reauth", json={"password": owner.password})
    assert owner.done("PUT", f"/apps/{APPID}/push", json=body)["push_keys"]
    told = message(site, "debug_demo")
    for seconds, old in ((3599, 200), (2, 403)):
        clock.forward(seconds)
        for keys, status in ((KEYS, old), (NEW_KEYS, 200)):
            assert send(site, push.request(keys, told, site.clock())).status_code == status


def test_the_keys_before_hold_although_the_replacement_is_repeated(site: Site) -> None:
    typed = f"{NEW_KEYS.token}\n{NEW_KEYS.aes_key}\n"
    site.secrets.add(NEW_KEYS.aes_key)
    apps = CommandLine(site, "apps")
    for keys in (f"{KEYS.token}\n{KEYS.aes_key}\n", typed, typed):
        apps.done("set-push-keys", APPID, "--keys-stdin", typed=keys)
    told = message(site, "debug_demo")
    assert send(site, push.request(KEYS, told, site.clock())).status_code == 200


def test_keys_that_a_command_set_are_good(site: Site) -> None:
    typed = f"{NEW_KEYS.token}\n{NEW_KEYS.aes_key}\n"
    site.secrets.add(NEW_KEYS.aes_key)
    said = CommandLine(site, "apps").done("set-push-keys", APPID, "--keys-stdin", typed=typed)
    assert said.count("\n") == 1
    told = message(site, "debug_demo")
    assert send(site, push.request(NEW_KEYS, told, site.clock())).status_code == 200


@pytest.mark.parametrize("typed", ["", "AAAAA\n", f"AAAAA\n{'A' * 42}\n", f"A A\n{'A' * 43}\n"])
def test_keys_of_another_form_are_one_sentence(site: Site, typed: str) -> None:
    refused = CommandLine(site, "apps").refused("set-push-keys", APPID, "--keys-stdin", typed=typed)
    assert refused.startswith("Error: Standard input should hold the Token and, in a second line, ")
    assert refused.count("\n") == 1
