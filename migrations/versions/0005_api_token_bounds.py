"""API tokens end, are bound to mini-programs and networks, and have a keeper."""

import sqlalchemy as sa

from wxlogin.database import steps

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    steps.add_column("api_token", sa.Column("apps", sa.Text()))
    steps.add_column("api_token", sa.Column("networks", sa.Text()))
    steps.add_column("api_token", sa.Column("keeper", steps.exact(64)))
    steps.add_column("api_token", sa.Column("expires_at", sa.DateTime()))


def downgrade() -> None:
    steps.drop_column("api_token", "expires_at")
    steps.drop_column("api_token", "keeper")
    steps.drop_column("api_token", "networks")
    steps.drop_column("api_token", "apps")
