"""Alerts: what the rules found, and who looks after it."""

from wxlogin.admin.alerts import pages, routes

__all__ = ["pages", "routes"]
