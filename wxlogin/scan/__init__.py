"""Scan to sign in on the web: the browser's calls, the phone's, and a ready page."""

from wxlogin.scan.pages import page
from wxlogin.scan.routes import browser, phone

__all__ = ["BLUEPRINTS"]

BLUEPRINTS = (browser, phone, page)
