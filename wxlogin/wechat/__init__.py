"""WeChat's server API: the HTTP client, errcodes, access tokens, open data. No Flask in here."""

from wxlogin.wechat.access_tokens import AccessTokens, Credentials
from wxlogin.wechat.breaker import NothingSent
from wxlogin.wechat.client import WeChat, WeChatUser
from wxlogin.wechat.transport import Transport

__all__ = ["AccessTokens", "Credentials", "NothingSent", "Transport", "WeChat", "WeChatUser"]
