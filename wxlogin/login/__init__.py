"""Sign in, sign out, my sessions, and the check for nginx."""

from wxlogin.login.routes import account, auth, login

__all__ = ["account", "auth", "login"]
