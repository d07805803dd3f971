"""The API's calls as docs/api.md lists them."""

from __future__ import annotations

from typing import Any

from wxlogin.meta.document import part_of

OTHERS = ("/v1/push/", "/healthz", "/readyz")
EN = """# The API

Every call, for whom it is, and the shape of the answers. Under `make run` the page `/docs` shows each with its fields, an
example and every refusal, and tries it. The document is `GET /v1/openapi.json`; `?part=client`, `services` or `admin` leaves
the calls of one kind of caller, and `lang=zh` or `Accept-Language` has it in Chinese.

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

全部接口、供谁使用，以及响应的形式。`make run` 启动后，`/docs` 逐个显示字段、示例和每种拒绝，可直接试用。`GET /v1/openapi.json` 是 OpenAPI 文档，`?part=client`、`services` 或 `admin` 只含一类调用方的接口，`lang=zh` 或 `Accept-Language` 选择中文。

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
            said = call["summary"]
            rows[_kind(path)].append(f"| `{method.upper()} {path}` | {said} |")
    head = ("| Call | What it does |" if language == "en" else "| 接口 | 作用 |", "| --- | --- |")
    tables = {kind: "\n".join((*head, *lines)) for kind, lines in rows.items()}
    return (EN if language == "en" else ZH).format(**tables)


def _kind(path: str) -> str:
    return "others" if path.startswith(OTHERS) else part_of(path)
