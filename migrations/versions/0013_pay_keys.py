"""The AppKeys of a mini-program's virtual payment."""

import sqlalchemy as sa

from wxlogin.database import steps

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    steps.add_column("app", sa.Column("pay_key_sealed", sa.Text()))
    steps.add_column("app", sa.Column("pay_key_sandbox_sealed", sa.Text()))


def downgrade() -> None:
    steps.drop_column("app", "pay_key_sandbox_sealed")
    steps.drop_column("app", "pay_key_sealed")
