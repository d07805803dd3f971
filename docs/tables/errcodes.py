"""WeChat's errcodes for docs/errors.md: what happened, and who does what, in both languages.

A test holds that every errcode is here which the program or its sandbox knows.
"""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """What one errcode means. `becomes` is our code where the program's own table has none."""

    en: tuple[str, str]
    zh: tuple[str, str]
    becomes: str = ""


OURS = ("A fault of this program; report it.", "本程序的缺陷，请反馈。")
"""For what a correct server never gets."""
ALLOW = (
    "mp.weixin.qq.com › Development › Development settings: add the server's address to the IP allow list.",
    "微信公众平台 › 开发管理 › 开发设置：把服务器地址加入 IP 白名单。",
)
RENEWED = (
    "Nothing: wxlogin fetches another and asks once more.",
    "无需处理：wxlogin 重新获取后再请求一次。",
)


def _ours(en: str, zh: str) -> Row:
    return Row((en, OURS[0]), (zh, OURS[1]), "WX_UNAVAILABLE")


ERRCODES: dict[int, Row] = {
    -1: Row(
        (
            "WeChat is busy.",
            "Nothing: wxlogin repeats what may be repeated; the client waits and retries.",
        ),
        ("微信系统繁忙。", "无需处理：可以重复的请求由 wxlogin 重试，客户端稍后再试。"),
    ),
    40001: Row(
        (
            "The access_token is not the latest; somebody else fetched one.",
            f"{RENEWED[0]} Where it recurs, find the service that fetches its own and let it ask [wxlogin](services.md).",
        ),
        (
            "access_token 不是最新的，有其他服务获取了新的。",
            f"{RENEWED[1]}反复出现时，找出自行获取 access_token 的服务，改为向 [wxlogin 查询](services.zh-CN.md)。",
        ),
        "asked once more",
    ),
    40002: _ours("A wrong grant_type.", "grant_type 错误。"),
    40003: Row(
        ("The openid is not this mini-program's.", "Check that user and appid belong together."),
        ("openid 不属于该小程序。", "检查用户与 appid 是否对应。"),
        "WX_UNAVAILABLE",
    ),
    40013: Row(
        (
            "The appid is wrong; of a phone code: it is another mini-program's.",
            "Operator: correct the appid. For a phone code the page lets the user press again.",
        ),
        (
            "appid 错误；对手机号 code 而言，是另一个小程序的 code。",
            "管理员：更正 appid。手机号 code 则由页面让用户重新点击。",
        ),
    ),
    40014: Row(
        ("The access_token is not valid.", RENEWED[0]),
        ("access_token 无效。", RENEWED[1]),
        "asked once more",
    ),
    40029: Row(
        (
            "The code is wrong, older than five minutes, or another mini-program's.",
            "Developer: send each code at once, and only once. Check that the developer tools run the appid that the login names.",
        ),
        (
            "code 错误、超过五分钟，或属于另一个小程序。",
            "开发者：拿到 code 立即发送，只发送一次；检查开发者工具中的 appid 与登录请求是否一致。",
        ),
    ),
    40066: _ours("The path of the call is wrong.", "接口路径错误。"),
    40097: _ours("An argument is wrong.", "参数错误。"),
    40125: Row(
        (
            "The AppSecret is wrong, most likely reset at WeChat.",
            "Operator: give wxlogin the new one ([operations.md](operations.md#resetting-an-appsecret)).",
        ),
        (
            "AppSecret 错误，多半已在微信重置。",
            "管理员：把新的交给 wxlogin（[operations.zh-CN.md](operations.zh-CN.md#重置-appsecret)）。",
        ),
    ),
    40129: _ours("The scene is wrong.", "scene 错误。"),
    40163: Row(
        (
            "The code was used before.",
            "Developer: call wx.login for each login. The usual cause is a page that sends a code twice.",
        ),
        (
            "code 已被使用。",
            "开发者：每次登录都调用 wx.login。常见原因是页面把同一个 code 发送了两次。",
        ),
    ),
    40164: Row(
        ("This server's address is not in the IP allow list.", ALLOW[0]),
        ("本服务器地址不在 IP 白名单中。", ALLOW[1]),
    ),
    40226: Row(
        (
            "WeChat holds the user for risky and blocks the login.",
            "Nobody can lift that here; the user turns to WeChat.",
        ),
        ("微信认为该用户有风险，拦截登录。", "本服务无法解除，请用户联系微信。"),
    ),
    40243: Row(
        ("The AppSecret is frozen.", "Operator: unfreeze it at mp.weixin.qq.com, or reset it."),
        ("AppSecret 已冻结。", "管理员：在微信公众平台解冻或重置。"),
    ),
    41001: _ours("The access_token is missing.", "缺少 access_token。"),
    41002: Row(("The appid is missing.", OURS[0]), ("缺少 appid。", OURS[1])),
    41004: Row(("The AppSecret is missing.", OURS[0]), ("缺少 AppSecret。", OURS[1])),
    41008: _ours("The code is missing.", "缺少 code。"),
    41030: Row(
        (
            "The page that a scan opens is not released.",
            "Set a page that there is; until it is released, `--env-version trial --no-check-path` ([scan.md](scan.md)).",
        ),
        (
            "扫码打开的页面没有发布。",
            "设置已有的页面；发布之前使用 `--env-version trial --no-check-path`（[scan.zh-CN.md](scan.zh-CN.md)）。",
        ),
        "WX_MISCONFIGURED",
    ),
    42001: Row(
        ("The access_token has expired.", RENEWED[0]),
        ("access_token 已过期。", RENEWED[1]),
        "asked once more",
    ),
    43001: _ours("The call has to be a GET.", "须使用 GET。"),
    43002: _ours("The call has to be a POST.", "须使用 POST。"),
    43104: _ours("The openid is not this appid's.", "openid 与 appid 不匹配。"),
    44002: _ours("The body is empty.", "请求体为空。"),
    45002: _ours("The text is too long.", "内容过长。"),
    45009: Row(
        (
            "The quota of the day is used up; also where wx.login is called far more often than pages are opened.",
            "Operator: look at the quota at mp.weixin.qq.com. Developer: do not log in on every page.",
        ),
        (
            "当天的配额已用完；wx.login 的次数远多于页面访问次数时也会出现。",
            "管理员：在微信公众平台查看配额。开发者：不要每个页面都登录。",
        ),
    ),
    45011: Row(
        (
            "More calls in a minute than WeChat allows for one user or app.",
            "Nothing: the client waits `Retry-After` seconds.",
        ),
        ("一分钟内的调用超过微信对用户或小程序的限制。", "无需处理：客户端等待 `Retry-After` 秒。"),
    ),
    45035: Row(
        ("This server's address is not in the IP allow list.", ALLOW[0]),
        ("本服务器地址不在 IP 白名单中。", ALLOW[1]),
    ),
    47001: _ours("The body is not JSON.", "请求体不是 JSON。"),
    48001: Row(
        (
            "The mini-program has no permission for this API: not certified, or not applied for.",
            "Operator: apply for it at mp.weixin.qq.com. For risk ranks it refuses nobody.",
        ),
        (
            "小程序没有此接口的权限：未认证或未申请。",
            "管理员：在微信公众平台申请。查询风险等级时出现不会拒绝任何人。",
        ),
    ),
    48004: Row(
        (
            "The API is blocked for the mini-program.",
            "Operator: see the notices at mp.weixin.qq.com.",
        ),
        ("小程序的此接口已被封禁。", "管理员：查看微信公众平台的通知。"),
    ),
    50002: Row(
        (
            "The user or the mini-program is restricted.",
            "Operator: see the notices at mp.weixin.qq.com.",
        ),
        ("用户或小程序受到限制。", "管理员：查看微信公众平台的通知。"),
    ),
    50004: Row(
        (
            "The API is forbidden for the mini-program.",
            "Operator: see the notices at mp.weixin.qq.com.",
        ),
        ("小程序禁止使用此接口。", "管理员：查看微信公众平台的通知。"),
    ),
    50007: Row(
        (
            "The account of the mini-program is frozen.",
            "Operator: unfreeze it at mp.weixin.qq.com.",
        ),
        ("小程序账号已冻结。", "管理员：在微信公众平台解冻。"),
    ),
    61004: Row(
        ("This server's address is not in the IP allow list.", ALLOW[0]),
        ("本服务器地址不在 IP 白名单中。", ALLOW[1]),
    ),
    61010: Row(
        (
            "The user has not used the mini-program in the last two hours.",
            "Nothing: the nickname is checked after the next login, and a risk rank stays unknown.",
        ),
        ("用户最近两小时没有使用该小程序。", "无需处理：昵称在下次登录后检测，风险等级保持未知。"),
        "none",
    ),
    87007: Row(
        (
            "WeChat has no session_key of the user any more.",
            "The client calls wx.login and `POST /v1/session/key`.",
        ),
        ("微信已没有该用户的 session_key。", "客户端调用 wx.login 和 `POST /v1/session/key`。"),
        "SESSION_KEY_EXPIRED",
    ),
    87008: _ours("The kind of signature is wrong.", "签名方法错误。"),
    87009: Row(
        (
            "The session_key is not the one that WeChat has now.",
            "The client calls wx.login and `POST /v1/session/key`.",
        ),
        ("session_key 与微信当前的不一致。", "客户端调用 wx.login 和 `POST /v1/session/key`。"),
        "SESSION_KEY_EXPIRED",
    ),
    89503: Row(
        (
            "An administrator of the mini-program has to confirm this server's address.",
            "Operator: confirm it in WeChat's message.",
        ),
        ("需要小程序管理员确认本服务器地址。", "管理员：在微信消息中确认。"),
    ),
    89506: Row(
        (
            "An administrator refused this server's address, for 24 hours.",
            "Operator: wait, then confirm; or add it to the IP allow list.",
        ),
        ("小程序管理员拒绝了本服务器地址，24 小时内有效。", "管理员：届时确认，或加入 IP 白名单。"),
    ),
    89507: Row(
        (
            "An administrator refused this server's address, for an hour.",
            "Operator: wait, then confirm; or add it to the IP allow list.",
        ),
        ("小程序管理员拒绝了本服务器地址，1 小时内有效。", "管理员：届时确认，或加入 IP 白名单。"),
    ),
}
