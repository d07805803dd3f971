"""The service about itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import flask_migrate
import pytest

from docs.tables.calls import SUMMARIES, page
from tests.harness.clock import SettableClock
from tests.harness.phone import Phone
from tests.harness.readiness import WHOLE, found
from tests.harness.site import Site
from tests.house.source import ROOT
from wxlogin.wechat import ClockDifference


def test_the_process_says_that_it_answers(site: Site) -> None:
    assert site.request("GET", "/healthz").json() == {"status": "ok"}


def test_readiness_names_each_part(site: Site) -> None:
    answer = site.request("GET", "/readyz")
    assert answer.json() == {
        "status": "ok", "redis": "ok", "database": "ok", "migrations": "ok",
    }  # fmt: skip


def test_readiness_tells_of_a_migration_that_is_due(site: Site) -> None:
    with site.app.app_context():
        flask_migrate.downgrade(revision="base")
    assert found(site) == {
        "status": "out", "redis": "ok", "database": "ok", "migrations": "pending",
    }  # fmt: skip


@pytest.mark.settings(WXLOGIN_REDIS_URL="redis://127.0.0.1:1/0")
def test_readiness_tells_of_redis_that_is_out(site: Site) -> None:
    assert found(site) == {"status": "out", **WHOLE, "redis": "out"}


def test_the_openapi_document_names_every_call(site: Site) -> None:
    document = site.request("GET", "/v1/openapi.json").json()
    described = {
        (method.upper(), path)
        for path, calls in document["paths"].items()
        for method in calls
        if not path.startswith("/admin/")
    }
    assert described == {
        ("POST", "/v1/login"), ("POST", "/v1/logout"), ("GET", "/v1/session"),
        ("GET", "/v1/sessions"), ("DELETE", "/v1/sessions/{id}"), ("POST", "/v1/session/key"),
        ("GET", "/v1/auth"),
        ("POST", "/v1/session/check"), ("POST", "/v1/decrypt"), ("POST", "/v1/decrypt/profile"),
        ("POST", "/v1/decrypt/phone"), ("POST", "/v1/decrypt/verify"),
        ("GET", "/v1/me"), ("PUT", "/v1/me/profile"), ("GET", "/v1/me/export"),
        ("DELETE", "/v1/me"), ("POST", "/v1/introspect"), ("POST", "/v1/service/identity"),
        ("POST", "/v1/service/link"),
        ("POST", "/v1/service/access-token"), ("POST", "/v1/service/sign"),
        ("POST", "/v1/service/payment"), ("POST", "/v1/service/encrypt-keys"),
        ("POST", "/v1/scan"), ("GET", "/v1/scan/{scan}"), ("GET", "/v1/scan/{scan}/code.png"),
        ("POST", "/v1/scan/{scan}/confirm"), ("POST", "/v1/scan/{scan}/refuse"),
        ("POST", "/v1/scan/{scan}/token"),
        ("GET", "/v1/push/{appid}"), ("POST", "/v1/push/{appid}"),
        ("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/.well-known/jwks.json"),
    }  # fmt: skip


def test_the_pages_of_the_api_are_fresh_and_every_call_has_its_chinese(site: Site) -> None:
    document = site.request("GET", "/v1/openapi.json").json()
    for name, language in (("api.md", "en"), ("api.zh-CN.md", "zh")):
        assert (ROOT / "docs" / name).read_text(encoding="utf-8") == page(document, language), name
    said = {call["summary"] for calls in document["paths"].values() for call in calls.values()}
    assert said == set(SUMMARIES)


def test_the_document_comes_by_kind_of_caller_too(site: Site) -> None:
    whole, *parts = (
        set(site.request("GET", f"/v1/openapi.json{query}").json()["paths"])
        for query in ("", "?part=client", "?part=services", "?part=admin")
    )
    assert set.union(*parts) == whole
    assert sum(map(len, parts)) == len(whole)
    client, services, admin = parts
    assert "/v1/login" in client
    assert "/v1/introspect" in services
    assert all(path.startswith("/admin/api/") for path in admin)
    assert "/v1/login" not in admin


def test_examples_are_what_their_schemas_allow(site: Site) -> None:
    document = site.request("GET", "/v1/openapi.json").json()
    shown = 0
    for name, schema in document["components"]["schemas"].items():
        for member, said in schema.get("properties", {}).items():
            for example in said.get("examples", ()):
                shown += 1
                kinds = [said, *said.get("anyOf", ())]
                assert any(allows(kind, example) for kind in kinds), (name, member)
    assert shown > 150


def allows(schema: dict[str, Any], example: object) -> bool:
    """Whether one kind of a member takes an example: its type, its pattern, its bounds."""
    if isinstance(example, int):
        return schema.get("type") == "integer"
    pattern = schema.get("pattern", "")
    return schema.get("type") == "string" and re.search(pattern, str(example)) is not None


def test_the_documents_page_and_its_files_are_served_here(site: Site) -> None:
    page = site.request("GET", "/docs").text
    assert 'src="/docs/swagger/js/swagger-ui-bundle.js"' in page
    for path in ("/docs/swagger/js/swagger-ui-bundle.js", "/docs/static/docs.js"):
        assert site.request("GET", path).ok
    assert site.request("GET", "/docs/swagger/../plugins.py").status_code == 404


def test_the_app_secret_in_the_database_counts_and_another_is_warned_of(
    make_site: Callable[..., Site],
) -> None:
    Phone(make_site()).login()
    later = make_site(WXLOGIN_WX_SECRET="0123456789abcdef0123456789abcdef")
    Phone(later).login()
    assert [line for line in later.log.lines if "WXLOGIN_WX_SECRET" in line]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-61, "61 s behind WeChat's"), (61, "61 s ahead of WeChat's"), (-59, None), (60, None)],
)
def test_a_clock_that_differs_from_wechats_is_named(
    site: Site, phone: Phone, clock: SettableClock, seconds: int, words: str | None
) -> None:
    site.sandbox.world._clock = lambda: clock() - seconds
    phone.login()
    phone.login()
    assert site.request("GET", "/readyz").json().get("clock") == words
    told = [line for line in site.log.lines if "the clock of this host is" in line]
    assert len(told) == bool(words)
    assert all(str(words) in line for line in told)


def test_a_clock_that_was_corrected_is_named_no_more(
    site: Site, phone: Phone, clock: SettableClock
) -> None:
    right = site.sandbox.world._clock
    site.sandbox.world._clock = lambda: clock() + 600
    phone.login()
    site.sandbox.world._clock = right
    phone.login()
    assert "clock" not in site.request("GET", "/readyz").json()
    assert any("agrees with WeChat's again" in line for line in site.log.lines)


def test_an_answer_without_a_date_says_nothing_of_the_clock(site: Site) -> None:
    clocks = ClockDifference(site.services.redis, site.clock)
    for date in (None, "", "yesterday", "Mon, 99 Foo 2026 25:61:00 GMT"):
        clocks.observe(date)
    assert clocks.describe() is None
