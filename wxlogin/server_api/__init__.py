"""The calls for other services: introspection, identities, links, access_tokens, signatures."""

from wxlogin.server_api.routes import identity, introspection, link, wechat

BLUEPRINTS = (introspection, identity, link, wechat)

__all__ = ["BLUEPRINTS"]
