"""Mini-programs and their users in SQL; all personal data and secrets are sealed."""

from wxlogin.accounts.app_access import AppAccess
from wxlogin.accounts.app_admin import AppAdmin
from wxlogin.accounts.apps import Apps, MiniProgram
from wxlogin.accounts.bans import Ban, Bans
from wxlogin.accounts.erasure import Erasure
from wxlogin.accounts.first_logins import FirstLogins
from wxlogin.accounts.key_usage import KeyUsage
from wxlogin.accounts.phone_number_usage import PhoneNumberUsage
from wxlogin.accounts.reconciliation import Reconciliation
from wxlogin.accounts.session_revocation import SessionRevocation
from wxlogin.accounts.token_resets import TokenResets
from wxlogin.accounts.user_directory import UserDirectory
from wxlogin.accounts.user_keys import UserKeys
from wxlogin.accounts.users import Users

__all__ = [
    "AppAccess",
    "AppAdmin",
    "Apps",
    "Ban",
    "Bans",
    "Erasure",
    "FirstLogins",
    "KeyUsage",
    "MiniProgram",
    "PhoneNumberUsage",
    "Reconciliation",
    "SessionRevocation",
    "TokenResets",
    "UserDirectory",
    "UserKeys",
    "Users",
]
