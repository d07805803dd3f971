"""The messages that alerts send to people: one when it begins, one when it is over, and a test."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any

from wxlogin.clock import iso_time
from wxlogin.languages import Language
from wxlogin.local_time import offset_name
from wxlogin.watch.alert_rules import BY_NAME
from wxlogin.watch.alert_words import Notice, lines, rule_words, subject_words
from wxlogin.watch.events import Severity

OVER: dict[Language, str] = {"en": "Over: {title}", "zh": "已恢复：{title}"}
TEST: dict[Language, tuple[str, str]] = {
    "en": ("A test of alerts", "Nothing happened: somebody tried whether alerts arrive here."),
    "zh": ("告警测试", "没有发生任何事：有人在测试告警能否送达这里。"),
}
LABELS: dict[Language, tuple[str, str, str, str, str]] = {
    "en": ("Who", "Began", "Last seen", "What it means", "Look on"),
    "zh": ("对象", "开始", "最后一次", "说明", "查看"),
}
TEST_SENT: dict[Language, str] = {"en": "Sent by", "zh": "发送者"}


@dataclass(frozen=True)
class Message:
    """A message in one language: its severity, title, lines, and members for machines."""

    severity: Severity
    title: str
    lines: list[tuple[str, str]]
    members: dict[str, Any]

    @property
    def text(self) -> str:
        """Return title and lines as plain text."""
        return "\n".join([self.title, *(f"{label}: {value}" for label, value in self.lines)])

    @property
    def document(self) -> dict[str, Any]:
        """Return the message as JSON for a machine, all of it in words as `text`."""
        return {**self.members, "title": self.title, "text": self.text}


@dataclass(frozen=True)
class Writer:
    """Writes messages in a language, with times of a zone and links below `public_url`."""

    language: Language
    zone: tzinfo
    public_url: str

    def raised(self, notice: Notice) -> Message:
        """Return the message of an alert that began."""
        linked = replace(notice, console=self._link(f"alerts?rule={notice.rule}"))
        title, advice = rule_words(notice.rule, self.language)
        text = lines(linked, self.language, self.zone)
        return Message(
            BY_NAME[notice.rule].severity,
            title,
            text,
            {**_members(linked, "raised"), "advice": advice},
        )

    def over(self, notice: Notice, last: datetime) -> Message:
        """Return the message of an alert after which nothing more happened since `last`."""
        who, began, last_seen, _, look = LABELS[self.language]
        linked = replace(notice, console=self._link(f"alerts?rule={notice.rule}"))
        title = OVER[self.language].format(title=rule_words(notice.rule, self.language).title)
        text = [
            (who, subject_words(notice, self.language)),
            (began, self._time(notice.at)),
            (last_seen, self._time(last)),
            (look, linked.console),
        ]
        return Message("info", title, _said(text), {**_members(linked, "over"), "advice": ""})

    def test(self, by: str, at: datetime) -> Message:
        """Return the message with which somebody tries whether alerts arrive."""
        title, meaning = TEST[self.language]
        _, _, _, means, look = LABELS[self.language]
        console = self._link("alerts")
        text = [
            (means, meaning),
            (TEST_SENT[self.language], f"{by}, {self._time(at)}"),
            (look, console),
        ]
        members = {"state": "test", "severity": "info", "at": iso_time(at)}
        return Message("info", title, _said(text), {**members, "console": console or None})

    def _link(self, page: str) -> str:
        return f"{self.public_url}/admin/{page}" if self.public_url else ""

    def _time(self, at: datetime) -> str:
        local = at.astimezone(self.zone)
        return f"{local:%Y-%m-%d %H:%M:%S} {offset_name(local)}"


def _said(text: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(label, value) for label, value in text if value]


def _members(notice: Notice, state: str) -> dict[str, Any]:
    rule = BY_NAME[notice.rule]
    return {
        "state": state,
        "rule": rule.name,
        "severity": "info" if state == "over" else rule.severity,
        "subject_kind": rule.subject_kind,
        "subject": notice.subject,
        "count": notice.count,
        "window": notice.window,
        "threshold": notice.threshold,
        "logins": notice.logins,
        "failures": notice.failures,
        "at": iso_time(notice.at),
        "console": notice.console or None,
    }
