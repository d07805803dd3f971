"""Docs carry no configuration of their own: what they show of nginx stands so in deploy/."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent

from tests.house.source import ROOT

BLOCK = re.compile(r"^( *)```nginx\n(.*?)^\1```", re.DOTALL | re.MULTILINE)
LINES = re.compile(r"^ *(location|proxy_pass|proxy_set_header|auth_request)\b.*[;{]$", re.MULTILINE)


def plain(text: str) -> str:
    """The text without what its place in a file or a page adds to each line."""
    return "\n".join(line.strip() for line in text.strip().splitlines())


def files(root: Path) -> list[str]:
    """What deploy/ holds for nginx."""
    found = [root / "deploy/nginx.conf", *sorted(root.glob("deploy/nginx/*.conf"))]
    return [plain(file.read_text(encoding="utf-8")) for file in found]


def second_copies(root: Path) -> list[str]:
    """Configuration in pages that deploy/ does not hold word for word, in a block or without."""
    texts, wrong = files(root), []
    for page in sorted([*root.glob("*.md"), *root.glob("docs/*.md")]):
        text = page.read_text(encoding="utf-8")
        blocks = [dedent(block) for _, block in BLOCK.findall(text)]
        outside = [match[0] for match in LINES.finditer(BLOCK.sub("", text))]
        wrong += [
            f"{page.name}: {plain(shown).splitlines()[0]}"
            for shown in [*blocks, *outside]
            if not any(plain(shown) in known for known in texts)
        ]
    return wrong


def test_pages_show_nothing_that_deploy_does_not_hold() -> None:
    assert second_copies(ROOT) == []


def test_a_second_copy_is_found(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "deploy/nginx").mkdir(parents=True)
    (tmp_path / "deploy/nginx.conf").write_text("location / {\n    proxy_pass http://a;\n}\n")
    good = "```nginx\nlocation / {\n  proxy_pass http://a;\n}\n```\n"
    (tmp_path / "docs/a.md").write_text(good)
    (tmp_path / "docs/b.md").write_text(good.replace("//a", "//b"))
    (tmp_path / "README.md").write_text("1. So:\n\n   ```text\n   proxy_pass http://c;\n   ```\n")
    assert second_copies(tmp_path) == ["README.md: proxy_pass http://c;", "b.md: location / {"]
