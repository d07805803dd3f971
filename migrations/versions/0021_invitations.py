"""Admins are invited, and a password that somebody else knows has to be replaced."""

import sqlalchemy as sa

from wxlogin.database import steps

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    steps.add_column("admin", sa.Column("invitation_digest", steps.exact(64)))
    steps.add_column("admin", sa.Column("invitation_until", sa.DateTime()))
    steps.add_column("admin", sa.Column("must_change_password", sa.Boolean()))
    steps.create_index(None, "admin", ["invitation_digest"])


def downgrade() -> None:
    steps.drop_index("ix_admin_invitation_digest", table_name="admin")
    for column in ("must_change_password", "invitation_until", "invitation_digest"):
        steps.drop_column("admin", column)
