"""Requests that the OpenAPI document allows and forbids: not one of many is answered 500."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks

from tests.harness.console import Operator, Service
from tests.harness.phone import Phone
from tests.harness.site import Site
from wxlogin.operators.permissions import SCOPES

CHECKED = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
WIDE = {
    f"WXLOGIN_LIMIT_{name}": "100000/minute"
    for name in (
        *("LOGIN_IP", "LOGIN_OPENID", "FAIL_IP", "API_OPENID", "DECRYPT_OPENID"),
        *("PROFILE_OPENID", "OWN_DATA_OPENID"),
        *("ADMIN_IP", "ADMIN_NAME"),
    )
}


Headers = Callable[[], dict[str, str]]


@pytest.fixture
def times(request: pytest.FixtureRequest) -> int:
    """How many times as many requests are sent."""
    return int(request.config.getoption("--fuzz"))


def fuzzed(site: Site, group: str, examples: int, headers: Headers) -> int:
    """Call everything whose path starts so, as allowed and as not; how many calls that were.

    `headers` signs in anew for each operation, since some of them end the session.
    """
    schema = schemathesis.openapi.from_dict(site.request("GET", "/v1/openapi.json").json())
    schema.config.update(base_url=site.base)
    found = schema.include(path_regex=group).get_all_operations()
    limits = settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    return sum(sent(one.ok(), mode, limits, headers()) for one in found for mode in GenerationMode)


def sent(
    operation: schemathesis.APIOperation,
    mode: GenerationMode,
    limits: settings,
    with_: dict[str, str],
) -> int:
    """Call one operation; how often."""
    answers = []

    @limits
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: schemathesis.Case) -> None:
        answer = case.call(headers=with_)
        answers.append(answer)
        assert answer.status_code < 500, answer.text
        case.validate_response(answer, checks=CHECKED)

    with suppress(Unsatisfiable):  # a call that takes nothing cannot be called wrongly
        send()
    return len(answers)


@pytest.mark.slow
@pytest.mark.settings(**WIDE)
def test_fuzzed_requests_of_a_phone_give_not_one_500(site: Site, phone: Phone, times: int) -> None:
    def headers() -> dict[str, str]:
        phone.login()
        return {"Authorization": f"Bearer {phone.token}"}

    assert fuzzed(site, "^/(?!admin|v1/introspect|v1/service)", 3 * times, headers) >= 125 * times


@pytest.mark.slow
@pytest.mark.settings(**WIDE)
def test_fuzzed_requests_of_an_owner_give_not_one_500(site: Site, times: int) -> None:
    owner = Operator(site, "owner")

    def headers() -> dict[str, str]:
        owner.sign_in()
        return {"Cookie": f"wxlogin_admin={owner.cookie}", "X-CSRF-Token": owner.csrf_token}

    assert fuzzed(site, "^/admin", times, headers) >= 125 * times


@pytest.mark.slow
@pytest.mark.settings(**WIDE)
def test_fuzzed_requests_of_a_service_give_not_one_500(site: Site, times: int) -> None:
    headers = {"Authorization": f"Bearer {Service(site, *SCOPES).token}"}
    group = "^/v1/(introspect|service)"
    assert fuzzed(site, group, 2 * times, lambda: headers) >= 16 * times
