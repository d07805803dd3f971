"""API tokens of other services."""

from wxlogin.admin.tokens import pages, routes

__all__ = ["pages", "routes"]
