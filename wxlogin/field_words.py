"""Why a field is refused, in Chinese, by the English that the code says it in.

A text that changes has no Chinese until somebody writes it; a test lists each reason that can
occur, and names those.
"""

from __future__ import annotations

import re
from functools import cache

from wxlogin.languages import Language

LOOKS: dict[str, str] = {
    "1 to 128 characters": "1 到 128 个字符",
    "1 to 128 visible ASCII characters, as WeChat's console shows it": (
        "1 到 128 个可见 ASCII 字符，与微信公众平台所示一致"
    ),
    "1 to 200 characters, none of them invisible": "1 到 200 个字符，不含不可见字符",
    "1 to 256 characters": "1 到 256 个字符",
    "1 to 64 characters, none of them invisible": "1 到 64 个字符，不含不可见字符",
    "1 to 64 of a-z, 0-9, dot, dash and underscore": (
        "1 到 64 个字符，可用 a-z、0-9、点、连字符和下划线"
    ),
    "1 to 64 of a-z, 0-9, dot, dash and underscore, such as alice": (
        "1 到 64 个字符，可用 a-z、0-9、点、连字符和下划线，如 alice"
    ),
    "1 to 64 visible ASCII characters, without spaces": "1 到 64 个可见 ASCII 字符，不含空格",
    "3 to 32 letters and digits": "3 到 32 个字母和数字",
    "8 to 64 characters that the client made up once, no spaces": (
        "客户端一次性生成的 8 到 64 个字符，不含空格"
    ),
    "`code` of the phone button, not wx.login's": "手机号按钮返回的 `code`，不是 wx.login 的",
    "`requestVirtualPayment`, or the path of WeChat's call": (
        "`requestVirtualPayment`，或微信接口的路径"
    ),
    "`signature` of the event: 40 hex digits": "事件中的 `signature`：40 位十六进制数",
    "a page of the mini-program such as pages/scan/scan, without a slash in front and without a "
    "query": "小程序页面，如 pages/scan/scan，开头不带斜杠，也不带参数",
    "a phone number as people write it": "手机号，按日常写法",
    "a rule, such as fail_ip": "告警规则，如 fail_ip",
    "a subject": "告警或事件的对象",
    "a target, such as user:ID": "操作对象，如 user:ID",
    "a type of event, such as user.banned": "事件类型，如 user.banned",
    "a user's id": "用户 id",
    "an EncodingAESKey: 43 letters and digits": "EncodingAESKey：43 个字母和数字",
    "an access_token that WeChat refused": "被微信拒绝的 access_token",
    "an act, such as user.ban": "操作，如 user.ban",
    "an actor, such as admin:alice": "操作者，如 admin:alice",
    "an address": "IP 地址",
    "an appid": "appid",
    "an appid such as wx0123456789abcdef": "appid，如 wx0123456789abcdef",
    "an external id": "业务系统的用户 ID",
    "an openid": "openid",
    "the AppSecret as WeChat's console shows it": "微信公众平台所示的 AppSecret",
    "the admin's name": "管理员的用户名",
    "the attempt of the challenge": "challenge 返回的 attempt",
    "the code of an invitation": "邀请链接中的邀请码",
    "the code that wx.login gave": "wx.login 返回的 code",
    "the https URL of a picture, in ASCII, with up to 700 characters after the host": (
        "图片的 https 地址，只用 ASCII 字符，主机名之后最多 700 个字符"
    ),
    "the secret that the scan began with": "发起扫码时得到的 secret",
    "the six digits of the app, or a recovery code": "身份验证器中的六位数字，或恢复码",
    "up to 100,000 characters": "最多 100,000 个字符",
    "up to 64 characters, none of them invisible": "最多 64 个字符，不含不可见字符",
}
"""What a text field should be; the API's reference says it too."""

REASONS: dict[str, str] = {
    "Extra inputs are not permitted": "此接口没有这个字段",
    "Field required": "必填",
    "apps cannot be bound with the scopes read and operate": (
        "权限范围 read 和 operate 不能限定小程序"
    ),
    "could not be read to its end": "请求体没有读完，连接中断",
    "has no fresh second factor: POST me/totp": "没有待确认的两步验证，请先 POST me/totp",
    "holds a space where a + was lost on the way, as URL-decoding does; send the value unchanged "
    "in the JSON body": "含有空格：+ 在途中被 URL 解码丢失。请在 JSON 请求体中原样发送",
    "holds characters that are not base64: A-Z a-z 0-9 + / and = at the end alone": (
        "含有 base64 以外的字符：只能用 A-Z a-z 0-9 + /，= 只能在末尾"
    ),
    "is cut short or wrongly padded base64: = fills it up to a multiple of 4 characters": (
        "base64 被截断或补位不对：长度应以 = 补足到 4 的倍数"
    ),
    "is easy to guess, or stands in lists of breached passwords": "太容易猜到，或在泄露密码库中",
    "is empty": "不能为空",
    "is nested too deeply": "嵌套过深",
    "is not valid JSON with every name once": "不是有效的 JSON，或有重复的字段名",
    "is of an admin who has accepted: reset the password instead": (
        "该管理员已接受邀请，请改为重置密码"
    ),
    "is over 64 KiB": "超过 64 KiB",
    "is registered; replace its AppSecret instead": "已登记，请改为更换其 AppSecret",
    "is taken": "已被占用",
    "name the mini-program: this server has none": "请指定小程序：本服务还没有登记小程序",
    "name the mini-program: this server has several": "请指定小程序：本服务登记了多个",
    "send code, or encryptedData and iv": "请发送 code，或同时发送 encryptedData 和 iv",
    "should be a JSON object": "应为 JSON 对象",
    "should be a JSON object whose `env` is 0 or 1": "应为 JSON 对象，其中 `env` 为 0 或 1",
    "should be a URL in ASCII; write other characters percent-encoded or as punycode": (
        "应为 ASCII 字符的地址，其他字符请用百分号编码或 punycode"
    ),
    "should be a URL with http or https": "应为 http 或 https 地址",
    "should be a URL with https": "应为 https 地址",
    "should be a network such as 10.0.0.0/8": "应为网段，如 10.0.0.0/8",
    "should be a time such as 2030-01-31T12:00:00Z": "应为时间，如 2030-01-31T12:00:00Z",
    "should be a valid boolean": "应为布尔值",
    "should be a valid boolean, unable to interpret input": "应为布尔值",
    "should be a valid dictionary": "应为 JSON 对象",
    "should be a valid integer": "应为整数",
    "should be a valid integer, got a number with a fractional part": "应为整数，不能带小数",
    "should be a valid integer, unable to parse string as an integer": "应为整数",
    "should be a valid list": "应为数组",
    "should be a valid string": "应为字符串",
    "should be a valid string, unable to parse raw data as a unicode string": (
        "应为有效的 Unicode 字符串"
    ),
    "should be an address or a network such as 203.0.113.0/24": (
        "应为 IP 地址或网段，如 203.0.113.0/24"
    ),
    "should be base64 of 16 bytes: 24 characters": "应为 16 字节的 base64：24 个字符",
    "should be base64 of whole blocks of 16 bytes; a part of it is missing": (
        "应为 16 字节整块的 base64，收到的缺了一部分"
    ),
    "should be in the future": "应晚于当前时间",
    "should be later than since": "应晚于 since",
    "should be the `next` of a page": "应为上一页返回的 `next`",
    "should be the name as it stands above": "应与上方的名称一致",
    "should be the one of a page": "应为页面给出的值",
    "should be there, once": "必填，且只能出现一次",
    "should be to come": "应晚于当前时间",
    "should be what the browser answered, as JSON": "应为浏览器返回的内容（JSON）",
    "should differ from the one before": "不能与之前的相同",
    "should have exactly one of id, openid, phone and external_id": (
        "id、openid、phone、external_id 应当只给一个"
    ),
    "should have fewer values, lists and objects": "值、数组或对象过多",
    "should have nickname, avatar_url or both": "nickname 和 avatar_url 至少给一个",
    "should have no user, password or fragment: requests are signed instead": (
        "不能含用户名、密码或 #：请求已有签名"
    ),
    "should name role or disabled": "role 和 disabled 至少给一个",
    "should not be an address of a private network": "不能是内网地址",
    "should not be the openid or unionid": "不能是 openid 或 unionid",
    "should not be web: only a scan makes a web session": "不能是 web：网页会话只能由扫码创建",
    "should not hold the name": "不能包含用户名",
    "stands for one passkey too many: remove one first": "通行密钥已达上限，请先删除一个",
}
"""Whole reasons: those of the library that checks fields first among them."""

PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(english), chinese)
    for english, chinese in (
        (r"List should have at least (\d+) items? after validation, not \d+", r"至少 \1 项"),
        (r"List should have at most (\d+) items? after validation, not \d+", r"最多 \1 项"),
        (r"String should have at least (\d+) characters?", r"至少 \1 个字符"),
        (r"String should have at most (\d+) characters?", r"最多 \1 个字符"),
        (r"should be a form of at most (\d+) bytes", r"应为不超过 \1 字节的表单"),
        (r"should be a form of at most (\d+) fields", r"应为不超过 \1 个字段的表单"),
        (r"should be greater than or equal to (\d+)", r"不能小于 \1"),
        (r"should be less than or equal to (\d+)", r"不能大于 \1"),
        (r"should have (\d+) to (\d+) characters", r"应为 \1 到 \2 个字符"),
        (r"should have at most (\d+) names in an object", r"每个对象最多 \1 个字段"),
        (r"needs an AppKey that is not set: (`.+`)", r"没有设置所需的 AppKey：\1"),
        (r"(\S+) is not registered", r"\1 没有登记"),
    )
)
"""Reasons with something put in."""

CHOICE = re.compile(r"should be ('.+')")


def said(reason: str, language: Language) -> str:
    """Return a reason in a language; in English where nobody wrote its Chinese."""
    return reason if language == "en" else _chinese(reason) or reason


def is_known(reason: str) -> bool:
    """Whether a reason has its Chinese."""
    return _chinese(reason) is not None


@cache
def _looked() -> dict[str, str]:
    return {f"should be {looks}": f"应为{_spaced(chinese)}" for looks, chinese in LOOKS.items()}


def _chinese(reason: str) -> str | None:
    if whole := REASONS.get(reason) or _looked().get(reason):
        return whole
    if choice := CHOICE.fullmatch(reason):
        return "应为 " + choice[1].replace(" or ", " 或 ").replace(", ", "、").replace("'", "")
    for pattern, chinese in PATTERNS:
        if match := pattern.fullmatch(reason):
            return match.expand(chinese)
    return None


def _spaced(text: str) -> str:
    """Return a text that follows Chinese: a space parts the two scripts."""
    return f" {text}" if text[0].isascii() else text
