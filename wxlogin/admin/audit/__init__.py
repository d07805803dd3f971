"""The audit trail."""

from wxlogin.admin.audit import pages, routes

__all__ = ["pages", "routes"]
