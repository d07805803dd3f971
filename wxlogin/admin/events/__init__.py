"""Security events."""

from wxlogin.admin.events import pages, routes

__all__ = ["pages", "routes"]
