"""WeChat's server API: the HTTP client, errcodes, access tokens, open data. No Flask in here."""

from wxlogin.wechat.access_tokens import AccessTokens, Credentials
from wxlogin.wechat.client import WeChat, WeChatUser
from wxlogin.wechat.transport import NothingSent, Transport

__all__ = ["AccessTokens", "Credentials", "NothingSent", "Transport", "WeChat", "WeChatUser"]
