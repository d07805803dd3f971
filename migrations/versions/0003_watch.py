"""Security events, alerts, and the region of a login."""

import sqlalchemy as sa

from wxlogin.database import steps

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    steps.create_table(
        "security_event",
        sa.Column("id", steps.row_id(), primary_key=True),
        sa.Column("kind", steps.exact(40), nullable=False),
        sa.Column("subject", steps.exact(64), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("user", steps.exact(22)),
        sa.Column("address", steps.exact(64), nullable=False),
        sa.Column("request_id", steps.exact(64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(), nullable=False),
        sa.Column("last_at", sa.DateTime(), nullable=False, index=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.UniqueConstraint("kind", "subject", "minute"),
    )
    steps.create_index(None, "security_event", ["user", "id"])
    steps.create_index(None, "security_event", ["kind", "id"])
    steps.create_table(
        "alert",
        sa.Column("id", steps.row_id(), primary_key=True),
        sa.Column("rule", steps.exact(40), nullable=False),
        sa.Column("subject", steps.exact(64), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False, index=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(), index=True),
        sa.Column("delivered_at", sa.DateTime()),
        sa.UniqueConstraint("rule", "subject", "hour"),
    )
    steps.add_column("login_record", sa.Column("region", steps.text(64)))


def downgrade() -> None:
    steps.drop_column("login_record", "region")
    steps.drop_table("alert")
    steps.drop_table("security_event")
