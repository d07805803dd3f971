"""A thousand requests that the OpenAPI document allows and forbids: not one is answered 500."""

from __future__ import annotations

from contextlib import suppress

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks

from tests.harness.phone import Phone
from tests.harness.site import Site

EXAMPLES = 48
CHECKED = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
WIDE = {
    f"WXLOGIN_LIMIT_{name}": "100000/minute"
    for name in ("LOGIN_IP", "LOGIN_OPENID", "FAIL_IP", "API_OPENID", "DECRYPT_OPENID")
}


@pytest.mark.settings(**WIDE)
def test_a_thousand_fuzzed_requests_give_not_one_500(site: Site, phone: Phone) -> None:
    document = site.request("GET", "/v1/openapi.json").json()
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=site.base)
    sent = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        for mode in GenerationMode:
            phone.login()

            @settings(
                max_examples=EXAMPLES,
                deadline=None,
                database=None,
                derandomize=True,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(generation_mode=mode))
            def send(case: schemathesis.Case) -> None:
                nonlocal sent
                answer = case.call(headers={"Authorization": f"Bearer {phone.token}"})
                sent += 1
                assert answer.status_code < 500
                case.validate_response(answer, checks=CHECKED)

            with suppress(Unsatisfiable):  # a call that takes nothing cannot be called wrongly
                send()
    assert sent >= 1000
