"""What a signed-in user sees, changes, takes along and deletes of themselves."""

from wxlogin.me.routes import me, profile

BLUEPRINTS = (me, profile)

__all__ = ["BLUEPRINTS"]
