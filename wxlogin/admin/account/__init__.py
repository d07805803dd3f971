"""Signing in and out, and the account of the admin who is signed in."""

from wxlogin.admin.account import (
    pages,
    passkey_pages,
    passkey_routes,
    routes,
    second_factor_pages,
    sign_in_pages,
    sign_in_routes,
)

__all__ = [
    "pages",
    "passkey_pages",
    "passkey_routes",
    "routes",
    "second_factor_pages",
    "sign_in_pages",
    "sign_in_routes",
]
