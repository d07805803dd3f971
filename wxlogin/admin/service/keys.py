"""What is shown of the keys."""

from __future__ import annotations

from wxlogin.accounts.key_use import KeyLine
from wxlogin.admin.paging import PageQuery, page
from wxlogin.admin.schemas.keys import KeyItem, KeyPage
from wxlogin.engines import Engines


def listed(engines: Engines, query: PageQuery) -> KeyPage:
    """A page of the keys with the rows that need them."""
    position = query.position(int)
    use = engines.keys.take()
    rows = list(enumerate(use.keys))[int(position[0]) + 1 if position else 0 :]
    shown = page(rows, query.limit, lambda row: _item(row[1]), lambda row: (row[0],))
    return KeyPage(items=shown.items, next=shown.next, lost=use.lost)


def _item(line: KeyLine) -> KeyItem:
    return KeyItem(
        id=f"{line.kind}:{line.id or line.fingerprint}",
        kind=line.kind,
        key=line.id,
        fingerprint=line.fingerprint,
        newest=line.newest,
        rows=line.rows,
    )
