"""Live sessions of all users."""

from wxlogin.admin.sessions import pages, routes, selection_pages

__all__ = ["pages", "routes", "selection_pages"]
