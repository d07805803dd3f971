"""Mini-programs, their users, the history of logins."""

import sqlalchemy as sa

from wxlogin.database import steps

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    steps.create_table(
        "app",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("appid", steps.exact(32), nullable=False, unique=True),
        sa.Column("name", steps.text(64), nullable=False),
        sa.Column("secret_sealed", sa.Text(), nullable=False),
        sa.Column("status", steps.exact(16), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
    )
    steps.create_table(
        "user",
        sa.Column("id", steps.row_id(), primary_key=True),
        sa.Column("public_id", steps.exact(22), nullable=False, unique=True),
        sa.Column("app_id", sa.Integer(), sa.ForeignKey("app.id"), nullable=False),
        sa.Column("openid_sealed", sa.Text(), nullable=False),
        sa.Column("openid_index", steps.exact(64), nullable=False),
        sa.Column("index_key", steps.exact(16), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("last_login_at", sa.DateTime(), nullable=False),
        sa.UniqueConstraint("app_id", "openid_index"),
    )
    steps.create_table(
        "login_record",
        sa.Column("id", steps.row_id(), primary_key=True),
        sa.Column("user_id", steps.row_id(), sa.ForeignKey("user.id"), nullable=False),
        sa.Column("session_id", steps.exact(22), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False, index=True),
        sa.Column("ip", steps.exact(45), nullable=False),
        sa.Column("platform", steps.exact(16), nullable=False),
        sa.Column("device_name", steps.text(64), nullable=False),
    )
    steps.create_index(None, "login_record", ["user_id", "at"])


def downgrade() -> None:
    steps.drop_table("login_record")
    steps.drop_table("user")
    steps.drop_table("app")
