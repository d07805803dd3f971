"""Make the pages of docs/ that come from the code: settings, errors, commands, permissions...

    python docs/make.py            write them
    python docs/make.py --check    write nothing; exit 1 if one is stale

A page is its head in docs/heads/ with the table put in.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import cast

DOCS = Path(__file__).resolve().parent
HEADS = DOCS / "heads"
MARK = "<!-- table -->"
ERRCODE_MARK = "<!-- wechat -->"

sys.path.insert(0, str(DOCS.parent))  # the project is not installed; it lies beside this folder

import config  # noqa: E402
from docs.tables.chinese import Chinese  # noqa: E402
from docs.tables.commands import Option, commands  # noqa: E402
from docs.tables.errcodes import ERRCODES  # noqa: E402
from wxlogin.cli.doctor import LEVELS  # noqa: E402
from wxlogin.doctor import kinds  # noqa: E402
from wxlogin.error_mapping import ENTRIES  # noqa: E402
from wxlogin.error_words import ENTRIES as SAID  # noqa: E402
from wxlogin.errors import CATALOGUE, Entry  # noqa: E402
from wxlogin.languages import Language  # noqa: E402
from wxlogin.operators.permissions import PERMISSIONS  # noqa: E402
from wxlogin.redisdb.key_table import TABLE  # noqa: E402
from wxlogin.wechat.errcodes import ERRCODES as JUDGED  # noqa: E402

chinese = Chinese()
FOR_PEOPLE = DOCS.parent / "miniprogram/src/texts.ts"
TEXT = re.compile(r"(\w+): \[\s*'([^']*)',\s*'([^']*)',?\s*\]")
HEADS_OF = {
    "settings": {
        "en": ("Setting", "Default", "Meaning", "Secret"),
        "zh": ("配置项", "默认值", "含义", "密钥"),
    },
    "errors": {
        "en": (
            "Code",
            "Status",
            "Action",
            "`Retry-After`",
            "`title` and `detail`",
            "The user reads",
        ),
        "zh": ("错误码", "状态码", "action", "`Retry-After`", "`title` 和 `detail`", "用户看到"),
    },
    "wechat": {
        "en": ("errcode", "Becomes", "What happened", "Who does what", "The user reads"),
        "zh": ("errcode", "错误码", "发生了什么", "怎么处理", "用户看到"),
    },
    "redis": {
        "en": ("Key", "Type", "TTL", "Meaning", "Owner"),
        "zh": ("键", "类型", "TTL", "含义", "代码"),
    },
    "commands": {
        "en": ("Command", "What it does", "Options"),
        "zh": ("命令", "作用", "选项"),
    },
    "permissions": {
        "en": ("Permission", "What for", "Roles", "Scopes", "Password again"),
        "zh": ("权限", "内容", "角色", "令牌权限范围", "再次输入密码"),
    },
}
FOR_CONSOLE = ("CREDENTIALS_INVALID", "CSRF_FAILED", "EXTERNAL_ID_TAKEN")
"""Codes that no mini-program gets."""
BECOMES = {"asked once more": "无，重新请求", "none": "无"}


def settings(language: Language) -> str:
    """Return every setting: name, default, meaning; secrets with their `_FILE` form."""
    rows = []
    for name, info in config.table().items():
        extra = cast("dict[str, str]", info.json_schema_extra or {})
        shown = extra.get("shown") or f"`{info.default}`"
        secret = _in(language, "yes: or `{name}_FILE`").format(name=name) if not info.repr else ""
        plain = re.fullmatch(r"`[^`]+`|[\d.,]+", shown)
        default = shown if plain else _in(language, shown)
        rows.append((f"`{name}`", default, _in(language, info.description or ""), secret))
    return _table(HEADS_OF["settings"][language], rows)


def errors(language: Language) -> str:
    """Return every code of the catalogue, with what its answer says and what its user reads."""
    return _table(
        HEADS_OF["errors"][language],
        (
            (
                f"`{entry.code}`",
                str(entry.status),
                f"`{entry.action}`",
                "" if entry.retry_after is None else str(entry.retry_after),
                _said(entry, language),
                _read_by_user(entry, language),
            )
            for entry in CATALOGUE.values()
        ),
    )


def wechat(language: Language) -> str:
    """Return every errcode of WeChat's: what it becomes and means, and who does what."""
    rows = []
    for errcode, row in ERRCODES.items():
        judged = JUDGED.get(errcode)
        code = ENTRIES[judged].code if judged else row.becomes
        shown = f"`{code}`" if code.isupper() else code if language == "en" else BECOMES[code]
        read = _read_by_user(CATALOGUE[code], language) if code in CATALOGUE else ""
        said = row.en if language == "en" else row.zh
        rows.append((f"`{errcode}`", shown, *said, read))
    return _table(HEADS_OF["wechat"][language], rows)


def redis(language: Language) -> str:
    """Return every kind of key: pattern, type, TTL, owner, meaning."""
    return _table(
        HEADS_OF["redis"][language],
        (
            (
                f"`{row.pattern}`",
                row.type,
                _in(language, row.ttl),
                _in(language, row.meaning),
                f"`wxlogin/{row.owner}`",
            )
            for row in TABLE
        ),
    )


def permissions(language: Language) -> str:
    """Return every permission: who has it, by role and by a token's scope."""
    between = ", " if language == "en" else "、"
    return _table(
        HEADS_OF["permissions"][language],
        (
            (
                f"`{name}`",
                _in(language, row.covers),
                between.join(_in(language, role) for role in sorted(row.roles)),
                between.join(f"`{scope}`" for scope in sorted(row.scopes)),
                _in(language, "yes") if row.reauth else "",
            )
            for name, row in PERMISSIONS.items()
        ),
    )


def findings(language: Language) -> str:
    """Every kind of finding of the doctor, in a language."""
    head = {
        "en": ("Code", "Level", "Finding", "What it means", "Do"),
        "zh": ("代码", "级别", "结果", "影响", "处理"),
    }
    return _table(
        head[language],
        (
            (f"`{kind.code}`", LEVELS[language][kind.level], *kind.words[language])
            for kind in kinds.ALL
        ),
    )


def command_line(language: Language) -> str:
    """Return every command: what it does, and its options."""
    return _table(
        HEADS_OF["commands"][language],
        (
            (
                f"`{one.typed}`",
                _in(language, one.meaning),
                "<br>".join(_option(option, language) for option in one.options),
            )
            for one in commands()
        ),
    )


TABLES: dict[str, Callable[[Language], str]] = {
    "admin": permissions,
    "commands": command_line,
    "doctor": findings,
    "errors": errors,
    "redis": redis,
    "settings": settings,
}
PAGES: dict[str, Callable[[], str]] = {
    f"{name}{suffix}": partial(table, language)
    for name, table in TABLES.items()
    for suffix, language in ((".md", cast("Language", "en")), (".zh-CN.md", cast("Language", "zh")))
}


def pages() -> dict[str, str]:
    """Return the text of every page by its file name."""
    found = {}
    for name, table in PAGES.items():
        text = (HEADS / name).read_text(encoding="utf-8").replace(MARK, table())
        found[name] = text.replace(ERRCODE_MARK, wechat("zh" if ".zh-CN." in name else "en"))
    return found


def write(directory: Path = DOCS) -> None:
    """Write the pages."""
    for name, text in pages().items():
        (directory / name).write_text(text, encoding="utf-8")


def stale(directory: Path = DOCS) -> list[str]:
    """Return the pages that are missing or differ from what the code says."""
    return [name for name, text in pages().items() if _read(directory / name) != text]


def main() -> int:
    """Write the pages, or with `--check` name those that are stale."""
    parser = argparse.ArgumentParser(description="Make the pages of docs/ that come from the code.")
    parser.add_argument("--check", action="store_true", help="exit 1 if a page is stale")
    if not parser.parse_args().check:
        write()
        return 0
    for name in (found := stale()):
        sys.stderr.write(f"docs/{name} is stale: run `make docs`\n")
    return 1 if found else 0


def _in(language: Language, english: str) -> str:
    return english if language == "en" else chinese(english)


def _option(option: Option, language: Language) -> str:
    needed = f" ({_in(language, 'needed')})" if option.is_required else ""
    return f"`{option.typed}`{needed} {_in(language, option.meaning)}"


def _said(entry: Entry, language: Language) -> str:
    title, detail = (entry.title, entry.detail) if language == "en" else SAID[entry.code]
    return f"**{title}{'.' if language == 'en' else '。'}** {detail}"


def _read_by_user(entry: Entry, language: Language) -> str:
    """Return what the client for mini-programs tells people, as its own source says it."""
    if entry.code in FOR_CONSOLE:
        return ""
    known = {
        name: (zh, en) for name, zh, en in TEXT.findall(FOR_PEOPLE.read_text(encoding="utf-8"))
    }
    return known.get(entry.code, known[entry.action])[language == "en"]


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = (head, ("---",) * len(head), *rows)
    return "\n".join("| " + " | ".join(_cell(text) for text in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


if __name__ == "__main__":
    sys.exit(main())
