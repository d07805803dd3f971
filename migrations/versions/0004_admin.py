"""Admins, API tokens, the audit trail; bans of users, push keys of apps."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0004"
down_revision = "0003"
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
        "admin",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("public_id", exact(22), nullable=False, unique=True),
        sa.Column("name", exact(64), nullable=False, unique=True),
        sa.Column("role", exact(16), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("totp_sealed", sa.Text()),
        sa.Column("totp_since", sa.DateTime()),
        sa.Column("totp_step", sa.Integer(), nullable=False),
        sa.Column("recovery_codes", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("last_login_at", sa.DateTime()),
        sa.Column("disabled_at", sa.DateTime()),
    )
    op.create_table(
        "api_token",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("public_id", exact(22), nullable=False, unique=True),
        sa.Column("name", text(64), nullable=False),
        sa.Column("scopes", exact(64), nullable=False),
        sa.Column("digest", exact(64), nullable=False, unique=True),
        sa.Column("made_by", exact(64), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("last_used_at", sa.DateTime()),
        sa.Column("revoked_at", sa.DateTime()),
    )
    op.create_table(
        "audit_entry",
        sa.Column("id", row_id(), primary_key=True),
        sa.Column("number", row_id(), nullable=False, unique=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor", exact(80), nullable=False),
        sa.Column("act", exact(64), nullable=False),
        sa.Column("target", exact(80), nullable=False),
        sa.Column("outcome", exact(16), nullable=False),
        sa.Column("intent", row_id()),
        sa.Column("reason", text(200), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("address", exact(64), nullable=False),
        sa.Column("request_id", exact(64), nullable=False),
        sa.Column("key_id", exact(16), nullable=False),
        sa.Column("mac", exact(64), nullable=False),
    )
    op.create_index(None, "audit_entry", ["target", "id"])
    with op.batch_alter_table("user") as user:
        user.add_column(sa.Column("ban_reason", text(200)))
        user.add_column(sa.Column("banned_until", sa.DateTime()))
    with op.batch_alter_table("app") as app:
        app.add_column(sa.Column("push_token_sealed", sa.Text()))
        app.add_column(sa.Column("push_aes_key_sealed", sa.Text()))


def downgrade() -> None:
    with op.batch_alter_table("app") as app:
        app.drop_column("push_aes_key_sealed")
        app.drop_column("push_token_sealed")
    with op.batch_alter_table("user") as user:
        user.drop_column("banned_until")
        user.drop_column("ban_reason")
    op.drop_table("audit_entry")
    op.drop_table("api_token")
    op.drop_table("admin")
