"""The console's catalogues hold what its pages say, wholly, in every language."""

from __future__ import annotations

import re
import runpy
from dataclasses import fields
from pathlib import Path
from typing import get_args

from babel.messages.pofile import read_po

from tests.house.source import ROOT, product
from wxlogin.admin.console import act_labels, event_labels, labels, name_labels, session_end_labels
from wxlogin.admin.console.static_files import ICONS
from wxlogin.operators.permissions import ROLES, SCOPES
from wxlogin.outbox import EventType
from wxlogin.sessions.causes import Why
from wxlogin.watch.events import COLUMNS, Event, Kind

FOLDER = ROOT / "wxlogin/admin/console/translations"
PLACES = re.compile(r"%\(\w+\)[sd]")


def texts(message: object) -> list[str]:
    """The forms of a message or its translation."""
    return [message] if isinstance(message, str) else list(message)  # type: ignore[call-overload]


def test_the_catalogues_are_fresh_and_whole() -> None:
    assert runpy.run_path(str(FOLDER / "make.py"))["stale"]() == []


def test_translations_name_what_the_message_names() -> None:
    for path in FOLDER.glob("*.po"):
        with path.open("rb") as lines:
            for message in read_po(lines, locale=path.stem):
                if message.id:
                    places = set(PLACES.findall(texts(message.id)[-1]))
                    for text in texts(message.string):
                        assert set(PLACES.findall(text)) == places, message.id


def test_everything_that_the_program_names_has_a_word() -> None:
    assert set(event_labels.EVENTS) == {kind.value for kind in Kind}
    assert set(labels.ROLES) == set(ROLES)
    assert set(labels.SCOPES) == set(SCOPES)
    assert set(session_end_labels.ENDS) == set(get_args(Why))
    assert set(name_labels.EVENT_TYPES) == {kind.value for kind in EventType}
    assert set(name_labels.ACTORS) == actors()
    assert set(name_labels.FAULTS) >= {"ConnectTimeout", "ReadTimeout", "AddressRefused"}


def test_every_detail_of_an_event_has_a_word() -> None:
    columns = COLUMNS | {"kind"}
    told = {
        field.name
        for kind in (Event, *Event.__subclasses__())
        for field in fields(kind)
        if field.name not in columns
    }
    assert told <= set(event_labels.EVENT_FIELDS)


def actors() -> set[str]:
    """Who acts without a name of their own, as the code writes them."""
    alone = re.compile(r'(?:\bActor\(|^ACTOR = |^OWN = )"(\w+)"', re.MULTILINE)
    return {name for module in product() for name in alone.findall(module.text)}


def test_chinese_has_one_term_for_each_thing() -> None:
    """The terms that operators know, of the console and of the docs: 操作员, 只读成员, 踢下线."""
    docs = [*ROOT.glob("docs/**/*.zh-CN.md"), ROOT / "README.zh-CN.md", ROOT / "docs/tables/zh.po"]
    banned = ("查看者", "运维人员", "运营人员", "抹除")
    assert len(docs) > 30
    wrong = [f"{page.name}: {word}" for page in docs for word in banned if word in text_of(page)]
    said = text_of(FOLDER / "zh.po")
    wrong += [f"zh.po: {word}" for word in (*banned, "结束会话") if word in said]
    assert wrong == []


def text_of(page: Path) -> str:
    """What a page says."""
    return page.read_text(encoding="utf-8")


def test_every_audited_act_has_a_word() -> None:
    act = re.compile(r"(?:audit\.act\(\s*\w+, |audited_read\()\"([\w.]+)\"")
    acts = {name for module in product() for name in act.findall(module.text)}
    assert len(acts) > 10
    assert acts - set(act_labels.ACTS) == set()


def test_the_sprite_has_the_icons_that_are_used_and_no_others() -> None:
    admin = ROOT / "wxlogin/admin"
    pages = [*admin.glob("console/templates/**/*.html"), admin / "console/navigation.py"]
    said = {name for page in pages for name in re.findall(r'"([\w-]+)"', page.read_text("utf-8"))}
    called = re.compile(r'icon\("([\w-]+)"')
    used = {name for page in pages for name in called.findall(page.read_text("utf-8"))}
    assert ICONS - said == set()
    assert used - ICONS == set()
