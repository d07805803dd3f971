"""Mini-programs and their users in SQL, with all that names them sealed."""

from wxlogin.accounts.apps import Apps, MiniProgram
from wxlogin.accounts.users import Users

__all__ = ["Apps", "MiniProgram", "Users"]
