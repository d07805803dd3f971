"""The page that a scan opens, by mini-program."""

import sqlalchemy as sa

from wxlogin.database import steps

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    steps.add_column("app", sa.Column("scan_page", steps.exact(128)))
    steps.add_column("app", sa.Column("scan_version", steps.exact(16)))
    steps.add_column("app", sa.Column("scan_check_path", sa.Boolean()))


def downgrade() -> None:
    steps.drop_column("app", "scan_check_path")
    steps.drop_column("app", "scan_version")
    steps.drop_column("app", "scan_page")
