"""Refusals below /admin/ are pages, wherever they are raised; the API answers problem+json."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from flask import Response
from sqlalchemy.exc import OperationalError

from tests.harness.site import Site
from wxlogin import errors
from wxlogin.error_mapping import ENTRIES
from wxlogin.errors import ApiError
from wxlogin.guard.admin_gate import permitted
from wxlogin.limits.errors import RateLimited
from wxlogin.operators.permissions import PUBLIC
from wxlogin.service_error import ServiceError
from wxlogin.vault.leak_guard import leak_guard

SECRET = "0f9e8d7c6b5a49380f9e8d7c6b5a4938"  # made up
HTTPS = pytest.mark.settings(WXLOGIN_REQUIRE_HTTPS="on", WXLOGIN_TRUSTED_HOPS="1")


class Refused(ServiceError):
    """An error of a service."""


ERRORS = {
    "NOT_FOUND": ApiError(errors.NOT_FOUND, "There is no user of this id."),
    "FORBIDDEN": Refused("Not now."),
    "RATE_LIMITED": RateLimited("api_ip", 7),
    "STORE_UNAVAILABLE": OperationalError("SELECT 1", {}, Exception("gone")),
    "INTERNAL": LookupError("unexpected"),
}
"""Errors of every origin, by the code that each becomes."""


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the service's error its row."""
    monkeypatch.setitem(ENTRIES, Refused, errors.FORBIDDEN)


@pytest.fixture
def secret() -> Iterator[str]:
    """Return a secret that this process holds."""
    leak_guard.register("access_token", "wxfeedfeedfeedfeed", SECRET)
    yield SECRET
    leak_guard.register("access_token", "wxfeedfeedfeedfeed", SECRET[::-1])


def is_page(site: Site, answer: requests.Response, code: str) -> bool:
    """Whether an answer is a page that shows this code, and is marked as its refusal."""
    assert answer.headers["X-Wxlogin-Error"] == code
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.headers["Content-Type"].startswith("text/html") and code in answer.text


def fail(site: Site, path: str, error: Exception) -> None:
    """Add a view that fails."""

    @permitted(PUBLIC)
    def view() -> Response:
        raise error

    site.app.add_url_rule(path, f"failing{path}", view)


@pytest.mark.usefixtures("refused")
@pytest.mark.parametrize("code", ERRORS)
def test_an_error_of_any_origin_is_a_page_below_admin_alone(site: Site, code: str) -> None:
    for path in ("/admin/fails", "/admin/api/fails", "/fails"):
        fail(site, path, ERRORS[code])
    answer = site.request("GET", "/admin/fails")
    assert is_page(site, answer, code)
    assert answer.status_code == errors.CATALOGUE[code].status
    assert site.problem(site.request("GET", "/admin/api/fails")) == code
    assert site.problem(site.request("GET", "/fails")) == code


def test_a_page_keeps_when_to_retry(site: Site) -> None:
    fail(site, "/admin/fails", RateLimited("api_ip", 7))
    assert site.request("GET", "/admin/fails").headers["Retry-After"] == "7"


def test_an_unknown_path_and_a_wrong_method_are_pages(site: Site) -> None:
    assert is_page(site, site.request("GET", "/admin/nowhere"), "NOT_FOUND")
    answer = site.request("DELETE", "/admin/sign-in")
    assert is_page(site, answer, "METHOD_NOT_ALLOWED")
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS, POST"
    assert site.problem(site.request("GET", "/admin/api/nowhere")) == "NOT_FOUND"


@HTTPS
@pytest.mark.parametrize("path", ["sign-in", "nowhere"])
def test_plain_http_is_refused_with_a_page_before_any_view_is_found(site: Site, path: str) -> None:
    assert is_page(site, site.request("GET", f"/admin/{path}"), "HTTPS_REQUIRED")
    assert site.problem(site.request("GET", f"/admin/api/{path}")) == "HTTPS_REQUIRED"


def test_a_form_that_is_too_large_is_refused_with_a_page(site: Site) -> None:
    form = {"username": "x" * 300_000}
    assert is_page(site, site.request("POST", "/admin/sign-in", data=form), "PAYLOAD_TOO_LARGE")


def test_a_form_from_another_site_is_refused_on_the_form_s_page(site: Site) -> None:
    answer = site.request(
        "POST",
        "/admin/sign-in",
        data={"username": "root"},
        headers={"Sec-Fetch-Site": "cross-site"},
        allow_redirects=False,
    )
    assert answer.headers["X-Wxlogin-Error"] == "CSRF_FAILED"
    assert (answer.status_code, answer.headers["Location"]) == (303, "/admin/sign-in")
    page = site.request("GET", "/admin/sign-in", cookies=dict(answer.cookies))
    assert "This call came from another site" in page.text


@pytest.mark.parametrize("path", ["leaks", "leaks?shown=" + SECRET])
def test_a_page_that_leaks_a_secret_becomes_a_page_that_does_not(
    site: Site, secret: str, path: str
) -> None:
    site.app.add_url_rule(
        "/admin/leaks", "careless.page", permitted(PUBLIC)(lambda: Response(secret))
    )
    answer = site.request("GET", f"/admin/{path}")
    assert is_page(site, answer, "INTERNAL")
    assert answer.status_code == 500
    assert secret not in answer.text


def test_an_unknown_path_with_a_secret_in_its_query_does_not_show_it(
    site: Site, secret: str
) -> None:
    answer = site.request("GET", f"/admin/nowhere?shown={secret}")
    assert is_page(site, answer, "INTERNAL")
    assert secret not in answer.text
