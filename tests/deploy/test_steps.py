"""What migrations are made of: each step does what is missing, and nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from click import ClickException

from wxlogin.database import steps

PEOPLE = 2_500
"""More than a column is filled for at once, twice."""


@pytest.fixture
def connection(new_url: Callable[[], str]) -> Iterator[sa.Connection]:
    """A connection to an empty database, within a migration."""
    engine = sa.create_engine(new_url())
    with engine.connect() as open_one, Operations.context(MigrationContext.configure(open_one)):
        yield open_one
    engine.dispose()


def person(name_length: int = 20) -> None:
    """Make the table."""
    steps.create_table(
        "person",
        sa.Column("id", steps.row_id(), primary_key=True),
        sa.Column("name", steps.exact(name_length), nullable=False, index=True),
    )


def test_each_step_may_be_repeated(connection: sa.Connection) -> None:
    for _ in range(2):
        person()
    for _ in range(2):
        steps.add_column("person", sa.Column("town", steps.text(20)))
        steps.create_index(None, "person", ["town"])
    for _ in range(2):
        steps.drop_index("ix_person_town", "person")
        steps.drop_column("person", "town")
    inspector = sa.inspect(connection)
    assert [column["name"] for column in inspector.get_columns("person")] == ["id", "name"]
    assert [row["name"] for row in inspector.get_indexes("person")] == ["ix_person_name"]
    for _ in range(2):
        steps.drop_table("person")


def test_another_shape_is_refused(connection: sa.Connection) -> None:
    person()
    steps.add_column("person", sa.Column("town", steps.text(20)))
    steps.create_index("ix_person_town", "person", ["town"])
    with pytest.raises(ClickException, match="Table person has other columns than"):
        person()
    with pytest.raises(ClickException, match="Column town of table person is another than"):
        steps.add_column("person", sa.Column("town", steps.text(20), nullable=False))
    with pytest.raises(ClickException, match="Column town of table person is another than"):
        steps.add_column("person", sa.Column("town", sa.Integer()))
    with pytest.raises(ClickException, match="Index ix_person_town has other columns than"):
        steps.create_index("ix_person_town", "person", ["name"])


def test_filling_goes_on_where_it_was_stopped(connection: sa.Connection) -> None:
    person()
    steps.add_column("person", sa.Column("greeting", steps.exact(40)))
    table = sa.table("person", sa.column("id"), sa.column("name"), sa.column("greeting"))
    rows = [{"name": f"n{number}", "greeting": None} for number in range(PEOPLE)]
    connection.execute(table.insert(), rows)
    made: list[str] = []

    def greeting(row: sa.Row[tuple[int, str]]) -> str:
        made.append(row.name)
        if len(made) == 1_500:
            raise KeyboardInterrupt
        return f"hello {row.name}"

    with pytest.raises(KeyboardInterrupt):
        steps.fill("person", "greeting", ["name"], greeting)
    steps.fill("person", "greeting", ["name"], greeting)
    found = connection.execute(sa.select(table.c.name, table.c.greeting)).all()
    assert [row.greeting for row in found] == [f"hello {row.name}" for row in found]
    assert len(made) == 1_500 + PEOPLE - steps.ROWS
