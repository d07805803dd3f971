"""What was ended for good: erased users, the times before which sessions are void, versions."""

import sqlalchemy as sa

from wxlogin.database import steps

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    steps.add_column("user", sa.Column("ban_version", sa.Integer()))
    steps.add_column("user", sa.Column("void_before", sa.BigInteger()))
    steps.create_index(None, "user", ["void_before"])
    steps.add_column("app", sa.Column("version", sa.Integer()))
    steps.add_column("app", sa.Column("void_before", sa.BigInteger()))
    steps.create_table(
        "erased_user",
        sa.Column("id", steps.row_id(), primary_key=True),
        sa.Column("public_id", steps.exact(22), nullable=False, unique=True),
        sa.Column("at", sa.DateTime(), nullable=False, index=True),
    )


def downgrade() -> None:
    steps.drop_table("erased_user")
    steps.drop_column("app", "void_before")
    steps.drop_column("app", "version")
    steps.drop_index("ix_user_void_before", table_name="user")
    steps.drop_column("user", "void_before")
    steps.drop_column("user", "ban_version")
