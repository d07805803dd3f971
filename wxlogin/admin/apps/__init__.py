"""Mini-programs: their secrets, and switching them off and on."""

from wxlogin.admin.apps import guide_pages, pages, routes

__all__ = ["guide_pages", "pages", "routes"]
