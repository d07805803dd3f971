"""Bodies that would cost much are refused before they are read whole, and briefly."""

from __future__ import annotations

import pytest

from tests.harness.console import Service
from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.watched import counted

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
DEAR = {
    "numbers": '{"code":[0' + ",0" * 10_001 + "]}",
    "objects": '{"code":[{}' + ",{}" * 1_000 + "]}",
    "lists": '{"code":[[]' + ",[]" * 1_000 + "]}",
    "names": "{" + ",".join(f'"f{n}":0' for n in range(101)) + "}",
    "levels of lists": '{"code":' + "[" * 33 + "]" * 33 + "}",
    "levels of objects": '{"a":' * 34 + "0" + "}" * 34,
    "levels without an end": "[" * 262_000,
    "digits": '{"code":' + "9" * 262_000 + "}",
}


@pytest.mark.parametrize("body", DEAR.values(), ids=DEAR.keys())
@pytest.mark.settings(WXLOGIN_LIMIT_FAIL_IP="3/minute")
def test_a_dear_body_is_refused_and_counts_as_a_failure(site: Site, body: str) -> None:
    for _ in range(4):
        answer = site.request("POST", "/v1/login", data=body, headers=JSON)
        assert (site.problem(answer), len(answer.json()["errors"])) == ("INVALID_REQUEST", 1)
        assert len(answer.content) < 500
        site.services.limits.failures.flush()
    last = site.request("POST", "/v1/login", data=body, headers=JSON)
    assert site.problem(last) == "RATE_LIMITED"
    assert counted(site) == {"login.rate_limited": 1}
    Phone(site).login()


def test_a_refusal_repeats_the_beginning_of_a_long_name_alone(site: Site) -> None:
    body = {"code": "x", **{f"{n:02}" + "n" * 2_000: 0 for n in range(99)}}
    answer = site.request("POST", "/v1/login", json=body)
    assert site.problem(answer) == "INVALID_REQUEST"
    assert [len(error["field"]) for error in answer.json()["errors"]] == [100] * 20


def test_what_a_call_may_need_is_within_the_bounds(site: Site, phone: Phone) -> None:
    brackets = "[" * 64
    phone.login(device_name=brackets)
    nested: object = 0
    for _ in range(30):
        nested = [nested]
    body = {"code": phone.code(), "userInfo": {"nickName": ",{[" * 300, "deep": nested}}
    assert site.problem(phone.ask("POST", "/v1/decrypt/phone", json=body)) != "INVALID_REQUEST"


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b"]
)
def test_a_form_of_the_console_is_small(site: Site, kind: str) -> None:
    headers = {**FORM, "Content-Type": kind}
    body = "a" + "&a" * 8_192
    answer = site.request("POST", "/admin/sign-in", data=body, headers=headers)
    assert answer.headers["X-Wxlogin-Error"] == "PAYLOAD_TOO_LARGE"


def test_the_form_of_an_introspection_is_small(site: Site) -> None:
    service = Service(site, "introspect")
    answer = service.ask("POST", "/v1/introspect", data="token=" + "%80" * 6_000, headers=FORM)
    assert site.problem(answer) == "INVALID_REQUEST"


@pytest.mark.parametrize("path", ["/admin/api/login", "/admin/sign-in", "/admin/language"])
def test_a_body_before_anybody_is_signed_in_is_small(site: Site, path: str) -> None:
    form = path != "/admin/api/login"
    body = "a" + "&a" * 4_096 if form else '{"username":' + " " * 8_192 + '"x"}'
    answer = site.request("POST", path, data=body, headers=FORM if form else JSON)
    assert answer.headers["X-Wxlogin-Error"] == "PAYLOAD_TOO_LARGE"


def test_a_list_of_thousands_of_languages_is_not_read(site: Site) -> None:
    def page(languages: str) -> str:
        return site.request("GET", "/admin/sign-in", headers={"Accept-Language": languages}).text

    assert 'lang="zh-CN"' in page("zh-CN,zh;q=0.9,en;q=0.8")
    assert 'lang="en"' in page("zh" + ",zh" * 200)


def test_json_may_begin_with_a_byte_order_mark(site: Site, phone: Phone) -> None:
    body = b"\xef\xbb\xbf" + f'{{"code": "{phone.code()}"}}'.encode()
    answer = site.request("POST", "/v1/login", data=body, headers=JSON)
    assert answer.ok
    site.tokens.add(answer.json()["token"])
