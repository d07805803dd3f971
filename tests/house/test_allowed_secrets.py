"""One call alone may answer a secret that the guard would stop: the access_token's."""

from __future__ import annotations

from pathlib import Path

from tests.house.source import ROOT, product, written


def allowing(root: Path) -> list[str]:
    """Modules that let an answer hold a secret, once for each time."""
    return [
        module.path
        for module in product(root)
        for _ in range(module.text.count("leak_guard.allow("))
    ]


def test_one_call_answers_a_secret() -> None:
    assert allowing(ROOT) == ["wxlogin/server_api/service.py"]


def test_another_one_is_found(tmp_path: Path) -> None:
    written(tmp_path, wxlogin__login__service="leak_guard.allow(key)\nleak_guard.allow(token)\n")
    assert allowing(tmp_path) == ["wxlogin/login/service.py"] * 2
