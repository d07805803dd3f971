"""When the events of webhooks happened, in milliseconds: the order in which a user's are told."""

import sqlalchemy as sa

from wxlogin.database import steps

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    steps.add_column("webhook_event", sa.Column("at_ms", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    steps.drop_column("webhook_event", "at_ms")
