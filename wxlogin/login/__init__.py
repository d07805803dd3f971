"""Sign in, sign out, my sessions, and the check for nginx."""

from wxlogin.login.routes import SESSION_PATH, account, auth, fast_session, login

__all__ = ["SESSION_PATH", "account", "auth", "fast_session", "login"]
