"""The page of scans of a mini-program, set by API, by command and at the console."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness.command_line import CommandLine
from tests.harness.console import Operator, Service
from tests.harness.site import APPID, Site

PAGE = {"page": "pages/scan/scan", "env_version": "trial", "check_path": False}
DEFAULT = {"page": "", "env_version": "release", "check_path": True}
PATH = f"/apps/{APPID}/scan"


def shown(owner: Operator) -> dict[str, Any]:
    """What the list of mini-programs says of the page."""
    (app,) = owner.done("GET", "/apps")["items"]
    return dict(app["scan"])


def test_a_page_is_set_and_shown_and_audited(owner: Operator) -> None:
    assert shown(owner) == DEFAULT
    assert owner.done("PUT", PATH, json=PAGE)["scan"] == PAGE
    assert shown(owner) == PAGE
    (*_, last) = owner.trail(f"app:{APPID}")
    assert (last["act"], last["outcome"]) == ("app.set_scan_page", "done")


def test_what_is_left_out_is_the_released_version_checked(owner: Operator) -> None:
    owner.done("PUT", PATH, json=PAGE)
    assert owner.done("PUT", PATH, json={"page": ""})["scan"] == DEFAULT


WRONG = [
    ("page", "/pages/scan"),
    ("page", "pages/scan?a=1"),
    ("page", "pages/天"),
    ("page", "x" * 129),
    ("page", None),
    ("env_version", "beta"),
    ("check_path", "yes"),
    ("scene", "x"),
]


def test_a_wrong_field_is_named(owner: Operator, subtests: pytest.Subtests) -> None:
    for field, value in WRONG:
        with subtests.test(field=field, value=value):
            answer = owner.ask("PUT", PATH, json={**PAGE, field: value})
            assert owner.site.problem(answer) == "INVALID_REQUEST"
            assert [fault["field"] for fault in answer.json()["errors"]] == [field]
            assert shown(owner) == DEFAULT


def test_it_takes_an_owner(site: Site) -> None:
    for role in ("operator", "viewer"):
        assert Operator(site, role).sign_in().refusal("PUT", PATH, json=PAGE) == "FORBIDDEN"
    answer = Service(site, "operate").ask("PUT", f"/admin/api{PATH}", json=PAGE)
    assert site.problem(answer) == "FORBIDDEN"


def test_an_app_that_is_not_registered_is_not_found(owner: Operator) -> None:
    assert owner.refusal("PUT", "/apps/wxfedcba9876543210/scan", json=PAGE) == "NOT_FOUND"


def test_the_command_sets_it(site: Site, owner: Operator) -> None:
    commands = CommandLine(site, "apps")
    words = ("--page", "pages/scan/scan", "--env-version", "trial", "--no-check-path")
    commands.done("list")
    assert "pages/scan/scan" in commands.done("set-scan-page", APPID, *words)
    assert shown(owner) == PAGE
    commands.done("set-scan-page", APPID, "--page", "")
    assert shown(owner) == DEFAULT
    assert "without a slash" in commands.refused("set-scan-page", APPID, "--page", "/x")
    assert "env-version" in commands.refused(
        "set-scan-page", APPID, "--page", "x", "--env-version", "beta"
    )
    assert commands.refused("set-scan-page", "wxfedcba9876543210", "--page", "x")
    assert shown(owner) == DEFAULT
