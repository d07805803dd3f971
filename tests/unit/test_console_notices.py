"""Where the console sends a browser on to: never to another host, never into the API."""

from __future__ import annotations

import pytest

from wxlogin.admin.console.notices import HOME, safe_path


@pytest.mark.parametrize(
    "path",
    [
        "/admin/",
        "/admin/users/AbC_-9",
        "/admin/users?cursor=WzEyLCJhIl0",
        "/admin/sessions/AbC_-.xYz/end",
    ],
)
def test_pages_of_the_console_are_returned_to(path: str) -> None:
    assert safe_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "//evil.example/admin/",
        "https://evil.example/admin/",
        "/admin//evil.example",
        "/admin/../v1/session",
        "/admin/./",
        "/admin/users/..",
        "/admin/.a",
        "/admin/\\evil.example",
        "/admin/\r\nSet-Cookie: a=b",
        "/admin/?back=//evil.example",
        "/admin/api/users",
        "/adminx",
        "javascript:alert(1)",
        "/admin/" + "a" * 1000,
    ],
)
def test_everything_else_leads_home(path: str) -> None:
    assert safe_path(path) == HOME
