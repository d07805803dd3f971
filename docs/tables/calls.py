"""The API's calls as docs/api.md lists them, and the Chinese of what each does, by its English."""

from __future__ import annotations

from typing import Any

from wxlogin.meta.service import part_of

OTHERS = ("/v1/push/", "/healthz", "/readyz")
SUMMARIES: dict[str, str] = {
    "Sign in with a code of wx.login.": "用 wx.login 的 code 登录。",
    "End this session, the user's others, or all of them.": "结束当前会话、该用户的其他会话或全部会话。",
    "Describe the caller's session.": "查看当前会话。",
    "List the user's sessions, newest first.": "列出该用户的会话，最新的在前。",
    "End one of the user's sessions.": "结束该用户的一个会话。",
    "Renew the session_key of the session's user with a new code; the session stays.": "用新的 code 更新该用户的 session_key，会话不变。",
    "Ask WeChat whether the session_key kept for this user still holds.": "向微信确认保存的 session_key 是否仍有效。",
    "Name the caller in headers, for `auth_request` of nginx.": "在响应头中返回调用者身份，供 nginx 的 `auth_request` 使用。",
    "Open encrypted data of any known kind.": "解密任一已知类型的开放数据。",
    "Check, open and keep the user's profile.": "验签、解密并保存用户资料。",
    "Get and keep the user's phone number, by its code or from its encrypted data.": "用 code 或加密数据取得手机号并保存。",
    "Check that rawData was signed under the user's session_key.": "校验 rawData 由该用户的 session_key 签名。",
    "Describe the user: ids, profile, and the phone number masked.": "查看本人的 id、资料和脱敏手机号。",
    "Delete everything that is held of the user, and end all sessions (注销).": "注销：删除本人全部数据并结束全部会话。",
    "Give everything that is held of the user, as a file.": "以文件形式导出本人全部数据。",
    "Store the nickname and the avatar that the user chose; WeChat checks the nickname.": "保存用户填写的昵称和头像，昵称由微信检测。",
    "Say that the process answers.": "进程是否有响应。",
    "Say whether sessions can be answered and written, and how each part is.": "会话能否读写，以及各部分的状态。",
    "Answer WeChat's check of the address with its `echostr`.": "响应微信对推送地址的校验，返回 `echostr`。",
    "Take one message, plain or encrypted, JSON or XML; copies of it are taken once.": "接收一条消息，明文或加密、JSON 或 XML；重复的只处理一次。",
    "Begin a scan, in the browser that is to be signed in.": "在要登录的浏览器中发起扫码。",
    "Draw the picture that the phone scans; the scan stands in it, the secret does not.": "返回手机要扫的小程序码，其中有扫码 id，没有 secret。",
    "Ask for the token every `interval` seconds: 202 until the phone has said yes, then 200 once.": "每 `interval` 秒查询一次 token：手机确认之前是 202，之后返回一次 200。",
    "Tell the phone who began the scan, and mark it seen.": "告诉手机由谁发起，并标记为已查看。",
    "Let the browser in as the phone's user.": "允许浏览器以手机上的用户登录。",
    "Keep the browser out.": "拒绝浏览器登录。",
    "Return whether a session's token is active, and whose it is (RFC 7662).": "查询会话 token 是否有效、属于谁（RFC 7662）。",
    "Return a user's openid, unionid and further ids.": "返回用户的 openid、unionid 和其他 id。",
    "Give a user the team's own id.": "为用户设置业务系统的用户 ID。",
    "Return the access_token of a mini-program, which wxlogin alone fetches at WeChat.": "返回小程序的 access_token，统一由 wxlogin 向微信获取。",
    "Sign data with the user's session_key, for WeChat's APIs that require a signature.": "用该用户的 session_key 签名，供要求签名的微信接口使用。",
    "Sign a virtual payment with the mini-program's AppKey and the user's session_key.": "用小程序的 AppKey 和用户的 session_key 为虚拟支付签名。",
    "Return the keys of the user's encrypted channel, which WeChat renews every hour.": "返回用户加密网络通道的密钥，微信每小时更换。",
    "Sign in; the answer sets the cookie `wxlogin_admin`.": "登录，响应设置 Cookie `wxlogin_admin`。",
    "Begin a sign-in with a passkey.": "开始用通行密钥（Passkey）登录。",
    "Sign out.": "退出登录。",
    "Say who is signed in, and give the CSRF token again.": "查看当前管理员，并再次取得 CSRF 令牌。",
    "Enter the password again, which allows critical calls for five minutes.": "再次输入密码，五分钟内可执行重要操作。",
    "Begin to give the password again, with a passkey.": "再次输入密码时开始使用通行密钥。",
    "Replace the password; the admin's other sessions end.": "修改密码，本人的其他会话结束。",
    "Create a second factor; it takes effect once a code confirms it.": "创建两步验证，用验证码确认后生效。",
    "Confirm the second factor with a code; the answer has the recovery codes, only once.": "用验证码确认两步验证，响应含恢复码，只显示这一次。",
    "Replace all recovery codes.": "重新生成全部恢复码。",
    "List where the admin is signed in.": "列出本人的登录会话。",
    "End one of the admin's own sessions.": "结束本人的一个会话。",
    "List my passkeys.": "列出本人的通行密钥。",
    "Begin a new passkey; it counts once it is confirmed.": "开始添加通行密钥，确认后生效。",
    "Register the passkey that the browser made; the admin's other sessions end.": "登记浏览器创建的通行密钥，本人的其他会话结束。",
    "Remove a passkey; the admin's other sessions end.": "删除通行密钥，本人的其他会话结束。",
    "Return recent counts, and how many sessions are live.": "返回近期统计和在线会话数。",
    "Return how stores, WeChat, webhooks, workers and keys are, the same from every worker.": "返回存储、微信、Webhook、worker 和密钥的状态，各 worker 结果相同。",
    "List the users, newest first.": "列出用户，最新的在前。",
    "Find users by a whole id, openid, phone number or external id.": "按完整的 id、openid、手机号或业务系统 ID 查找用户。",
    "Show a user, with masked personal data.": "查看用户，个人信息已脱敏。",
    "Delete all stored data of a user.": "注销并删除该用户的全部数据。",
    "List a user's live sessions, newest first.": "列出用户的在线会话，最新的在前。",
    "List a user's logins, newest first.": "列出用户的登录记录，最新的在前。",
    "List what happened to a user, newest first: logins, ends of sessions, events, acts.": "列出用户的时间线：登录、会话结束、事件、操作，最新的在前。",
    "End all sessions of a user.": "结束用户的全部会话。",
    "Ban a user, which replaces an earlier ban, and end their sessions.": "封禁用户并结束其会话，替换之前的封禁。",
    "Lift a user's ban, if there is one.": "解除用户的封禁。",
    "Let WeChat replace a user's session_key.": "让微信更换用户的 session_key。",
    "Reveal a user's openid, unionid and phone number.": "显示用户完整的 openid、unionid 和手机号。",
    "Export all stored data of a user.": "导出用户的全部数据。",
    "List the live sessions, newest first.": "列出在线会话，最新的在前。",
    "End one session.": "结束一个会话。",
    "List security events, newest first.": "列出安全事件，最新的在前。",
    "Find what a text means: a whole id, openid, phone number, session, request or address.": "查找一段文本所指：id、openid、手机号、会话、请求或地址。",
    "List the alerts, newest first.": "列出告警，最新的在前。",
    "Acknowledge an alert, with a note for the others.": "确认告警，可附备注。",
    "List the acts of the audit trail, newest first.": "列出审计日志中的操作，最新的在前。",
    "List the mini-programs, newest first.": "列出小程序，最新的在前。",
    "Replace the AppSecret, once WeChat has accepted the new one.": "更换 AppSecret，经微信验证后生效。",
    "Replace the keys of the message push.": "更换消息推送密钥。",
    "Replace an AppKey of virtual payment: the live one, or that of WeChat's sandbox.": "更换虚拟支付的 AppKey：现网或微信沙箱环境的。",
    "Set the page that a scan opens.": "设置扫码打开的页面。",
    "End the sessions of all its users, who can log in again.": "结束全部用户的会话，用户可以重新登录。",
    "Refuse its logins and end its sessions.": "停用小程序：拒绝登录并结束会话。",
    "Let its users log in again, at once.": "启用小程序，用户可以立即登录。",
    "List the keys by name, with how many rows still need each.": "列出密钥，以及仍需要各密钥的行数。",
    "Seal and index everything under the newest keys, in the background.": "在后台用最新密钥重新加密和索引。",
    "List the admins, newest first.": "列出管理员，最新的在前。",
    "Create an admin; without a password, generate one, which only this answer contains.": "创建管理员；不给密码则自动生成，只在此响应中显示。",
    "Change the role, disable or enable the account; the admin's sessions end.": "修改角色、停用或启用账号，其会话结束。",
    "Generate a password, which only this answer contains; the admin's sessions end.": "生成新密码，只在此响应中显示，其会话结束。",
    "Remove the second factor of an admin who lost it; their sessions end.": "为丢失两步验证的管理员取消它，其会话结束。",
    "List the API tokens, newest first.": "列出 API 令牌，最新的在前。",
    "Create an API token, which only this answer contains.": "创建 API 令牌，只在此响应中显示。",
    "Revoke an API token, at once.": "立即吊销 API 令牌。",
    "Hand an API token over to another admin.": "把 API 令牌移交给另一位管理员。",
    "List the webhooks, newest first.": "列出 Webhook，最新的在前。",
    "Make a webhook and answer its secret, this once.": "创建 Webhook，密钥只在此响应中显示。",
    "Show a webhook.": "查看 Webhook。",
    "Remove a webhook with its deliveries.": "删除 Webhook 及其投递记录。",
    "Enable or disable a webhook, or change what it gets.": "启用、停用 Webhook，或修改订阅的事件。",
    "Send a test event at once and answer how that ended.": "立即发送测试事件并返回结果。",
    "Give a webhook another secret; both sign for a day.": "更换 Webhook 密钥，一天之内新旧密钥同时签名。",
    "List what a webhook got, newest first.": "列出 Webhook 的投递记录，最新的在前。",
    "Send a delivery once more, with its id and its body.": "重新发送一次投递，id 和正文不变。",
    "Accept an invitation: set the password, once; the answer sets the cookie.": "接受邀请：设置密码，只能用一次；响应会设置 Cookie。",
    "Create an admin who sets their own password, with a link that only this answer contains.": "邀请管理员自行设置密码；邀请链接只在本次响应中出现。",
    "Give a mini-program another name.": "重命名小程序。",
    "Let a user be joined again, which their next login does.": "允许用户再次关联，下次登录时生效。",
    "List the public keys that verify `X-Wxlogin-Assertion` (RFC 7517).": "列出验证 `X-Wxlogin-Assertion` 的公钥（RFC 7517）。",
    "List the sign-ins to the admin's account, newest first, also those that are over.": "列出本人账号的登录记录，最新的在前，含已结束的。",
    "List what the admin should look at of their own account.": "列出本人账号需要留意的事项。",
    "Register a mini-program, once WeChat has accepted its AppSecret.": "先由微信验证 AppSecret，再登记小程序。",
    "Replace an invitation that was not accepted yet; the one before is void.": "更换尚未接受的邀请，之前的链接作废。",
    "Send a test to every channel of alerts, and say what each answered.": "向每个告警接收方发送测试，并返回各自的响应。",
    "Unlink a user from their person: they get another, and nothing joins them again.": "取消用户与自然人的关联：该用户成为独立的自然人，此后不再关联。",
}
EN = """# The API

Every call, for whom it is, and the shape of the answers. `make run` shows each member with an example at `/docs`, the
document is `GET /v1/openapi.json`, and with `?part=client`, `services` or `admin` it holds the calls of one kind of caller.

JSON in, JSON out, UTF-8. Times are ISO 8601 in UTC, durations seconds. Every answer has `X-Request-Id`. Unknown fields are
refused by name. Errors: [errors.md](errors.md). Signatures: [signing.md](signing.md).

## A login

```json
{{"code": "0a3bCdEf1G2hIjKlMnOpQrStUvWxYz4k", "device_id": "b7c0f1d2-5e6a-4c3b-9f8e-7d6c5b4a3928",
 "device_name": "iPhone 15 Pro", "platform": "ios"}}
```

is answered with

```json
{{"token": "wxs_...", "token_type": "Bearer", "expires_in": 604800, "max_expires_in": 2592000,
 "user": {{"id": "U4yV6asXwbm1F4ghFgMJeQ", "is_new": true}}, "session": {{"id": "q3VYJmXo1n0mZ4yIuK9v0w"}},
 "signing": {{"key": "<base64>", "algorithm": "HMAC-SHA256"}}, "ended": 0}}
```

## From the mini-program, and pages on the web

`Authorization: Bearer wxs_...`, and a [signature](signing.md) where a call changes something. Logins and scans need no token.

{client}

## From your servers

`Authorization: Bearer wxa_...`, with a scope: [services.md](services.md).

{services}

## From WeChat and from monitors

{others}

## From operators

The cookie of a sign-in with `X-CSRF-Token`, or an API token with the scope `read` or `operate`: [admin.md](admin.md).

{admin}
"""
ZH = """# 接口参考

全部接口、供谁使用，以及响应的形式。`make run` 启动后，`/docs` 逐个显示字段和示例；`GET /v1/openapi.json` 是 OpenAPI 文档，加 `?part=client`、`services` 或 `admin` 只含一类调用方的接口。

请求和响应都是 UTF-8 的 JSON。时间为 UTC 的 ISO 8601，时长以秒为单位。每个响应都有 `X-Request-Id`。未知字段会被指名拒绝。错误码见 [errors.zh-CN.md](errors.zh-CN.md)，签名见 [signing.zh-CN.md](signing.zh-CN.md)。

## 登录示例

```json
{{"code": "0a3bCdEf1G2hIjKlMnOpQrStUvWxYz4k", "device_id": "b7c0f1d2-5e6a-4c3b-9f8e-7d6c5b4a3928",
 "device_name": "iPhone 15 Pro", "platform": "ios"}}
```

响应：

```json
{{"token": "wxs_...", "token_type": "Bearer", "expires_in": 604800, "max_expires_in": 2592000,
 "user": {{"id": "U4yV6asXwbm1F4ghFgMJeQ", "is_new": true}}, "session": {{"id": "q3VYJmXo1n0mZ4yIuK9v0w"}},
 "signing": {{"key": "<base64>", "algorithm": "HMAC-SHA256"}}, "ended": 0}}
```

## 小程序和网页

`Authorization: Bearer wxs_...`，修改类请求还需要[签名](signing.zh-CN.md)。登录和扫码不需要 token。

{client}

## 业务服务器

`Authorization: Bearer wxa_...`，按权限范围：[services.zh-CN.md](services.zh-CN.md)。

{services}

## 微信和监控

{others}

## 控制台

登录得到的 Cookie 加 `X-CSRF-Token`，或权限范围为 `read`、`operate` 的 API 令牌：[admin.zh-CN.md](admin.zh-CN.md)。

{admin}
"""


def page(document: dict[str, Any], language: str) -> str:
    """Return the page of an OpenAPI document in a language."""
    rows: dict[str, list[str]] = {"client": [], "services": [], "others": [], "admin": []}
    for path, calls in document["paths"].items():
        for method, call in calls.items():
            said = (
                call["summary"]
                if language == "en"
                else SUMMARIES.get(call["summary"], call["summary"])
            )
            rows[_kind(path)].append(f"| `{method.upper()} {path}` | {said} |")
    head = ("| Call | What it does |" if language == "en" else "| 接口 | 作用 |", "| --- | --- |")
    tables = {kind: "\n".join((*head, *lines)) for kind, lines in rows.items()}
    return (EN if language == "en" else ZH).format(**tables)


def _kind(path: str) -> str:
    return "others" if path.startswith(OTHERS) else part_of(path)
