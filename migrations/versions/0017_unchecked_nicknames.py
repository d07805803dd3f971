"""Nicknames that WeChat could not check when they were stored."""

import sqlalchemy as sa

from wxlogin.database import steps

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    steps.add_column("user", sa.Column("nickname_unchecked", sa.Boolean()))


def downgrade() -> None:
    steps.drop_column("user", "nickname_unchecked")
