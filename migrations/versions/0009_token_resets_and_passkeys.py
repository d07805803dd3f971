"""The second refresh of an access_token is due at a time; admins have passkeys."""

import sqlalchemy as sa

from wxlogin.database import steps

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    steps.add_column("app", sa.Column("token_reset_at", sa.DateTime()))
    steps.add_column("admin", sa.Column("passkey_since", sa.DateTime()))
    steps.create_table(
        "admin_passkey",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("public_id", steps.exact(22), nullable=False, unique=True),
        sa.Column("admin_id", sa.Integer(), sa.ForeignKey("admin.id"), nullable=False),
        sa.Column("name", steps.text(64), nullable=False),
        sa.Column("credential_id", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("sign_count", steps.row_id(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("last_used_at", sa.DateTime()),
    )
    steps.create_index(None, "admin_passkey", ["admin_id"])


def downgrade() -> None:
    steps.drop_table("admin_passkey")
    steps.drop_column("admin", "passkey_since")
    steps.drop_column("app", "token_reset_at")
