"""Mini-programs: their secrets, and switching them off and on."""

from wxlogin.admin.apps import pages, routes

__all__ = ["pages", "routes"]
