"""Live sessions of all users."""

from wxlogin.admin.sessions import pages, routes

__all__ = ["pages", "routes"]
