"""Listing the keys of the settings, and rotating them."""

from __future__ import annotations

from contextlib import suppress

from wxlogin.admin.keys.schemas import HostItem, KeyItem, KeyPage, RotationItem
from wxlogin.admin.paging import PageQuery, page
from wxlogin.clock import iso_time
from wxlogin.keyring.errors import RotationRunning
from wxlogin.keyring.report import KeyLine, Reports
from wxlogin.keyring.rotation import Progress, Rotation
from wxlogin.watch.audit import Actor, Audit


def list_keys(reports: Reports, query: PageQuery) -> KeyPage:
    """Return a page of the keys with the number of rows that need them."""
    position = query.position(int)
    report = reports.get()
    rows = list(enumerate(report.keys))[int(position[0]) + 1 if position else 0 :]
    shown = page(rows, query.limit, lambda row: _item(row[1]), lambda row: (row[0],))
    return KeyPage(
        items=shown.items,
        next=shown.next,
        lost=report.lost,
        rotation=report.rotation and _rotation(report.rotation),
        hosts=[HostItem(**line._asdict()) for line in report.hosts],
        steps=report.steps,
    )


def rotate(audit: Audit, rotation: Rotation, actor: Actor) -> None:
    """Rotate every ring that needs it, in the background; one that is under way goes on."""
    with audit.act(actor, "keys.rotate", "keys"), suppress(RotationRunning):
        rotation.start()


def _rotation(progress: Progress) -> RotationItem:
    return RotationItem(
        kind=progress.kind,
        state=progress.state,
        done=progress.done,
        total=progress.total,
        stuck=progress.stuck,
    )


def _item(line: KeyLine) -> KeyItem:
    count = line.key
    return KeyItem(
        id=f"{count.kind}:{count.id or count.fingerprint}",
        kind=count.kind,
        key=count.id,
        fingerprint=count.fingerprint,
        newest=count.newest,
        rows=count.rows,
        state=line.state,
        until=iso_time(line.until) if line.until else None,
    )
