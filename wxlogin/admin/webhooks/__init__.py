"""Webhooks: endpoints and what they got."""

from wxlogin.admin.webhooks import delivery_pages, pages, routes

__all__ = ["delivery_pages", "pages", "routes"]
