"""Users in and out by files, put together."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import Engine

from wxlogin.accounts.exporting import Exporting
from wxlogin.accounts.import_sealing import Sealing
from wxlogin.accounts.importing import Importing
from wxlogin.accounts.live_ids import LiveIds
from wxlogin.accounts.persons import Persons
from wxlogin.clock import Clock
from wxlogin.vault import BlindIndex, Vault


class UserFiles(NamedTuple):
    """The import and the export of users."""

    importing: Importing
    exporting: Exporting


def build_user_files(
    sql: Engine,
    vault: Vault,
    index: BlindIndex,
    clock: Clock,
    persons: Persons,
    live_ids: LiveIds,
    require_known_keys: Callable[[Callable[[], None]], None],
) -> UserFiles:
    """Return both; `require_known_keys` is that of `Users`."""
    sealing = Sealing(vault, index)
    importing = Importing(sql, sealing, clock, persons, live_ids, require_known_keys)
    return UserFiles(importing, Exporting(sql, vault))
