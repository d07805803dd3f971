"""Users: finding them, showing them, and what operators do to them."""

from wxlogin.admin.users import action_pages, pages, routes

__all__ = ["action_pages", "pages", "routes"]
