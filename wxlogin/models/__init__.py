"""The tables of the database."""

from wxlogin.models.admin import Admin
from wxlogin.models.admin_passkey import AdminPasskey
from wxlogin.models.alert import Alert
from wxlogin.models.api_token import ApiToken
from wxlogin.models.app import App
from wxlogin.models.audit_entry import AuditEntry
from wxlogin.models.erased_user import ErasedUser
from wxlogin.models.known_key import KnownKey
from wxlogin.models.login_record import LoginRecord
from wxlogin.models.security_event import SecurityEvent
from wxlogin.models.session_end import SessionEnd
from wxlogin.models.user import User
from wxlogin.models.user_openid_index import UserOpenidIndex
from wxlogin.models.webhook_delivery import WebhookDelivery
from wxlogin.models.webhook_endpoint import WebhookEndpoint
from wxlogin.models.webhook_event import WebhookEvent

__all__ = [
    "Admin",
    "AdminPasskey",
    "Alert",
    "ApiToken",
    "App",
    "AuditEntry",
    "ErasedUser",
    "KnownKey",
    "LoginRecord",
    "SecurityEvent",
    "SessionEnd",
    "User",
    "UserOpenidIndex",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookEvent",
]
