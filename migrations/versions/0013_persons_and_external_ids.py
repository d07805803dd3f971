"""Users of one person have one id in all mini-programs; a team gives its own ids to users."""

import base64
import hashlib
import secrets
from typing import Any

import sqlalchemy as sa

from wxlogin.database import steps

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    steps.add_column("user", sa.Column("person", steps.exact(22)))
    steps.add_column("user", sa.Column("external_id", steps.exact(64)))
    steps.add_column("user", sa.Column("ids_version", sa.Integer()))
    steps.fill("user", "person", ["unionid_index"], _person)
    steps.create_index(None, "user", ["person"])
    steps.create_index(None, "user", ["app_id", "external_id"], unique=True)


def downgrade() -> None:
    steps.drop_index("ix_user_app_id_external_id", table_name="user")
    steps.drop_index("ix_user_person", table_name="user")
    steps.drop_column("user", "ids_version")
    steps.drop_column("user", "external_id")
    steps.drop_column("user", "person")


def _person(user: sa.Row[Any]) -> str:
    """Return a random id; users of one unionid get the same, also after an interruption.

    The index is an HMAC of the unionid, and the id a digest of it: neither tells the other.
    """
    if user.unionid_index is None:
        return secrets.token_urlsafe(16)
    digest = hashlib.sha256(f"wxlogin.person:{user.unionid_index}".encode()).digest()
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()
