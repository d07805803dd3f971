"""Indexes of logins by session, and of alerts by subject and by rule and hour."""

from wxlogin.database import steps

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    steps.create_index(None, "login_record", ["session_id"])
    steps.create_index(None, "alert", ["rule", "hour", "subject"])
    steps.create_index(None, "alert", ["subject"])


def downgrade() -> None:
    steps.drop_index("ix_alert_subject", table_name="alert")
    steps.drop_index("ix_alert_rule_hour_subject", table_name="alert")
    steps.drop_index("ix_login_record_session_id", table_name="login_record")
