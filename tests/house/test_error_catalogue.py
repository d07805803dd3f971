"""Every error code is as the contract says, is raised somewhere, and is explained to callers."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.house.catalogue import rows
from tests.house.source import ROOT, product, written

# The contract's table: code, status, action. Codes that no part raises yet are declared nowhere.
CONTRACT = {
    "INVALID_REQUEST": (400, "fix"),
    "APP_UNKNOWN": (400, "fix"),
    "CODE_INVALID": (400, "relogin"),
    "CODE_USED": (409, "relogin"),
    "TOKEN_MISSING": (401, "relogin"),
    "TOKEN_INVALID": (401, "relogin"),
    "SESSION_EXPIRED": (401, "relogin"),
    "SESSION_REPLACED": (401, "prompt"),
    "SESSION_REVOKED": (401, "prompt"),
    "DEVICE_LIMIT": (409, "prompt"),
    "SCAN_EXPIRED": (410, "prompt"),
    "SCAN_REFUSED": (403, "prompt"),
    "EXTERNAL_ID_TAKEN": (409, "fix"),
    "USER_BANNED": (403, "contact"),
    "USER_RISKY": (403, "contact"),
    "SESSION_KEY_EXPIRED": (409, "relogin"),
    "DATA_INVALID": (422, "reauthorize"),
    "DATA_STALE": (422, "reauthorize"),
    "SIGNATURE_MISMATCH": (422, "reauthorize"),
    "CONTENT_REFUSED": (422, "prompt"),
    "REQUEST_UNSIGNED": (401, "fix"),
    "REQUEST_SIGNATURE_INVALID": (401, "fix"),
    "REQUEST_EXPIRED": (401, "retry"),
    "REQUEST_REPLAYED": (409, "fix"),
    "RATE_LIMITED": (429, "retry"),
    "WX_RATE_LIMITED": (429, "retry"),
    "WX_USER_BLOCKED": (403, "contact"),
    "WX_UNAVAILABLE": (503, "retry"),
    "WX_MISCONFIGURED": (502, "contact"),
    "STORE_UNAVAILABLE": (503, "retry"),
    "HTTPS_REQUIRED": (403, "fix"),
    "CREDENTIALS_INVALID": (401, "fix"),
    "CSRF_FAILED": (403, "fix"),
    "FORBIDDEN": (403, "fix"),
    "NOT_FOUND": (404, "fix"),
    "METHOD_NOT_ALLOWED": (405, "fix"),
    "PAYLOAD_TOO_LARGE": (413, "fix"),
    "UNSUPPORTED_MEDIA_TYPE": (415, "fix"),
    "INTERNAL": (500, "contact"),
}

DECLARING = {"wxlogin/errors.py", "wxlogin/openapi.py"}


def unused(root: Path) -> list[str]:
    """Codes that nothing uses but the catalogue and the OpenAPI document."""
    names: set[str] = set()
    for module in product(root):
        if module.path not in DECLARING:
            nodes = list(ast.walk(module.tree))
            names |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
            names |= {node.id for node in nodes if isinstance(node, ast.Name)}
    return [row.code for row in rows(root) if row.name not in names]


def unexplained(page: Path, root: Path = ROOT) -> list[str]:
    """Codes and actions that a page does not name."""
    text = page.read_text(encoding="utf-8")
    words = [word for row in rows(root) for word in (row.code, row.action)]
    return sorted({word for word in words if f"`{word}`" not in text})


def test_the_catalogue_is_the_contract_s() -> None:
    assert rows()
    assert [row for row in rows() if CONTRACT.get(row.code) != (row.status, row.action)] == []


def test_each_entry_is_bound_to_its_own_code() -> None:
    assert [row for row in rows() if row.name != row.code] == []


def test_each_code_is_used() -> None:
    assert unused(ROOT) == []


@pytest.mark.parametrize("page", ["docs/errors.md", "docs/errors.zh-CN.md"])
def test_each_code_and_action_is_explained(page: str) -> None:
    assert unexplained(ROOT / page) == []


def test_a_code_that_nobody_uses_or_explains_is_found(tmp_path: Path) -> None:
    written(
        tmp_path,
        wxlogin__errors='A = Entry("A", 400, "fix")\nB = Entry("B", 400, "fix")\n',
        wxlogin__openapi="from wxlogin import errors\nALL = (errors.A, errors.B)\n",
        wxlogin__login="from wxlogin import errors\nraise errors.A\n",
    )
    page = tmp_path / "errors.md"
    page.write_text("`A`: `fix`\n")
    assert unused(tmp_path) == ["B"]
    assert unexplained(page, tmp_path) == ["B"]
