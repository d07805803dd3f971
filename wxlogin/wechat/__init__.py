"""WeChat's server API: the HTTP client, its errcodes, code2Session. No Flask in here."""

from wxlogin.wechat.client import WeChat, WeChatUser
from wxlogin.wechat.transport import NothingSent, Transport

__all__ = ["NothingSent", "Transport", "WeChat", "WeChatUser"]
