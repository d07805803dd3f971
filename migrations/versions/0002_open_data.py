"""What WeChat tells of a user: unionid, phone and profile, sealed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def digest() -> sa.String:
    """A blind index: ASCII text, equal only to the letter."""
    return sa.String(64).with_variant(
        mysql.VARCHAR(64, charset="ascii", collation="ascii_bin"), "mysql", "mariadb"
    )


def upgrade() -> None:
    with op.batch_alter_table("user") as user:
        user.add_column(sa.Column("unionid_sealed", sa.Text()))
        user.add_column(sa.Column("unionid_index", digest()))
        user.add_column(sa.Column("phone_sealed", sa.Text()))
        user.add_column(sa.Column("phone_index", digest()))
        user.add_column(sa.Column("profile_sealed", sa.Text()))
        user.create_index("ix_user_unionid_index", ["unionid_index"])
        user.create_index("ix_user_phone_index", ["phone_index"])


def downgrade() -> None:
    with op.batch_alter_table("user") as user:
        user.drop_index("ix_user_phone_index")
        user.drop_index("ix_user_unionid_index")
        for column in ("profile_sealed", "phone_index", "phone_sealed", "unionid_index", "unionid_sealed"):
            user.drop_column(column)
