"""Open data: what WeChat encrypts and signs for the page, opened and checked here."""

from wxlogin.decrypt.routes import decrypt

__all__ = ["decrypt"]
