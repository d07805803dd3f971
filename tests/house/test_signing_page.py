"""The code that clients copy from docs/signing.md gives the answer that the page promises."""

from __future__ import annotations

import re
from typing import Any

from tests.house.source import ROOT

PAGE = (ROOT / "docs/signing.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (Key|Method|Target|Timestamp|Nonce|Body|Signature) \| `(.+)` \|$", re.M)
PYTHON = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.M)


def copied() -> dict[str, Any]:
    """The names that the page's Python defines."""
    names: dict[str, Any] = {}
    [program] = PYTHON.findall(PAGE)
    exec(compile(program, "docs/signing.md", "exec"), names)
    return names


def test_the_page_shows_the_known_answer() -> None:
    assert dict(ROW.findall(PAGE)) == {
        "Key": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
        "Method": "POST",
        "Target": "/v1/logout?x=%E4%BD%A0&x=1",
        "Timestamp": "1700000000",
        "Nonce": "abcdefghijklmnop",
        "Body": '{"scope":"all"}',
        "Signature": "84a35aabd78f7cf42164e200b44ff8f916c0ab94b0007066acf662af02f5c9e1",
    }


def test_the_page_s_python_gives_the_known_answer() -> None:
    row = dict(ROW.findall(PAGE))
    lines = (row["Key"], row["Method"], row["Target"], row["Timestamp"], row["Nonce"])
    assert copied()["signature"](*lines, row["Body"].encode()) == row["Signature"]


def test_the_page_s_headers_have_the_form_that_is_taken() -> None:
    given = copied()["headers"](dict(ROW.findall(PAGE))["Key"], "POST", "/v1/logout")
    assert re.fullmatch(r"[0-9]{10}", given["X-Wxlogin-Timestamp"])
    assert re.fullmatch(r"[A-Za-z0-9_-]{16,64}", given["X-Wxlogin-Nonce"])
    assert re.fullmatch(r"[0-9a-f]{64}", given["X-Wxlogin-Signature"])
