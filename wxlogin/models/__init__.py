"""The tables, and nothing but tables."""

from wxlogin.models.app import App
from wxlogin.models.login_record import LoginRecord
from wxlogin.models.user import User

__all__ = ["App", "LoginRecord", "User"]
