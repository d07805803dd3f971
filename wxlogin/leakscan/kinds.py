"""The kinds of secrets that the scan reports, and what an operator does about each."""

from __future__ import annotations

from typing import NamedTuple


class Kind(NamedTuple):
    """A kind of secret: `id` is the rule's id in SARIF, `label` its name in a sentence."""

    id: str
    label: str
    advice: str


APP_SECRET = Kind(
    "wechat-app-secret",
    "AppSecret",
    "Reset it at mp.weixin.qq.com; see docs/leaked-appsecret.md.",
)
SESSION_KEY = Kind(
    "wechat-session-key",
    "session_key",
    "End the user's sessions; the next wx.login replaces the key.",
)
ACCESS_TOKEN = Kind(
    "wechat-access-token",
    "access_token of WeChat",
    "Reset the AppSecret, which ends the token; otherwise it expires within two hours.",
)
ENCODING_AES_KEY = Kind(
    "wechat-encoding-aes-key", "EncodingAESKey", "Replace it at mp.weixin.qq.com."
)
PAY_KEY = Kind("wechat-pay-key", "WeChat Pay API key", "Replace it at pay.weixin.qq.com.")
PRIVATE_KEY = Kind("private-key", "private key", "Revoke its certificate and issue another.")
SESSION_TOKEN = Kind("wxlogin-session-token", "session token", "End the session.")
API_TOKEN = Kind("wxlogin-api-token", "API token", "Run `flask --app wsgi admin revoke`.")
INVITATION = Kind(
    "wxlogin-invitation", "invitation", "Run `flask --app wsgi admin invite` again; this one ends."
)
PUSH_TOKEN = Kind(
    "wechat-push-token",
    "push Token",
    "Replace it at mp.weixin.qq.com, then run `flask --app wsgi apps set-push-keys`.",
)
WEBHOOK_SECRET = Kind("wxlogin-webhook-secret", "webhook secret", "Replace it on both sides.")
SECOND_FACTOR = Kind(
    "wxlogin-second-factor", "TOTP secret", "Run `flask --app wsgi admin reset-totp`."
)
HELD_SECRET = Kind(
    "wxlogin-held-secret", "secret of the database", "Replace it where it comes from, then here."
)
SETTINGS_KEY = Kind(
    "wxlogin-settings-key", "key of the settings", "Rotate it; see docs/settings.md."
)

KINDS = {
    kind.id: kind
    for kind in (
        APP_SECRET,
        SESSION_KEY,
        ACCESS_TOKEN,
        ENCODING_AES_KEY,
        PAY_KEY,
        PRIVATE_KEY,
        SESSION_TOKEN,
        API_TOKEN,
        INVITATION,
        PUSH_TOKEN,
        WEBHOOK_SECRET,
        SECOND_FACTOR,
        HELD_SECRET,
        SETTINGS_KEY,
    )
}
"""Every kind by its id."""
