"""Users: finding them, showing them, and what operators do to them."""

from wxlogin.admin.users import action_pages, avatar_pages, pages, routes, selection_pages

__all__ = ["action_pages", "avatar_pages", "pages", "routes", "selection_pages"]
