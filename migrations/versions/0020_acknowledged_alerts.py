"""Alerts are acknowledged: when, by whom, with which note."""

import sqlalchemy as sa

from wxlogin.database import steps

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    steps.add_column("alert", sa.Column("acknowledged_at", sa.DateTime()))
    steps.add_column("alert", sa.Column("acknowledged_by", steps.exact(80)))
    steps.add_column("alert", sa.Column("note", steps.text(200)))
    steps.create_index(None, "alert", ["acknowledged_at", "id"])


def downgrade() -> None:
    steps.drop_index("ix_alert_acknowledged_at_id", table_name="alert")
    for column in ("note", "acknowledged_by", "acknowledged_at"):
        steps.drop_column("alert", column)
