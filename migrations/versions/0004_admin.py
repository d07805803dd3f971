"""Admins, API tokens, the audit trail; bans of users, push keys of apps."""

import sqlalchemy as sa

from wxlogin.database import steps

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    steps.create_table(
        "admin",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("public_id", steps.exact(22), nullable=False, unique=True),
        sa.Column("name", steps.exact(64), nullable=False, unique=True),
        sa.Column("role", steps.exact(16), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("totp_sealed", sa.Text()),
        sa.Column("totp_since", sa.DateTime()),
        sa.Column("totp_step", sa.Integer(), nullable=False),
        sa.Column("recovery_codes", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("last_login_at", sa.DateTime()),
        sa.Column("disabled_at", sa.DateTime()),
    )
    steps.create_table(
        "api_token",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("public_id", steps.exact(22), nullable=False, unique=True),
        sa.Column("name", steps.text(64), nullable=False),
        sa.Column("scopes", steps.exact(64), nullable=False),
        sa.Column("digest", steps.exact(64), nullable=False, unique=True),
        sa.Column("made_by", steps.exact(64), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("last_used_at", sa.DateTime()),
        sa.Column("revoked_at", sa.DateTime()),
    )
    steps.create_table(
        "audit_entry",
        sa.Column("id", steps.row_id(), primary_key=True),
        sa.Column("number", steps.row_id(), nullable=False, unique=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor", steps.exact(80), nullable=False),
        sa.Column("act", steps.exact(64), nullable=False),
        sa.Column("target", steps.exact(80), nullable=False),
        sa.Column("outcome", steps.exact(16), nullable=False),
        sa.Column("intent", steps.row_id()),
        sa.Column("reason", steps.text(200), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("address", steps.exact(64), nullable=False),
        sa.Column("request_id", steps.exact(64), nullable=False),
        sa.Column("key_id", steps.exact(16), nullable=False),
        sa.Column("mac", steps.exact(64), nullable=False),
    )
    steps.create_index(None, "audit_entry", ["target", "id"])
    steps.add_column("user", sa.Column("ban_reason", steps.text(200)))
    steps.add_column("user", sa.Column("banned_until", sa.DateTime()))
    steps.add_column("app", sa.Column("push_token_sealed", sa.Text()))
    steps.add_column("app", sa.Column("push_aes_key_sealed", sa.Text()))


def downgrade() -> None:
    steps.drop_column("app", "push_aes_key_sealed")
    steps.drop_column("app", "push_token_sealed")
    steps.drop_column("user", "banned_until")
    steps.drop_column("user", "ban_reason")
    steps.drop_table("audit_entry")
    steps.drop_table("api_token")
    steps.drop_table("admin")
