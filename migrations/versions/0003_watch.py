"""Security events, alerts, and the region of a login."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def exact(length: int) -> sa.String:
    """ASCII text, equal only to the letter."""
    return sa.String(length).with_variant(
        mysql.VARCHAR(length, charset="ascii", collation="ascii_bin"), "mysql", "mariadb"
    )


def text(length: int) -> sa.String:
    """Text in any script, whatever character set the database was made with."""
    return sa.String(length).with_variant(
        mysql.VARCHAR(length, charset="utf8mb4"), "mysql", "mariadb"
    )


def row_id() -> sa.BigInteger:
    """Row numbers that SQLite counts up by itself."""
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "security_event",
        sa.Column("id", row_id(), primary_key=True),
        sa.Column("kind", exact(40), nullable=False),
        sa.Column("subject", exact(64), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("user", exact(22)),
        sa.Column("address", exact(64), nullable=False),
        sa.Column("request_id", exact(64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(), nullable=False),
        sa.Column("last_at", sa.DateTime(), nullable=False, index=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.UniqueConstraint("kind", "subject", "minute"),
    )
    op.create_index(None, "security_event", ["user", "id"])
    op.create_index(None, "security_event", ["kind", "id"])
    op.create_table(
        "alert",
        sa.Column("id", row_id(), primary_key=True),
        sa.Column("rule", exact(40), nullable=False),
        sa.Column("subject", exact(64), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False, index=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(), index=True),
        sa.Column("delivered_at", sa.DateTime()),
        sa.UniqueConstraint("rule", "subject", "hour"),
    )
    with op.batch_alter_table("login_record") as login_record:
        login_record.add_column(sa.Column("region", text(64)))


def downgrade() -> None:
    with op.batch_alter_table("login_record") as login_record:
        login_record.drop_column("region")
    op.drop_table("alert")
    op.drop_table("security_event")
