"""Users in and out by files, put together."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Engine

from wxlogin.accounts.exporting import Exporting
from wxlogin.accounts.id_propagation import IdPropagation
from wxlogin.accounts.import_sealing import Sealing
from wxlogin.accounts.importing import Importing
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
    id_propagation: IdPropagation,
) -> UserFiles:
    """Return both."""
    sealing = Sealing(vault, index)
    importing = Importing(sql, sealing, clock, persons, id_propagation)
    return UserFiles(importing, Exporting(sql, vault))
