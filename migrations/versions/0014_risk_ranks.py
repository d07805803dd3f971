"""WeChat's risk rank of a user at the first login."""

import sqlalchemy as sa

from wxlogin.database import steps

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    steps.add_column("user", sa.Column("risk_rank", sa.Integer()))


def downgrade() -> None:
    steps.drop_column("user", "risk_rank")
