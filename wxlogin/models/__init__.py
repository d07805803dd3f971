"""The tables, and nothing but tables."""

from wxlogin.models.admin import Admin
from wxlogin.models.alert import Alert
from wxlogin.models.api_token import ApiToken
from wxlogin.models.app import App
from wxlogin.models.audit_entry import AuditEntry
from wxlogin.models.login_record import LoginRecord
from wxlogin.models.security_event import SecurityEvent
from wxlogin.models.user import User

__all__ = [
    "Admin",
    "Alert",
    "ApiToken",
    "App",
    "AuditEntry",
    "LoginRecord",
    "SecurityEvent",
    "User",
]
