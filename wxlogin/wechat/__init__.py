"""WeChat's server API: HTTP client, errcodes, access tokens and open data, without Flask."""

from pathlib import Path

from wxlogin.redisdb.scripts import ScriptFolder
from wxlogin.wechat.access_tokens import AccessTokens, Credentials
from wxlogin.wechat.client import ScanPage, WeChatClient, WeChatUser
from wxlogin.wechat.clock_difference import ClockDifference
from wxlogin.wechat.errors import NothingSent
from wxlogin.wechat.transport import Transport

__all__ = [
    "LUA",
    "AccessTokens",
    "ClockDifference",
    "Credentials",
    "NothingSent",
    "ScanPage",
    "Transport",
    "WeChatClient",
    "WeChatUser",
]

LUA = ScriptFolder(Path(__file__).parent / "lua")
