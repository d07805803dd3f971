"""When the events of webhooks happened, in milliseconds: the order in which a user's are told."""

import sqlalchemy as sa

from wxlogin.database import steps

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    steps.add_column("webhook_event", sa.Column("at_ms", sa.BigInteger(), nullable=True))
    steps.create_index("ix_webhook_event_user_due_at", "webhook_event", ["user", "due_at"])
    steps.drop_index("ix_webhook_event_user", table_name="webhook_event")


def downgrade() -> None:
    steps.create_index("ix_webhook_event_user", "webhook_event", ["user"])
    steps.drop_index("ix_webhook_event_user_due_at", table_name="webhook_event")
    steps.drop_column("webhook_event", "at_ms")
