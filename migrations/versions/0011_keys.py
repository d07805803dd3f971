"""The keys that were ever used, and openids under every index key."""

import sqlalchemy as sa

from wxlogin.database import steps

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    steps.create_table(
        "known_key",
        sa.Column("id", steps.row_id(), primary_key=True),
        sa.Column("kind", steps.exact(8), nullable=False),
        sa.Column("key_id", steps.exact(16), nullable=False),
        sa.Column("check_value", steps.exact(64), nullable=False),
        sa.Column("audit_key_sealed", sa.Text()),
        sa.Column("first_seen_at", sa.DateTime(), nullable=False),
        sa.Column("used_at", sa.DateTime()),
        sa.Column("unneeded_at", sa.DateTime()),
        sa.Column("given_up_at", sa.DateTime()),
        sa.UniqueConstraint("kind", "key_id"),
    )
    steps.create_table(
        "user_openid_index",
        sa.Column("id", steps.row_id(), primary_key=True),
        sa.Column("app_id", sa.Integer(), sa.ForeignKey("app.id"), nullable=False),
        sa.Column("openid_index", steps.exact(64), nullable=False),
        sa.Column("index_key", steps.exact(16), nullable=False),
        sa.Column(
            "user_id",
            steps.row_id(),
            sa.ForeignKey("user.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.UniqueConstraint("app_id", "openid_index"),
    )


def downgrade() -> None:
    steps.drop_table("user_openid_index")
    steps.drop_table("known_key")
