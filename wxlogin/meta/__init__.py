"""The service about itself: alive, ready, its OpenAPI document and a page to read it."""

from wxlogin.meta.routes import meta

__all__ = ["meta"]
