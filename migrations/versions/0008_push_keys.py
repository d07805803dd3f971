"""The push keys before the current ones of a mini-program, and when they were replaced."""

import sqlalchemy as sa

from wxlogin.database import steps

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    steps.add_column("app", sa.Column("push_token_before_sealed", sa.Text()))
    steps.add_column("app", sa.Column("push_aes_key_before_sealed", sa.Text()))
    steps.add_column("app", sa.Column("push_replaced_at", sa.DateTime()))


def downgrade() -> None:
    steps.drop_column("app", "push_replaced_at")
    steps.drop_column("app", "push_aes_key_before_sealed")
    steps.drop_column("app", "push_token_before_sealed")
