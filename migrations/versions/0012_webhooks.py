"""Webhooks: endpoints, the outbox of events, and deliveries."""

import sqlalchemy as sa

from wxlogin.database import steps

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    steps.create_table(
        "webhook_endpoint",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("public_id", steps.exact(22), nullable=False, unique=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("events", sa.Text(), nullable=False),
        sa.Column("apps", sa.Text()),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("secret_sealed", sa.Text(), nullable=False),
        sa.Column("previous_sealed", sa.Text()),
        sa.Column("previous_until", sa.DateTime()),
        sa.Column("made_by", steps.exact(64), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("failing_since", sa.DateTime()),
        sa.Column("paused_at", sa.DateTime()),
    )
    steps.create_table(
        "webhook_event",
        sa.Column("id", steps.row_id(), primary_key=True),
        sa.Column("public_id", steps.exact(32), nullable=False, unique=True),
        sa.Column("type", steps.exact(40), nullable=False),
        sa.Column("user", steps.exact(22), index=True),
        sa.Column("app", steps.exact(32)),
        sa.Column("session", steps.exact(22), index=True),
        sa.Column("at", sa.DateTime(), nullable=False, index=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(), index=True),
        sa.Column("lease", steps.exact(22)),
    )
    steps.create_table(
        "webhook_delivery",
        sa.Column("id", steps.row_id(), primary_key=True),
        sa.Column("event_id", steps.row_id(), nullable=False),
        sa.Column("endpoint_id", sa.Integer(), nullable=False),
        sa.Column("user", steps.exact(22), index=True),
        sa.Column("at", sa.DateTime(), nullable=False, index=True),
        sa.Column("began_at", sa.DateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime()),
        sa.Column("lease", steps.exact(22)),
        sa.Column("attempted_at", sa.DateTime()),
        sa.Column("status_code", sa.Integer()),
        sa.Column("fault", steps.exact(80)),
        sa.Column("delivered_at", sa.DateTime()),
        sa.UniqueConstraint("event_id", "endpoint_id"),
    )
    steps.create_index(None, "webhook_delivery", ["endpoint_id", "id"])
    steps.create_index(None, "webhook_delivery", ["endpoint_id", "next_at"])
    steps.create_index(None, "webhook_delivery", ["endpoint_id", "user", "next_at"])


def downgrade() -> None:
    steps.drop_table("webhook_delivery")
    steps.drop_table("webhook_event")
    steps.drop_table("webhook_endpoint")
