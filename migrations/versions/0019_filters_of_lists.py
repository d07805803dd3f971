"""Filters of lists: the mini-program of an event, and indexes of what lists are filtered by."""

import json

import sqlalchemy as sa

from wxlogin.database import steps

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

LONGEST_APPID = 32


def upgrade() -> None:
    steps.add_column("security_event", sa.Column("app", steps.exact(LONGEST_APPID)))
    steps.fill("security_event", "app", ["detail"], _app)
    steps.create_index(None, "security_event", ["app", "id"])
    steps.create_index(None, "security_event", ["address", "id"])
    steps.create_index(None, "security_event", ["last_at", "id"])
    steps.drop_index("ix_security_event_last_at", table_name="security_event")
    for column in ("actor", "act", "outcome", "at"):
        steps.create_index(None, "audit_entry", [column, "id"])
    steps.create_index(None, "audit_entry", ["intent"])
    steps.create_index(None, "user", ["app_id", "id"])
    steps.create_index(None, "user", ["ban_reason"])
    steps.create_index(None, "user", ["created_at"])


def downgrade() -> None:
    for column in ("created_at", "ban_reason", "app_id_id"):
        steps.drop_index(f"ix_user_{column}", table_name="user")
    for columns in ("intent", "at_id", "outcome_id", "act_id", "actor_id"):
        steps.drop_index(f"ix_audit_entry_{columns}", table_name="audit_entry")
    steps.create_index(None, "security_event", ["last_at"])
    for columns in ("last_at_id", "address_id", "app_id"):
        steps.drop_index(f"ix_security_event_{columns}", table_name="security_event")
    steps.drop_column("security_event", "app")


def _app(row: sa.Row[tuple[int, str]]) -> str:
    """Return the mini-program that an event's detail names, empty for none."""
    found = json.loads(row.detail).get("app", "")
    return str(found)[:LONGEST_APPID]
