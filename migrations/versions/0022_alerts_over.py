"""Alerts go to several channels, and tell when they are over."""

import sqlalchemy as sa

from wxlogin.database import steps

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    steps.add_column("alert", sa.Column("taken_by", steps.exact(32)))
    for column in ("seen_at", "quiet_at", "over_at"):
        steps.add_column("alert", sa.Column(column, sa.DateTime()))
    steps.create_index(None, "alert", ["quiet_at"])


def downgrade() -> None:
    steps.drop_index("ix_alert_quiet_at", table_name="alert")
    for column in ("over_at", "quiet_at", "seen_at", "taken_by"):
        steps.drop_column("alert", column)
