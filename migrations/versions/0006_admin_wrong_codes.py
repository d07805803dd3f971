"""Wrong second factors are counted, and each further one waits longer."""

import sqlalchemy as sa

from wxlogin.database import steps

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    steps.add_column("admin", sa.Column("wrong_codes", sa.Integer()))
    steps.add_column("admin", sa.Column("locked_until", sa.DateTime()))


def downgrade() -> None:
    steps.drop_column("admin", "locked_until")
    steps.drop_column("admin", "wrong_codes")
