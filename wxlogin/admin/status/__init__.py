"""How the installation is now: stores, WeChat, webhooks, workers, keys."""

from wxlogin.admin.status import pages, routes

__all__ = ["pages", "routes"]
