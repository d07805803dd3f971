"""What the operator at hand may do; buttons for the rest are not shown, and are refused anyway."""

from __future__ import annotations

from wxlogin.guard.operators import signed_in
from wxlogin.operators.permissions import PERMISSIONS


def may(permission: str) -> bool:
    """Whether the admin's role has the permission."""
    return signed_in().admin.role in PERMISSIONS[permission].roles
