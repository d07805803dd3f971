"""The overview: numbers over time, and the latest alerts."""

from wxlogin.admin.overview import pages, routes

__all__ = ["pages", "routes"]
