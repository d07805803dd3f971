"""GET /metrics: what is counted, and who may read it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.harness.metrics import Numbers, words
from tests.harness.phone import Page, Phone
from tests.harness.site import Site
from tests.harness.watched import events
from wxlogin.sandbox import Fault

CODE2SESSION = "/sns/jscode2session"
ELSEWHERE = {"X-Forwarded-For": "203.0.113.9"}
TOKEN = "mon1tor.of-the~cluster"  # made up
WITH_TOKEN = pytest.mark.settings(WXLOGIN_METRICS_TOKEN=TOKEN)


@pytest.fixture
def numbers(site: Site) -> Numbers:
    """The site's numbers."""
    return Numbers(site)


def bearer(token: str) -> dict[str, str]:
    """The header that a monitor sends from elsewhere."""
    return {**ELSEWHERE, "Authorization": f"Bearer {token}"}


def test_logins_count_by_what_became_of_them(phone: Phone, numbers: Numbers) -> None:
    phone.login()
    code = phone.code()
    phone.try_login(code=code)
    phone.try_login(code=code)
    assert numbers.grown("wxlogin_logins_total", result="ok") == 2
    assert numbers.grown("wxlogin_logins_total", result="CODE_USED") == 1


def test_open_data_counts_by_call_and_by_what_became_of_it(site: Site, numbers: Numbers) -> None:
    page = Page(site)
    page.login()
    assert page.outcome(page.data()) == ""
    page.ask("POST", "/v1/decrypt/verify", json={"rawData": "{}", "signature": "0" * 40})
    counted = "wxlogin_decryptions_total"
    assert numbers.grown(counted, call="open_data", result="ok") == 1
    assert numbers.grown(counted, call="verify", result="SIGNATURE_MISMATCH") == 1


def test_requests_are_timed_by_endpoint_and_class_of_status(
    site: Site, phone: Phone, numbers: Numbers
) -> None:
    phone.login()
    phone.ask("GET", "/v1/auth")
    for path in ("/nowhere", "/nowhere/else"):
        site.request("GET", path)
    counted = "wxlogin_request_seconds_count"
    assert numbers.grown(counted, endpoint="auth.authorize", status="2xx") == 1
    assert numbers.grown(counted, endpoint="none", status="4xx") == 2
    assert 0 < numbers.grown("wxlogin_request_seconds_sum", endpoint="auth.authorize") < 10


@pytest.mark.parametrize(
    ("fault", "result"),
    [
        (Fault(errcode=40029), "40029"),
        (Fault(errcode=99999), "other"),
        (Fault(status=500), "no_answer"),
    ],
)
def test_calls_to_wechat_are_timed_by_api_and_result(
    site: Site, phone: Phone, numbers: Numbers, fault: Fault, result: str
) -> None:
    phone.login()
    site.sandbox.faults.queue(CODE2SESSION, fault)
    phone.try_login()
    counted = "wxlogin_wechat_seconds_count"
    assert numbers.grown(counted, api=CODE2SESSION, result="ok") == 1
    assert numbers.grown(counted, api=CODE2SESSION, result=result) == 1


def test_redis_and_sql_are_timed(phone: Phone, numbers: Numbers) -> None:
    phone.login()
    phone.ask("GET", "/v1/auth")
    assert numbers.grown("wxlogin_redis_seconds_count", script="create") == 1
    assert numbers.grown("wxlogin_redis_seconds_count", script="read") == 1
    assert numbers.grown("wxlogin_sql_seconds_count", statement="update") == 1


@pytest.mark.settings(WXLOGIN_LIMIT_LOGIN_OPENID="1/minute", WXLOGIN_LIMIT_FAIL_IP="1/minute")
def test_refusals_by_a_limit_count_under_its_name(
    site: Site, phone: Phone, numbers: Numbers
) -> None:
    phone.login()
    phone.try_login()
    for _ in range(4):
        site.request("GET", "/nowhere")
    assert numbers.grown("wxlogin_rate_limited_total", limit="login_openid") == 1
    assert numbers.grown("wxlogin_rate_limited_total", limit="fail_path") >= 1


def test_live_sessions_are_counted_with_each_scrape(
    site: Site, phone: Phone, numbers: Numbers
) -> None:
    for platform in ("ios", "mac"):
        Phone(site, platform=platform).login()
    assert numbers.grown("wxlogin_live_sessions") == 2
    phone.login()
    assert numbers.grown("wxlogin_live_sessions") == 3


def test_without_redis_the_rest_is_told(make_site: Callable[..., Site]) -> None:
    site = make_site(WXLOGIN_REDIS_URL="redis://127.0.0.1:1/0")
    site.request("GET", "/nowhere")
    answer = site.request("GET", "/metrics")
    assert answer.ok
    assert "wxlogin_request_seconds_count" in answer.text
    assert "wxlogin_live_sessions" not in answer.text


def test_security_events_and_alerts_count_by_kind_and_rule(
    site: Site, phone: Phone, numbers: Numbers
) -> None:
    phone.login()
    site.sandbox.faults.queue(CODE2SESSION, Fault(errcode=40125))
    phone.try_login()
    events(site)
    assert numbers.grown("wxlogin_security_events_total", kind="wechat.misconfigured") == 1
    assert numbers.grown("wxlogin_alerts_total", rule="wx_misconfigured") == 1


def test_labels_are_words_of_ours_and_nobody_s_id(
    site: Site, phone: Phone, numbers: Numbers
) -> None:
    phone.login()
    phone.try_login(code="0" * 32)
    phone.ask("GET", "/v1/sessions")
    phone.ask("DELETE", f"/v1/sessions/{phone.session_id}")
    site.request("GET", f"/{phone.user_id}")
    site.sandbox.faults.queue(CODE2SESSION, Fault(errcode=1234567))
    phone.try_login()
    allowed = words(site)
    for one in numbers.changed():
        for label in one.labels.keys() - {"le"}:
            assert one.labels[label] in allowed[label], one


@WITH_TOKEN
@pytest.mark.parametrize(
    "header",
    ["X-Forwarded-For", "X-Real-IP", "Forwarded", "Via", "X-Forwarded-Proto", "X-Forwarded-Host"],
)
def test_what_came_through_a_proxy_on_this_machine_is_told_nothing(site: Site, header: str) -> None:
    refused = site.request("GET", "/metrics", headers={header: "127.0.0.1"})
    unknown = site.request("GET", "/nothing", headers={header: "127.0.0.1"})
    told, wanted = refused.json(), unknown.json()
    assert site.problem(refused) == "NOT_FOUND"
    assert told | {"request_id": ""} == wanted | {"request_id": ""}


def test_without_a_token_in_the_settings_no_token_opens(site: Site) -> None:
    for token in ("", "None", TOKEN):
        answer = site.request("GET", "/metrics", headers=bearer(token))
        assert answer.status_code == 404


@WITH_TOKEN
def test_the_token_opens_from_elsewhere(site: Site) -> None:
    answer = site.request("GET", "/metrics", headers=bearer(TOKEN))
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "wxlogin_request_seconds_bucket" in answer.text
    assert site.request("GET", "/metrics", headers=bearer(f"{TOKEN}x")).status_code == 404


@pytest.mark.settings(
    WXLOGIN_METRICS_TOKEN=TOKEN, WXLOGIN_LIMIT_FAIL_IP="3/minute", WXLOGIN_TRUSTED_HOPS="1"
)
def test_wrong_tokens_are_failures_of_their_address_and_right_ones_are_not(site: Site) -> None:
    def status(token: str, path: str = "/metrics") -> int:
        return site.request("GET", path, headers=bearer(token)).status_code

    assert [status(TOKEN) for _ in range(6)] == [200] * 6
    assert [status("guessed") for _ in range(5)] == [404, 404, 404, 404, 429]


@pytest.mark.settings(
    WXLOGIN_METRICS_TOKEN=TOKEN, WXLOGIN_REQUIRE_HTTPS="on", WXLOGIN_TRUSTED_HOPS="1"
)
def test_from_this_machine_it_needs_no_https_and_from_elsewhere_it_does(site: Site) -> None:
    assert site.request("GET", "/metrics").status_code == 200
    assert site.problem(site.request("GET", "/metrics", headers=bearer(TOKEN))) == "HTTPS_REQUIRED"
    over = {**bearer(TOKEN), "X-Forwarded-Proto": "https"}
    assert site.request("GET", "/metrics", headers=over).status_code == 200
