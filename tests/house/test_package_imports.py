"""What these packages do without: the API's catalogue of errors, and Flask's SQL session."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house.source import PACKAGE, ROOT, written
from tests.house.test_imports import own_imports, unit_of

SQL = {"accounts", "operators", "outbox", "watch"}
REDIS = {"limits", "redisdb", "scan_store", "sessions"}
WITHOUT = {
    f"{PACKAGE}.errors": {*SQL, *REDIS, "vault", "wechat"},
    f"{PACKAGE}.extensions": {*SQL, "wechat"},
}
"""Services raise errors of their own, and wiring hands in the current SQL session."""


def importing(root: Path, module: str) -> list[str]:
    """Modules of the packages without this module that import it."""
    return [
        name
        for name, sources in own_imports(root).items()
        if unit_of(name) in WITHOUT[module] and module in sources
    ]


@pytest.mark.parametrize("module", WITHOUT)
def test_no_package_imports_it(module: str) -> None:
    assert importing(ROOT, module) == []


def test_an_import_of_the_catalogue_is_found_in_either_form(tmp_path: Path) -> None:
    written(
        tmp_path,
        wxlogin__errors="",
        wxlogin__sessions__errors="",
        wxlogin__accounts__a="from wxlogin import errors\n",
        wxlogin__operators__a="from wxlogin.errors import ApiError\n",
        wxlogin__sessions__a="from wxlogin import errors\n",
        wxlogin__sessions__b="from wxlogin.errors import ApiError\n",
        wxlogin__sessions__c="from wxlogin.sessions import errors\n",
        wxlogin__wechat__a="from wxlogin.wechat import errors\n",
        wxlogin__guard__a="from wxlogin import errors\n",
    )
    assert importing(tmp_path, "wxlogin.errors") == [
        "wxlogin.accounts.a",
        "wxlogin.operators.a",
        "wxlogin.sessions.a",
        "wxlogin.sessions.b",
    ]


def test_an_import_of_the_extensions_is_found(tmp_path: Path) -> None:
    written(
        tmp_path,
        wxlogin__extensions="",
        wxlogin__watch__a="from wxlogin.extensions import db\n",
        wxlogin__watch__b="from wxlogin import extensions\n",
        wxlogin__guard__a="from wxlogin.extensions import db\n",
    )
    assert importing(tmp_path, "wxlogin.extensions") == ["wxlogin.watch.a", "wxlogin.watch.b"]
