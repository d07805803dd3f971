"""Admins: their accounts and roles."""

from wxlogin.admin.admins import pages, routes

__all__ = ["pages", "routes"]
