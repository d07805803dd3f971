"""Runs the checks side by side, within one deadline."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from config import Settings
from wxlogin.clock import Clock
from wxlogin.doctor.audit_check import check_audit
from wxlogin.doctor.database_check import check_database
from wxlogin.doctor.findings import LEVELS, Finding, Level
from wxlogin.doctor.installation import Installation, opened
from wxlogin.doctor.key_check import check_key_strength, check_key_use
from wxlogin.doctor.kinds import general
from wxlogin.doctor.kinds import settings as settings_kinds
from wxlogin.doctor.machine_check import check_machine
from wxlogin.doctor.public_check import check_public_url
from wxlogin.doctor.redis_check import check_redis
from wxlogin.doctor.ring_check import check_duplicates, check_hosts
from wxlogin.doctor.settings_check import check_settings
from wxlogin.doctor.webhook_check import check_endpoints, check_webhook
from wxlogin.doctor.wechat_check import check_wechat
from wxlogin.languages import Language

SECONDS = 20.0
"""Longer than any check takes whose parts each meet their own deadlines."""

logger = logging.getLogger(__name__)


class Check(NamedTuple):
    """A row of the table: a name for programs, a title in each language, and the check."""

    name: str
    title: dict[Language, str]
    run: Callable[[Installation], list[Finding]]


def _check(name: str, en: str, zh: str, run: Callable[[Installation], list[Finding]]) -> Check:
    return Check(name, {"en": en, "zh": zh}, run)


CHECKS = (
    _check("settings", "Settings", "配置", check_settings),
    _check("key-strength", "Keys", "密钥", check_key_strength),
    _check("key-use", "Key use", "密钥使用", check_key_use),
    _check("hosts", "Keys of the hosts", "各主机的密钥", check_hosts),
    _check("doubles", "Double users", "重复用户", check_duplicates),
    _check("redis", "Redis", "Redis", check_redis),
    _check("database", "Database", "数据库", check_database),
    _check("wechat", "WeChat", "微信", check_wechat),
    _check("public", "Public address", "公网地址", check_public_url),
    _check("audit", "Audit trail", "审计记录", check_audit),
    _check("alerts", "Alerts", "告警", check_webhook),
    _check("webhooks", "Webhooks", "Webhook", check_endpoints),
    _check("machine", "This machine", "本机", check_machine),
)
"""Every check, in the order in which its findings are shown."""


class Result(NamedTuple):
    """What one check found; at least one finding."""

    check: Check
    findings: list[Finding]

    @property
    def level(self) -> Level:
        """The gravest level of its findings."""
        return max((finding.level for finding in self.findings), key=LEVELS.index)


class Report(NamedTuple):
    """What all checks found."""

    results: list[Result]

    @property
    def level(self) -> Level:
        """The gravest level of all."""
        return max((result.level for result in self.results), key=LEVELS.index)


def examine(
    settings: Settings,
    clock: Clock,
    *,
    hosts: int = 1,
    workers: int = 1,
    checks: Sequence[Check] = CHECKS,
    seconds: float = SECONDS,
) -> Report:
    """Run the checks, each in a thread of its own, and return what they found.

    One that does not end within `seconds` is reported as unknown and left behind.
    """
    with opened(settings, clock, hosts, workers) as installation:
        running = [_Run(check, installation) for check in checks]
        deadline = time.monotonic() + seconds
        return Report([run.result(deadline, seconds) for run in running])


def without_settings(faults: Sequence[str]) -> Report:
    """Return the report on settings with these faults; nothing else can be examined."""
    wrong = [settings_kinds.WRONG.found(fault=fault.removesuffix(".")) for fault in faults]
    skipped = [general.NOT_EXAMINED.found()]
    return Report([Result(CHECKS[0], wrong), *(Result(check, skipped) for check in CHECKS[1:])])


class _Run:
    """One check in a thread of its own."""

    def __init__(self, check: Check, installation: Installation) -> None:
        self._check = check
        self._installation = installation
        self._findings: list[Finding] = []
        self._thread = threading.Thread(target=self._run, name=f"doctor {check.name}", daemon=True)
        self._thread.start()

    def result(self, deadline: float, seconds: float) -> Result:
        """Wait for it until the deadline."""
        self._thread.join(max(0.0, deadline - time.monotonic()))
        if self._thread.is_alive():
            return Result(self._check, [general.HUNG.found(seconds=f"{seconds:g}")])
        return Result(self._check, self._findings)

    def _run(self) -> None:
        try:
            self._findings = self._check.run(self._installation) or [general.IN_ORDER.found()]
        except Exception as error:
            # Its message may quote a URL with a password.
            logger.debug("the check %s failed", self._check.name, exc_info=True)
            self._findings = [general.FAILED.found(error=type(error).__name__)]
