"""`flask doctor`: examines this installation and says what to mend."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import click
from flask.cli import with_appcontext

from config import ConfigError
from wxlogin.doctor import Finding, Level, Report, Words, without_settings
from wxlogin.languages import LANGUAGES, Language
from wxlogin.services import current_services

LABELS: dict[Language, Words] = {
    "en": Words("", "What it means", "What to do"),
    "zh": Words("", "影响", "处理"),
}
LEVELS: dict[Language, dict[Level, str]] = {
    "en": {"ok": "ok", "unknown": "unknown", "warning": "WARNING", "fault": "FAULT"},
    "zh": {"ok": "正常", "unknown": "未知", "warning": "警告", "fault": "故障"},
}


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    help="Otherwise that of WXLOGIN_ALERT_LANGUAGE.",
)
@click.option(
    "--hosts",
    type=click.IntRange(1, 1000),
    default=1,
    help="How many hosts serve wxlogin, if not all of them run.",
)
@with_appcontext
def doctor(*, as_json: bool, language: Language | None, hosts: int) -> None:
    """Examine this installation; exit 1 on a fault.

    Settings, keys, Redis, database, WeChat, clock, proxies, certificate, audit trail, alerts,
    webhooks, disk.
    """
    try:
        services = current_services()
    except ConfigError as fault:
        spoken: Language = "en" if fault.language == "en" else "zh"
        report = without_settings(fault.faults)
    else:
        spoken = services.settings.alert_language
        report = services.doctor.examine(hosts=hosts)
    spoken = language or spoken
    click.echo(_document(report, spoken) if as_json else "\n".join(_lines(report, spoken)))
    if report.level == "fault":
        click.get_current_context().exit(1)


def _document(report: Report, language: Language) -> str:
    """Return the report as JSON; `code` and `level` are the same in every language."""
    document = {
        "level": report.level,
        "examined_at": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "checks": [
            {
                "check": result.check.name,
                "level": result.level,
                "findings": [_fields(finding, language) for finding in result.findings],
            }
            for result in report.results
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2)


def _fields(finding: Finding, language: Language) -> dict[str, Any]:
    said = finding.say(language)._asdict()
    return {"code": finding.kind.code, "level": finding.level, **said}


def _lines(report: Report, language: Language) -> Iterator[str]:
    for result in report.results:
        for finding in result.findings:
            said, labels = finding.say(language), LABELS[language]
            level, title = LEVELS[language][finding.level], result.check.title[language]
            yield f"{level:<8} {title}: {said.what}"
            for label, text in zip(labels[1:], said[1:], strict=True):
                if text:
                    yield f"         {label}: {text}"
