"""The order of the pages: one path for each kind of reader, then what all look things up in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

Language = Literal["zh", "en"]


class Section(NamedTuple):
    """A part of the navigation: its name in both languages, and its pages in their order."""

    zh: str
    en: str
    pages: tuple[str, ...]


SECTIONS = (
    Section(
        "小程序开发者",
        "Mini-program developer",
        (
            "quickstart",
            "phones",
            "miniprogram",
            "signing",
            "open-data",
            "me",
            "scan",
            "services",
            "backends",
            "assertions",
            "own-code",
            "persons",
            "webhooks",
            "migrate",
            "faq",
        ),
    ),
    Section(
        "操作员",
        "Operator",
        (
            "console",
            "console-questions",
            "admin-users",
            "admin-apps",
            "watch",
            "alerts",
            "regions",
            "audit",
            "admin",
            "operators",
            "incidents",
            "leaked-appsecret",
        ),
    ),
    Section(
        "部署与运维",
        "Deployer",
        (
            "rehearsal",
            "deploy",
            "containers",
            "nginx",
            "gateways",
            "message-push",
            "operations",
            "doctor",
            "keys",
            "upgrade",
            "backup",
            "sizing",
            "performance",
        ),
    ),
    Section(
        "参考",
        "Reference",
        ("api", "errors", "settings", "commands", "metrics", "limits", "redis", "dependencies"),
    ),
    Section(
        "原理与安全",
        "How and why",
        ("how-it-works", "threat-model", "asvs", "comparison"),
    ),
)
MORE = {"zh": "更多", "en": "More"}
"""Where a page stands that no section names."""


def sections(language: Language, names: Sequence[str]) -> list[dict[str, list[str]] | str]:
    """Return what MkDocs wants as `nav`, of the pages that there are."""
    found: list[dict[str, list[str]] | str] = ["index.md"]
    placed = {"index"}
    for section in SECTIONS:
        pages = [name for name in section.pages if name in names]
        placed.update(pages)
        title = section.zh if language == "zh" else section.en
        found.append({title: [f"{name}.md" for name in pages]})
    if rest := [f"{name}.md" for name in sorted(names) if name not in placed]:
        found.append({MORE[language]: rest})
    return found
