"""Each of our commands with words that it takes; what is not listed here a test finds."""

from __future__ import annotations

APPID = "wx0123456789abcdef"
SECRET = "9c1e7a40b25d83f6017e4bd9a8c3f562"  # made up
PASSWORD = "Quiet-otter-46-lanterns"

WORDS = {
    "admin create": ("admin", "create", "zoe", "--role", "viewer", "--password-stdin"),
    "admin invite": ("admin", "invite", "yan", "--role", "viewer"),
    "admin list": ("admin", "list"),
    "admin disable": ("admin", "disable", "zoe"),
    "admin reset-password": ("admin", "reset-password", "zoe"),
    "admin reset-totp": ("admin", "reset-totp", "zoe"),
    "admin token": ("admin", "token", "orders", "--scope", "read"),
    "admin tokens": ("admin", "tokens"),
    "admin revoke": ("admin", "revoke", "nowhere"),
    "alerts test": ("alerts", "test"),
    "apps add": ("apps", "add", APPID, "--name", "Shop", "--secret-stdin"),
    "apps list": ("apps", "list"),
    "apps set-secret": ("apps", "set-secret", APPID, "--secret-stdin"),
    "apps set-push-keys": ("apps", "set-push-keys", APPID, "--keys-stdin"),
    "apps set-pay-key": ("apps", "set-pay-key", APPID, "--secret-stdin"),
    "apps set-scan-page": ("apps", "set-scan-page", APPID, "--page", "pages/scan/scan"),
    "apps disable": ("apps", "disable", APPID),
    "apps enable": ("apps", "enable", APPID),
    "audit verify": ("audit", "verify"),
    "audit accept-head": ("audit", "accept-head", "--reason", "Redis was replaced"),
    "keys list": ("keys", "list"),
    "keys rotate": ("keys", "rotate"),
    "keys reindex": ("keys", "reindex"),
    "keys give-up": ("keys", "give-up", "data:d9", "--yes"),
    "purge": ("purge",),
    "sessions reconcile": ("sessions", "reconcile"),
    "users export": ("users", "export", "--appid", APPID),
    "users import": ("users", "import", "/dev/null", "--appid", APPID),
    "users merge": ("users", "merge", "nobody", "nobody-else"),
    "webhooks add": ("webhooks", "add", "https://shop.example.com/", "--event", "user.created"),
    "webhooks list": ("webhooks", "list"),
    "webhooks test": ("webhooks", "test", "nowhere"),
    "webhooks remove": ("webhooks", "remove", "nowhere"),
    "webhooks pause": ("webhooks", "pause", "nowhere"),
    "webhooks resume": ("webhooks", "resume", "nowhere"),
    "webhooks secret": ("webhooks", "secret", "nowhere"),
    "webhooks deliveries": ("webhooks", "deliveries", "nowhere"),
    "webhooks replay": ("webhooks", "replay", "1"),
}
TYPED = {
    "admin create": PASSWORD,
    "apps add": SECRET,
    "apps set-secret": SECRET,
    "apps set-pay-key": SECRET,
    "apps set-push-keys": f"AAAAA\n{'A' * 43}\n",
}
"""What stands in standard input."""
