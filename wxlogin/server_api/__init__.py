"""The calls for other services: introspection, identity, WeChat's access_token, signatures."""

from wxlogin.server_api.routes import identity, introspection, wechat

BLUEPRINTS = (introspection, identity, wechat)

__all__ = ["BLUEPRINTS"]
