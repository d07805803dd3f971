"""The audit trail: its newest entries are as they were written."""

from __future__ import annotations

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from wxlogin.doctor.findings import Finding
from wxlogin.doctor.installation import Installation
from wxlogin.doctor.kinds import watch as kinds
from wxlogin.doctor.ring_check import known_keys
from wxlogin.watch.audit_chain import AuditHead, Chain
from wxlogin.watch.audit_verification import verify

ENTRIES = 5000
"""About half a second; `audit verify` checks all."""
MOST_FAULTS = 5


def check_audit(installation: Installation) -> list[Finding]:
    """Check the newest entries and the end of the trail."""
    chain = Chain(installation.settings.data_keys, known_keys(installation).audit_keys)
    head = AuditHead(installation.scripts, chain)
    try:
        reports = list(verify(installation.sql, chain, head, newest=ENTRIES))
    except (RedisError, SQLAlchemyError) as error:
        return [kinds.UNREAD.found(error=type(error).__name__)]
    faults = [fault for report in reports for fault in report.faults]
    if faults:
        return [kinds.BROKEN.found(fault=fault) for fault in faults[:MOST_FAULTS]]
    return [kinds.WHOLE.found(entries=reports[-1].seen)]
