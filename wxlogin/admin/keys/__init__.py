"""The keys of the settings, and what still needs each."""

from wxlogin.admin.keys import pages, routes

__all__ = ["pages", "routes"]
