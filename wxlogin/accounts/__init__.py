"""Mini-programs and their users in SQL, with all that names them sealed."""

from wxlogin.accounts.apps import Apps, MiniProgram
from wxlogin.accounts.bans import Ban, Bans
from wxlogin.accounts.erasure import Erasure
from wxlogin.accounts.key_use import KeyCensus
from wxlogin.accounts.people import People
from wxlogin.accounts.registry import AppRegistry
from wxlogin.accounts.user_keys import UserKeys
from wxlogin.accounts.users import Users

__all__ = [
    "AppRegistry",
    "Apps",
    "Ban",
    "Bans",
    "Erasure",
    "KeyCensus",
    "MiniProgram",
    "People",
    "UserKeys",
    "Users",
]
