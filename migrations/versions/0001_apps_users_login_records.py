"""Mini-programs, their users, the history of logins."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0001"
down_revision = None
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
        "app",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("appid", exact(32), nullable=False, unique=True),
        sa.Column("name", text(64), nullable=False),
        sa.Column("secret_sealed", sa.Text(), nullable=False),
        sa.Column("status", exact(16), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
    )
    op.create_table(
        "user",
        sa.Column("id", row_id(), primary_key=True),
        sa.Column("public_id", exact(22), nullable=False, unique=True),
        sa.Column("app_id", sa.Integer(), sa.ForeignKey("app.id"), nullable=False),
        sa.Column("openid_sealed", sa.Text(), nullable=False),
        sa.Column("openid_index", exact(64), nullable=False),
        sa.Column("index_key", exact(16), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("last_login_at", sa.DateTime(), nullable=False),
        sa.UniqueConstraint("app_id", "openid_index"),
    )
    op.create_table(
        "login_record",
        sa.Column("id", row_id(), primary_key=True),
        sa.Column("user_id", row_id(), sa.ForeignKey("user.id"), nullable=False),
        sa.Column("session_id", exact(22), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False, index=True),
        sa.Column("ip", exact(45), nullable=False),
        sa.Column("platform", exact(16), nullable=False),
        sa.Column("device_name", text(64), nullable=False),
    )
    op.create_index(None, "login_record", ["user_id", "at"])


def downgrade() -> None:
    op.drop_table("login_record")
    op.drop_table("user")
    op.drop_table("app")
