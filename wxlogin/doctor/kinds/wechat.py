"""Findings about WeChat."""

from __future__ import annotations

from wxlogin.doctor.findings import Words, fault, ok, unknown, warning

ACCEPTED = ok(
    "wechat.accepted",
    en="WeChat accepts the AppSecret of {app}.",
    zh="微信接受 {app} 的 AppSecret。",
)
NO_APP = warning(
    "wechat.no_app",
    en=Words(
        "No mini-program is registered.",
        "Nobody can sign in.",
        "Run `flask --app wsgi apps add`, or add it in the console under Mini-programs.",
    ),
    zh=Words(
        "没有登记小程序。",
        "用户无法登录。",
        "运行 `flask --app wsgi apps add`，或在控制台“小程序”页添加。",
    ),
)
UNREACHABLE = fault(
    "wechat.unreachable",
    en=Words(
        "WeChat does not answer at {base}: {reason}.",
        "Nobody signs in (WX_UNAVAILABLE); who is signed in goes on.",
        "Open the way to it in the firewall, or set WXLOGIN_WX_PROXY; check DNS.",
    ),
    zh=Words(
        "微信接口 {base} 没有响应：{reason}。",
        "用户无法登录（WX_UNAVAILABLE），已登录的用户不受影响。",
        "在防火墙放行，或设置 WXLOGIN_WX_PROXY；检查 DNS。",
    ),
)
SECRET_UNREADABLE = fault(
    "wechat.secret_unreadable",
    en=Words(
        "The AppSecret of {app} cannot be decrypted: its key is not in WXLOGIN_DATA_KEYS.",
        "Nobody signs in to this mini-program (WX_MISCONFIGURED).",
        "Put the key back, or give the AppSecret again with `flask --app wsgi apps set-secret`.",
    ),
    zh=Words(
        "无法解密 {app} 的 AppSecret：WXLOGIN_DATA_KEYS 中没有对应的密钥。",
        "该小程序无法登录（WX_MISCONFIGURED）。",
        "放回密钥，或用 `flask --app wsgi apps set-secret` 重新设置 AppSecret。",
    ),
)
SECRET_REFUSED = fault(
    "wechat.secret_refused",
    en=Words(
        "WeChat refuses the AppSecret of {app} ({errcode}).",
        "Nobody signs in to this mini-program (WX_MISCONFIGURED).",
        "Copy the AppSecret from mp.weixin.qq.com, and give it to "
        "`flask --app wsgi apps set-secret`.",
    ),
    zh=Words(
        "微信拒绝了 {app} 的 AppSecret（{errcode}）。",
        "该小程序无法登录（WX_MISCONFIGURED）。",
        "从 mp.weixin.qq.com 复制 AppSecret，用 `flask --app wsgi apps set-secret` 设置。",
    ),
)
ADDRESS_REFUSED = fault(
    "wechat.address_refused",
    en=Words(
        "WeChat refuses this server's address {address} for {app} ({errcode}): it is not on the IP "
        "allow list.",
        "Phone numbers, checks of a session_key and every other call with an access_token fail "
        "(WX_MISCONFIGURED).",
        "Add {address} at mp.weixin.qq.com, under the development settings, to the IP allow list.",
    ),
    zh=Words(
        "微信拒绝了本服务器的地址 {address}（{app}，{errcode}）：不在 IP 白名单中。",
        "获取手机号、校验 session_key 等需要 access_token 的调用都会失败（WX_MISCONFIGURED）。",
        "在 mp.weixin.qq.com 的开发设置中把 {address} 加入 IP 白名单。",
    ),
)
APP_REFUSED = fault(
    "wechat.app_refused",
    en=Words(
        "WeChat refuses {app}: {reason} ({errcode}).",
        "Logins or phone numbers of this mini-program fail (WX_MISCONFIGURED).",
        "Mend it at mp.weixin.qq.com.",
    ),
    zh=Words(
        "微信拒绝了 {app}：错误码 {errcode}（{reason}）。",
        "该小程序的登录或获取手机号会失败（WX_MISCONFIGURED）。",
        "在 mp.weixin.qq.com 处理。",
    ),
)
NOT_TOLD = unknown(
    "wechat.not_told",
    en=Words(
        "WeChat did not say whether it accepts {app} (errcode {errcode}).",
        "Whether logins work is not known.",
        "Run the doctor again in a minute.",
    ),
    zh=Words(
        "微信没有说明是否接受 {app}（错误码 {errcode}）。",
        "能否登录尚不清楚。",
        "一分钟后重新运行 doctor。",
    ),
)
CLOCK = warning(
    "wechat.clock",
    en=Words(
        "This host's clock differs from WeChat's by {seconds} s.",
        "Fresh data of users may be refused as stale, and codes of a second factor as wrong.",
        "Synchronise this host's clock by NTP.",
    ),
    zh=Words(
        "本机时钟与微信相差 {seconds} 秒。",
        "用户的新数据可能被当作过期，动态验证码可能被判为错误。",
        "用 NTP 同步本机时钟。",
    ),
)
CLOCK_WRONG = fault(
    "wechat.clock_wrong",
    en=Words(
        "This host's clock differs from WeChat's by {seconds} s.",
        "Signed requests and users' data are refused, and no second factor is accepted.",
        "Synchronise this host's clock by NTP.",
    ),
    zh=Words(
        "本机时钟与微信相差 {seconds} 秒。",
        "签名请求和用户数据会被拒绝，动态验证码也无法通过。",
        "用 NTP 同步本机时钟。",
    ),
)
NO_CLOCK = unknown(
    "wechat.no_clock",
    en=Words(
        "WeChat's answer has no Date.",
        "Whether this host's clock is right is not known.",
        "Check it with `timedatectl`.",
    ),
    zh=Words(
        "微信的响应没有 Date 头。",
        "本机时钟是否准确尚不清楚。",
        "用 `timedatectl` 检查。",
    ),
)
