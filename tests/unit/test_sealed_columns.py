"""No sealed column and no blind index is forgotten when keys are rotated."""

from __future__ import annotations

from wxlogin.accounts.blind_indexes import INDEXES
from wxlogin.extensions import Base
from wxlogin.models import User
from wxlogin.models.sealed_columns import sealed_tables
from wxlogin.models.types import Sealed

COLUMNS = [column for table in Base.metadata.tables.values() for column in table.columns]


def test_every_column_that_is_called_sealed_is_of_the_type() -> None:
    named = {str(column) for column in COLUMNS if column.name.endswith("_sealed")}
    assert {str(column) for column in COLUMNS if isinstance(column.type, Sealed)} == named
    assert {str(column) for table in sealed_tables() for column in table.columns} == named


def test_every_blind_index_is_reindexed() -> None:
    named = {str(column) for column in COLUMNS if column.name.endswith("_index")}
    known = {str(User.__table__.columns[one.index]) for one in INDEXES}
    assert named == known | {"user_openid_index.openid_index"}


def test_what_opens_other_doors_is_resealed_first() -> None:
    names = [table.name for table in sealed_tables()]
    assert set(names[:2]) == {"app", "admin"}
