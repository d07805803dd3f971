"""Webhooks: endpoints and what they got."""

from wxlogin.admin.webhooks import pages, routes

__all__ = ["pages", "routes"]
