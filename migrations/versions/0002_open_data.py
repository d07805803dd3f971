"""What WeChat tells of a user: unionid, phone and profile, sealed."""

import sqlalchemy as sa

from wxlogin.database import steps

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    steps.add_column("user", sa.Column("unionid_sealed", sa.Text()))
    steps.add_column("user", sa.Column("unionid_index", steps.exact(64)))
    steps.add_column("user", sa.Column("phone_sealed", sa.Text()))
    steps.add_column("user", sa.Column("phone_index", steps.exact(64)))
    steps.add_column("user", sa.Column("profile_sealed", sa.Text()))
    steps.create_index(None, "user", ["unionid_index"])
    steps.create_index(None, "user", ["phone_index"])


def downgrade() -> None:
    steps.drop_index("ix_user_phone_index", "user")
    steps.drop_index("ix_user_unionid_index", "user")
    steps.drop_column("user", "profile_sealed")
    steps.drop_column("user", "phone_index")
    steps.drop_column("user", "phone_sealed")
    steps.drop_column("user", "unionid_index")
    steps.drop_column("user", "unionid_sealed")
