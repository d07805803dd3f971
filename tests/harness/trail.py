"""The audit trail of a site, past its API."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, text

from tests.harness.site import Site
from wxlogin.extensions import db
from wxlogin.models import AuditEntry
from wxlogin.watch.audit import Actor, Audit

ACTOR = Actor("admin:alice", "192.0.2.1", "r1")


class Trail:
    """Writes entries, spoils rows, verifies."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.audit: Audit = site.app.extensions["wxlogin"].watch.audit

    def act(self, count: int = 1, **words: Any) -> None:
        """Write acts that are done: two entries each."""
        with self.site.app.app_context():
            for _ in range(count):
                with self.audit.act(ACTOR, "user.kick", "user:nobody", **words):
                    pass

    def spoil(self, statement: str) -> None:
        """Run a statement on the database as somebody would who has its password."""
        with self.site.app.app_context():
            db.session.execute(text(statement))
            db.session.commit()

    def rows(self) -> list[AuditEntry]:
        """All entries, oldest first."""
        with self.site.app.app_context():
            return list(db.session.scalars(select(AuditEntry).order_by(AuditEntry.number)))

    def faults(self) -> list[str]:
        """What verifying finds wrong."""
        return [fault for report in self.audit.verify() for fault in report.faults]

    def notes(self) -> list[str]:
        """What verifying finds worth knowing."""
        return [note for report in self.audit.verify() for note in report.notes]
