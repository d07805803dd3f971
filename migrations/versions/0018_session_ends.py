"""How sessions ended, when they expire, and indexes for timelines and for finding things."""

import sqlalchemy as sa

from wxlogin.database import steps

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

INDEXES = (
    ("login_record", ["user_id", "expires_at"]),
    ("login_record", ["ip", "at"]),
    ("login_record", ["request_id"]),
    ("security_event", ["user", "first_at"]),
    ("security_event", ["request_id"]),
    ("audit_entry", ["target", "at"]),
    ("audit_entry", ["request_id"]),
)
COLUMNS = ("expires_at", "last_at", "request_id")


def upgrade() -> None:
    steps.create_table(
        "session_end",
        sa.Column("id", steps.row_id(), primary_key=True),
        # A user goes with the rows that were written while an erasure, or an older program, runs.
        sa.Column(
            "user_id",
            steps.row_id(),
            sa.ForeignKey("user.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("session_id", steps.exact(22), nullable=False, unique=True),
        sa.Column("at", sa.DateTime(), nullable=False, index=True),
        sa.Column("why", steps.exact(16), nullable=False),
        sa.Column("by", steps.exact(80), nullable=False),
        sa.Column("reason", steps.text(200), nullable=False),
        sa.Column("request_id", steps.exact(64), nullable=False, index=True),
    )
    steps.create_index(None, "session_end", ["user_id", "at"])
    steps.add_column("login_record", sa.Column("expires_at", sa.DateTime()))
    steps.add_column("login_record", sa.Column("last_at", sa.DateTime()))
    steps.add_column("login_record", sa.Column("request_id", steps.exact(64)))
    for table, columns in INDEXES:
        steps.create_index(None, table, columns)


def downgrade() -> None:
    for table, columns in reversed(INDEXES):
        steps.drop_index("_".join(["ix", table, *columns]), table_name=table)
    for name in reversed(COLUMNS):
        steps.drop_column("login_record", name)
    steps.drop_table("session_end")
