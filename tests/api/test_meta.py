"""The service about itself."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import flask_migrate
import pytest

from docs.tables.calls import page
from tests.harness.clock import SettableClock
from tests.harness.phone import Phone
from tests.harness.readiness import WHOLE, found
from tests.harness.site import Site
from tests.house.source import ROOT
from wxlogin.field_words import LOOKS
from wxlogin.meta.chinese import texts, words
from wxlogin.meta.document import PARTS
from wxlogin.wechat import ClockDifference

HAN = re.compile(r"[\u4e00-\u9fff]")
SAME = re.compile(r"[`A-Z_, ]+|appid|openid|Webhook")
"""What both languages say alike: codes and words of the contract."""


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


def test_the_pages_of_the_api_are_fresh(site: Site) -> None:
    for name, language in (("api.md", "en"), ("api.zh-CN.md", "zh")):
        found = document(site, lang=language)
        assert (ROOT / "docs" / name).read_text(encoding="utf-8") == page(found, language), name


def test_all_that_the_document_says_is_there_in_chinese_and_no_other_chinese(site: Site) -> None:
    parts = [document(site, part=part, lang="zh") for part in ("", *PARTS)]
    for part in parts:
        assert [
            said for said in texts(part) if not HAN.search(said) and not SAME.fullmatch(said)
        ] == []
    english = texts(document(site))
    assert sorted(set(words()) - set(LOOKS) - english) == []


def test_the_document_is_chinese_for_whoever_asks_for_it(site: Site) -> None:
    answer = site.request("GET", "/v1/openapi.json", headers={"Accept-Language": "zh-CN"})
    assert "Accept-Language" in answer.headers["Vary"]
    assert answer.json()["paths"]["/v1/login"]["post"]["summary"] == "用 wx.login 的 code 登录。"
    assert document(site)["paths"]["/v1/login"]["post"]["summary"].startswith("Sign in with")


@pytest.mark.parametrize("part", ["client", "services", "admin"])
def test_a_part_names_nothing_that_is_of_others_alone(site: Site, part: str) -> None:
    found = document(site, part=part)
    text = json.dumps([found["paths"], found["webhooks"], found["components"]["schemas"]])
    schemas = set(found["components"]["schemas"])
    assert set(re.findall(r"#/components/schemas/(\w+)", text)) == schemas
    calls = [call for calls in found["paths"].values() for call in calls.values()]
    tags = {tag for call in calls for tag in call["tags"]}
    assert {tag["name"] for tag in found["tags"]} == tags | ({"Webhooks"} & tags)
    assert bool(found["webhooks"]) == (part == "services")
    assert ("LoginBody" in schemas, "UserItem" in schemas) == (part == "client", part == "admin")


def test_each_refusal_shows_its_answer(site: Site) -> None:
    for language, said in (("en", "The session has expired"), ("zh", "会话已过期")):
        found = document(site, lang=language)
        refused = found["paths"]["/v1/session"]["get"]["responses"]["401"]["content"]
        [content] = refused.values()
        names = content["examples"]
        assert names["SESSION_EXPIRED"] == {"$ref": "#/components/examples/SESSION_EXPIRED"}
        shown = found["components"]["examples"]
        assert set(names) <= set(shown)
        expired = shown["SESSION_EXPIRED"]["value"]
        assert (expired["title"], expired["action"]) == (said, "relogin")
    assert shown["INVALID_REQUEST"]["value"]["errors"] == [
        {"field": "code", "reason": "应为 wx.login 返回的 code"}
    ]


def test_each_member_of_a_schema_has_an_example_that_says_something(site: Site) -> None:
    bare = [
        (name, member)
        for name, schema in document(site)["components"]["schemas"].items()
        for member, said in schema.get("properties", {}).items()
        if not shows(said)
    ]
    assert bare == []


def shows(member: dict[str, Any]) -> bool:
    """Whether a reader sees a value that could be: none is made up, but of what allows few."""
    kinds = [member, *member.get("anyOf", ())]
    if any(not {"examples", "$ref", "enum", "const", "default"}.isdisjoint(kind) for kind in kinds):
        return True
    items = [kind["items"] for kind in kinds if "items" in kind]
    if items:  # of an export's rows the document says no more than that they are objects
        return any("$ref" in it or "enum" in it or it.get("type") == "object" for it in items)
    return {kind.get("type") for kind in kinds}.isdisjoint({"string", "integer", "object"})


def document(site: Site, part: str = "", lang: str = "en") -> dict[str, Any]:
    """The OpenAPI document, or a part of it, in a language."""
    found: dict[str, Any] = site.request("GET", f"/v1/openapi.json?part={part}&lang={lang}").json()
    return found


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
    if not isinstance(example, str):
        kinds = {int: "integer", list: "array", dict: "object"}
        return schema.get("type") == kinds[type(example)]
    pattern = schema.get("pattern", "")
    return schema.get("type") == "string" and re.search(pattern, str(example)) is not None


def test_the_documents_page_and_its_files_are_served_here(site: Site) -> None:
    page = site.request("GET", "/docs").text
    scripts = re.findall(r'<script src="([^"]+)"></script>', page)
    assert "/docs/scalar/scalar.standalone.js" in scripts
    for path in scripts:
        assert site.request("GET", path).ok
    assert site.request("GET", "/docs/scalar/../plugins.py").status_code == 404


def test_the_documents_page_allows_styles_by_a_nonce_of_its_own(site: Site) -> None:
    first, second = (site.request("GET", "/docs") for _ in range(2))
    for answer in (first, second):
        [nonce] = re.findall(r'<meta property="csp-nonce" content="([^"]{20,})">', answer.text)
        policy = answer.headers["Content-Security-Policy"]
        assert f"style-src 'self' 'nonce-{nonce}';" in policy
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
    assert first.text != second.text


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
