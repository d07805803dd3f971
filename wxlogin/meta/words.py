"""What the API's reference says of each kind of caller, and its labels, in both languages."""

from __future__ import annotations

from wxlogin.languages import Language

PARTS_SAID: dict[Language, dict[str, tuple[str, str]]] = {
    "zh": {
        "client": (
            "小程序与网页",
            (
                "小程序和网页调用的接口。请求头 `Authorization: Bearer wxs_...`，修改类请求还需要"
                "签名；登录和扫码不需要 token。`miniprogram/dist/wxlogin.js` 会处理 token、签名和"
                "重试。"
            ),
        ),
        "services": (
            "业务服务器",
            (
                "业务服务器、微信和监控调用的接口，以及 wxlogin 发出的 Webhook。业务接口的请求头是"
                " `Authorization: Bearer wxa_...`，令牌须有相应的权限范围。"
            ),
        ),
        "admin": (
            "控制台",
            (
                "控制台使用的接口。登录得到的 Cookie 加 `X-CSRF-Token`，或权限范围为 `read`、"
                "`operate` 的 API 令牌。"
            ),
        ),
    },
    "en": {
        "client": (
            "mini-program and web",
            (
                "What mini-programs and pages on the web call. `Authorization: Bearer wxs_...`, "
                "and a signature where a call changes something; logins and scans need no token. "
                "`miniprogram/dist/wxlogin.js` sees to tokens, signatures and retries."
            ),
        ),
        "services": (
            "your servers",
            (
                "What your servers, WeChat and monitors call, and the webhooks that wxlogin sends. "
                "Your servers send `Authorization: Bearer wxa_...`, a token with a scope for it."
            ),
        ),
        "admin": (
            "administration",
            (
                "What the console is made of. The cookie of a sign-in with `X-CSRF-Token`, or an "
                "API token with the scope `read` or `operate`."
            ),
        ),
    },
}
"""The title of each part of the reference, and who calls it with what."""
TITLE: dict[Language, str] = {"zh": "wxlogin 接口参考", "en": "wxlogin API"}
NEEDS_SCRIPTS: dict[Language, str] = {
    "zh": "本页需要 JavaScript；OpenAPI 文档在",
    "en": "This page needs JavaScript; the OpenAPI document is at",
}
