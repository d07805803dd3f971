"""The service about itself."""

from __future__ import annotations

from collections.abc import Callable

import flask_migrate
import pytest

from tests.harness.phone import Phone
from tests.harness.site import Site


def test_the_process_says_that_it_answers(site: Site) -> None:
    assert site.request("GET", "/healthz").json() == {"status": "ok"}


def test_readiness_names_each_part(site: Site) -> None:
    answer = site.request("GET", "/readyz")
    assert answer.json() == {"redis": "ok", "database": "ok", "migrations": "ok"}


def test_readiness_tells_of_a_migration_that_is_due(site: Site) -> None:
    with site.app.app_context():
        flask_migrate.downgrade(revision="base")
    answer = site.request("GET", "/readyz")
    assert site.problem(answer) == "STORE_UNAVAILABLE"
    assert answer.json()["parts"] == {"redis": "ok", "database": "ok", "migrations": "behind"}


@pytest.mark.settings(WXLOGIN_REDIS_URL="redis://127.0.0.1:1/0")
def test_readiness_tells_of_redis_that_is_out(site: Site) -> None:
    answer = site.request("GET", "/readyz")
    assert answer.json()["parts"]["redis"] == "out"


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
        ("POST", "/v1/introspect"), ("POST", "/v1/service/identity"),
        ("POST", "/v1/service/access-token"), ("POST", "/v1/service/sign"),
        ("GET", "/healthz"), ("GET", "/readyz"),
    }  # fmt: skip


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
