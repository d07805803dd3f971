"""What refusals say in Chinese. The code itself, `errors.py` first, says it in English.

A narrower text is found by its English, so that one that changes has no Chinese until somebody
writes it; a test names those. docs/errors.zh-CN.md is made of this too.
"""

from __future__ import annotations

import re

from wxlogin.api_error import ApiError
from wxlogin.languages import Language

ENTRIES: dict[str, tuple[str, str]] = {
    "INVALID_REQUEST": ("请求有误", "`errors` 列出了需要修改的字段。"),
    "APP_UNKNOWN": ("小程序未登记", "该 appid 没有登记，或已停用。"),
    "CODE_INVALID": (
        "微信不认识这个 code",
        "code 错误、超过五分钟，或属于另一个小程序。请重新调用 wx.login。",
    ),
    "CODE_USED": ("code 已被使用", "一个 code 只能用一次。请重新调用 wx.login，发送新的 code。"),
    "TOKEN_MISSING": ("没有 token", "请以 `Authorization: Bearer TOKEN` 发送登录得到的 token。"),
    "TOKEN_INVALID": ("token 无效", "请重新登录以取得 token。"),
    "SESSION_EXPIRED": ("会话已过期", "会话空闲过久、已到最长期限，或已不存在。请重新登录。"),
    "SESSION_REPLACED": ("已在其他设备登录，本会话结束", "请提示用户，由用户点击后再登录。"),
    "SESSION_REVOKED": (
        "会话已结束",
        "已在本机或其他设备上退出，或被管理员结束。请提示用户，由用户点击后再登录。",
    ),
    "DEVICE_LIMIT": (
        "登录设备过多",
        "该用户登录的设备数已达上限。请让用户先在一台设备上退出。",
    ),
    "SCAN_EXPIRED": (
        "扫码已失效",
        "扫码不存在、已使用或超过三分钟。请在用户要求时重新发起。",
    ),
    "SCAN_REFUSED": ("手机上拒绝了登录", "没有登录任何人。请在用户要求时重新发起。"),
    "EXTERNAL_ID_TAKEN": ("业务系统 ID 已被占用", "该小程序的另一个用户已使用这个 ID。"),
    "USER_BANNED": (
        "用户已被封禁",
        "管理员封禁了该用户，到 `until` 为止；null 表示永久。",
    ),
    "USER_RISKY": (
        "微信认为该用户有风险",
        "该用户的微信风险等级过高，不能在此首次登录。没有保存任何数据，下次登录会重新判断。",
    ),
    "SESSION_KEY_EXPIRED": (
        "session_key 已失效",
        (
            "请调用 wx.login，把 code 发给 POST /v1/session/key，再用同样的数据试一次；仍失败就让"
            "用户重新点击按钮。"
        ),
    ),
    "DATA_INVALID": (
        "数据不属于该用户",
        "加密数据解不开，或不是此接口接受的数据。请让用户重新点击按钮。",
    ),
    "DATA_STALE": ("数据已过时", "微信加密它的时间过早。请让用户重新点击按钮。"),
    "CONTENT_REFUSED": ("内容不允许使用", "微信内容检测认为该昵称有风险。请让用户换一个。"),
    "REQUEST_UNSIGNED": (
        "请求没有签名",
        (
            "请用登录返回的 `signing.key` 签名，并发送全部三个请求头：X-Wxlogin-Timestamp、"
            "X-Wxlogin-Nonce 和 X-Wxlogin-Signature。"
        ),
    ),
    "REQUEST_SIGNATURE_INVALID": (
        "请求签名不正确",
        (
            "请求头格式有误，密钥不属于该 token，或收到的内容与签名的不一致：方法、路径、时间戳、"
            "nonce、请求体须逐字节相同。"
        ),
    ),
    "REQUEST_EXPIRED": (
        "请求的时间戳与服务器时间相差过大",
        "请以 `server_time` 校准时间，重新签名后立即发送。",
    ),
    "REQUEST_REPLAYED": (
        "nonce 已被使用",
        "每个请求都要用新的随机 nonce 签名，重新发送时也是。",
    ),
    "SIGNATURE_MISMATCH": (
        "签名与 rawData 不符",
        "请逐字节原样发送微信给出的 rawData，以及与它一同给出的 signature。",
    ),
    "RATE_LIMITED": ("请求过于频繁", "请在 `Retry-After` 秒后重试。"),
    "WX_RATE_LIMITED": (
        "微信限制了调用",
        "微信当前分钟或当天的配额已用完。请在 `Retry-After` 秒后重试。",
    ),
    "WX_USER_BLOCKED": ("微信拦截了该用户", "微信认为该用户有风险，拒绝登录。"),
    "WX_UNAVAILABLE": (
        "微信没有响应",
        "无法请求微信。请在 `Retry-After` 秒后重试；登录请求需要重新调用 wx.login。",
    ),
    "WX_MISCONFIGURED": (
        "微信拒绝了本服务",
        "微信一侧与本服务的小程序设置不一致，需要管理员修正。",
    ),
    "STORE_UNAVAILABLE": (
        "存储不可用",
        "Redis 或数据库没有响应。会话不受影响，请在 `Retry-After` 秒后重试。",
    ),
    "HTTPS_REQUIRED": (
        "需要使用 HTTPS",
        "请通过 https:// 发送请求。如果已经是，前面的代理须在 X-Forwarded-Proto 中说明。",
    ),
    "CREDENTIALS_INVALID": ("登录被拒绝", "用户名、密码或验证码不正确。"),
    "CSRF_FAILED": (
        "CSRF 令牌缺失或不正确",
        "请在 X-CSRF-Token 中发送登录或 GET /admin/api/me 返回的 `csrf_token`。",
    ),
    "FORBIDDEN": ("没有权限", "你的角色或该令牌的权限范围不允许此操作。"),
    "NOT_FOUND": ("未找到", "这个地址没有内容。"),
    "METHOD_NOT_ALLOWED": ("请求方法不允许", "此地址接受的方法见 `Allow`。"),
    "PAYLOAD_TOO_LARGE": ("请求体过大", "请求体不能超过 256 KiB。"),
    "UNSUPPORTED_MEDIA_TYPE": (
        "请求体类型不支持",
        "请以 `Content-Type: application/json` 发送请求体。",
    ),
    "INTERNAL": ("服务内部出错", "已按 `request_id` 记入日志，请告知管理员。"),
}
"""The title and the detail of each code of the catalogue."""

NARROWER: dict[str, str] = {
    "Change your password first: POST /admin/api/me/password.": (
        "请先修改密码：POST /admin/api/me/password。"
    ),
    "The invitation is wrong, used or over. Ask for another.": (
        "邀请链接错误、已使用或已过期，请重新索取。"
    ),
    "The phones are for browsers on this machine alone.": "手机演示页只对本机浏览器开放。",
    "Build the client first: make client.": "请先构建客户端：make client。",
    "This is the last owner who can sign in.": "这是最后一位能登录的所有者。",
    "The passkey could not be verified. Start again.": "无法验证通行密钥，请重新开始。",
    "You have no passkey of this id.": "你没有这个 id 的通行密钥。",
    "Sign in again: POST /admin/api/login.": "请重新登录：POST /admin/api/login。",
    "Sign in: POST /admin/api/login.": "请登录：POST /admin/api/login。",
    "The API token is wrong, revoked or over.": "API 令牌错误、已吊销或已过期。",
    "There is no API token of this id.": "没有这个 id 的 API 令牌。",
    "Send an API token: `Authorization: Bearer wxa_...`.": (
        "请发送 API 令牌：`Authorization: Bearer wxa_...`。"
    ),
    "No scan of this id began with this secret.": "没有以这个 secret 发起的该 id 的扫码。",
    "Another host signed this token with a key that has not come to this one yet. Send the request "
    "again.": "这个 token 由另一台主机用尚未同步到本机的密钥签名。请重新发送请求。",
    "The user was erased while this login was under way. Log in again with another code.": (
        "登录期间该用户已注销。请用新的 code 重新登录。"
    ),
    "There is no webhook of this id.": "没有这个 id 的 Webhook。",
    "There is no delivery of this id.": "没有这个 id 的投递记录。",
    "There is no user of this id.": "没有这个 id 的用户。",
    "There is no alert of this id.": "没有这个 id 的告警。",
    "There is no second factor: POST /admin/api/me/totp.": (
        "没有设置两步验证：POST /admin/api/me/totp。"
    ),
    "These two are not one person's: their mini-program or openid differs.": (
        "两者不是同一个人：小程序或 openid 不同。"
    ),
    "This is no push of WeChat's for this mini-program. If it is: compare Token and EncodingAESKey "
    "with WeChat's console, and this server's clock with the time.": (
        "这不是微信发给该小程序的推送。如果确实是，请与微信公众平台核对 Token 和 EncodingAESKey，"
        "并核对本机时钟。"
    ),
    "Your role does not allow a search by phone number.": "你的角色不能按手机号查找。",
    "Your role does not allow this.": "你的角色不允许此操作。",
    "This token's scopes do not allow this.": "该令牌的权限范围不允许此操作。",
    "You have no session of this id.": "你没有这个 id 的会话。",
    "You have no live session of this id.": "你没有这个 id 的在线会话。",
    "No live session has this id.": "没有这个 id 的在线会话。",
    "No mini-program of this appid is registered.": "没有登记这个 appid 的小程序。",
    "Only a phone may answer a scan.": "只有手机可以确认或拒绝扫码。",
    "This is for admins who are signed in.": "仅供已登录的管理员使用。",
    "Give your password again: POST /admin/api/me/reauth.": (
        "请再次输入密码：POST /admin/api/me/reauth。"
    ),
    "Enrol a second factor first: POST /admin/api/me/totp.": (
        "请先设置两步验证：POST /admin/api/me/totp。"
    ),
    "Two cookies of this name came. Delete both.": "收到两个同名 Cookie，请都删除。",
    "This call came from another site's page.": "该请求来自其他网站的页面。",
    "WeChat did not take this AppSecret; the mini-program is not registered.": (
        "微信没有接受此 AppSecret，小程序未添加。"
    ),
    "WeChat did not take this AppSecret; the old one is kept.": (
        "微信没有接受此 AppSecret，原来的仍然保留。"
    ),
    "The AppSecret is replaced, but WeChat did not renew the access_token: the one before "
    "lives on. Replace it once more.": (
        "AppSecret 已更换，但微信没有更新 access_token，原来的仍然有效。请再更换一次。"
    ),
    "WeChat refuses this mini-program; the session_key is as it was.": (
        "微信拒绝了该小程序的请求，session_key 保持不变。"
    ),
    "The user presses the phone button again, and its next code is sent once.": (
        "请让用户重新点击手机号按钮，新的 code 只发送一次。"
    ),
}
"""Details that say more than the catalogue's."""

ERRCODE = re.compile(r"(.+) \(errcode (\d+)\)")
"""A detail for operators, with WeChat's number behind it."""

PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"This token does not have the scope `(\w+)`\."),
        r"该令牌没有权限范围 `\1`。",
    ),
    (
        re.compile(r"Send the body as `Content-Type: (\S+)`\."),
        r"请以 `Content-Type: \1` 发送请求体。",
    ),
)
"""Details with something put in. Where none fits, the code's own detail is said."""


def said(error: ApiError, language: Language) -> tuple[str, str]:
    """Return the title and the detail of a refusal in a language."""
    title, detail = error.entry.title, error.detail
    if language == "en":
        return title, detail
    title, usual = ENTRIES.get(error.entry.code, (title, detail))
    return title, usual if detail == error.entry.detail else _narrower(detail, usual)


def _narrower(detail: str, usual: str) -> str:
    for pattern, chinese in PATTERNS:
        if found := pattern.fullmatch(detail):
            return found.expand(chinese)
    if found := ERRCODE.fullmatch(detail):
        return f"{NARROWER.get(found[1], usual)}错误码：{found[2]}。"
    return NARROWER.get(detail, usual)
