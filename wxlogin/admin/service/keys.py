"""What is shown of the keys."""

from __future__ import annotations

from wxlogin.accounts.key_use import KeyLine
from wxlogin.admin.schemas.keys import KeyItem, KeyPage
from wxlogin.engines import Engines


def listed(engines: Engines) -> KeyPage:
    """All keys with the rows that need them, on one page."""
    use = engines.keys.take()
    return KeyPage(items=[_item(line) for line in use.keys], next=None, lost=use.lost)


def _item(line: KeyLine) -> KeyItem:
    return KeyItem(
        id=f"{line.kind}:{line.id or line.fingerprint}",
        kind=line.kind,
        key=line.id,
        fingerprint=line.fingerprint,
        newest=line.newest,
        rows=line.rows,
    )
