"""One call alone may answer a secret that the guard would stop: the access_token's."""

from __future__ import annotations

from pathlib import Path

from tests.house.source import ROOT, product, written


def tellers(root: Path) -> list[str]:
    """Modules that let an answer hold a secret, once for each time."""
    return [module.path for module in product(root) for _ in range(module.text.count("held.tell("))]


def test_one_call_tells_a_secret() -> None:
    assert tellers(ROOT) == ["wxlogin/service/service.py"]


def test_another_one_is_found(tmp_path: Path) -> None:
    written(tmp_path, wxlogin__login__service="held.tell(key)\nheld.tell(token)\n")
    assert tellers(tmp_path) == ["wxlogin/login/service.py"] * 2
