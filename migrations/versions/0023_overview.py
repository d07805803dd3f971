"""The overview counts users who logged in from one index alone."""

from wxlogin.database import steps

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    steps.create_index(None, "login_record", ["at", "user_id"])
    steps.drop_index("ix_login_record_at", table_name="login_record")


def downgrade() -> None:
    steps.create_index("ix_login_record_at", "login_record", ["at"])
    steps.drop_index("ix_login_record_at_user_id", table_name="login_record")
