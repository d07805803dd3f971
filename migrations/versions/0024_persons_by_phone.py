"""Whose phone number WeChat itself told, and whom an operator unlinked from their person."""

import sqlalchemy as sa

from wxlogin.database import steps

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    steps.add_column("user", sa.Column("phone_told", sa.Boolean(), nullable=True))
    steps.add_column("user", sa.Column("kept_apart", sa.Boolean(), nullable=True))


def downgrade() -> None:
    steps.drop_column("user", "kept_apart")
    steps.drop_column("user", "phone_told")
