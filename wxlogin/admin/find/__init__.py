"""One search for whatever an operator was told."""

from wxlogin.admin.find import pages, routes

__all__ = ["pages", "routes"]
