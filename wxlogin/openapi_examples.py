"""What a reader of the OpenAPI document sees in place of made-up text: an example of each member.

They are by the member's name, or by `Schema.member` where one name means two things.
"""

from __future__ import annotations

from typing import Any

USER, SESSION = "U4yV6asXwbm1F4ghFgMJeQ", "q3VYJmXo1n0mZ4yIuK9v0w"
PERSON, APPID = "Zr5mQ2xW9vT4kN6bY1sF8g", "wx0123456789abcdef"
EARLIER, NOW, LATER = "2026-11-01T01:30:00Z", "2026-11-30T02:00:00Z", "2026-12-07T02:00:00Z"
SEALED = "CiyLU1Aw2KjvrjMdj8YKliAjtP4gsMZMQmRzooG2xrDcvSnxIMXFufNstNGTyaGS"

TYPES: dict[type, str] = {str: "string", int: "integer", list: "array", dict: "object"}
IDS = {"sessions": SESSION, "alerts": "17", "apps": APPID}
"""The id in a path, by the list that it is of."""

EXAMPLES: dict[str, Any] = {
    "AlertItem.id": 17,
    "AuditItem.id": 1042,
    "CertificateItem.checked_at": NOW,
    "CertificateItem.days_left": 61,
    "CertificateItem.ends_at": "2027-01-30T02:00:00Z",
    "EventItem.id": 88123,
    "SignInItem.id": 1042,
    "apps": [APPID],
    "credential": {"id": "AQIDBAUGBwg", "type": "public-key"},
    "DataAnswer.data": {"stepInfoList": [{"timestamp": 1764460800, "step": 8206}]},
    "detail": {"ended": 1},
    "events": ["user.logged_in"],
    "networks": ["10.0.0.0/8"],
    "options": {"challenge": "x3mZ0hV1kQ9sT5bW", "timeout": 120000},
    "permissions": ["users.read", "sessions.end"],
    "profile": {"nickName": "小明", "avatarUrl": "https://shop.example.com/avatars/1.png"},
    "recovery_codes": ["k7wq-2mzt", "b9xv-5nrc"],
    "steps": ["Start web-2 anew with the same keys."],
    "Export.user": {"id": USER, "nickname": "小明"},
    "OwnData.user": {"id": USER, "nickname": "小明"},
    "users": [USER],
    "access_token": "89_Q0ZtVxw2J7dPq3n",  # shown in docs
    "acknowledged_at": NOW,
    "acknowledged_by": "admin:alice",
    "act": "user.ban",
    "active_users": 812,
    "actor": "admin:alice",
    "address": "203.0.113.9",
    "advice": "Look at the address in the events; block it in front if it goes on.",
    "aes_key": "ExampleOfAnEncodingAESKeyOf43CharactersFrom",
    "alerts": 1,
    "app": APPID,
    "appid": APPID,
    "at": NOW,
    "attempt": "Yk3dW8nQ2sV6bX1rT5mZ0A",
    "attempted_at": NOW,
    "attempts": 1,
    "avatar_url": "https://shop.example.com/avatars/1.png",
    "banned_at": EARLIER,
    "banned_by": "admin:alice",
    "body": '{"type":"user.logged_in","timestamp":"2026-11-30T02:00:00Z","data":{}}',
    "browser": "Chrome 142",
    "by": "admin:alice",
    "by_device_name": "iPhone 15 Pro",
    "by_platform": "ios",
    "client_id": APPID,
    "code": "0a3bCdEf1G2hIjKlMnOpQrStUvWxYz4k",
    "Problem.code": "SESSION_EXPIRED",
    "count": 12,
    "counted_at": NOW,
    "countryCode": "86",
    "created_at": EARLIER,
    "csrf_token": "dGhpcyBpcyBhbiBleGFtcGxlIG9mIGEgdG9rZW4",  # shown in docs
    "data": '{"offer_id":"12345678"}',
    "Status.database": "ok",
    "dead": "88_Q0ZtVxw2J7dPq3n",
    "delivered_at": NOW,
    "Problem.detail": "It was idle too long, reached its greatest age, or is not known any more.",
    "device_id": "b7c0f1d2-5e6a-4c3b-9f8e-7d6c5b4a3928",
    "device_name": "iPhone 15 Pro",
    "devices": 2,
    "done": 5000,
    "encrypt_key": "VI6BpyrK9XH4i4AIGe86tg==",
    "encryptedData": SEALED,
    "ended": 1,
    "LoginAnswer.ended": 0,
    "env_version": "release",
    "errcode": 40125,
    "event": "login.succeeded",
    "exp": 1764900000,
    "expires_at": LATER,
    "expires_in": 604800,
    "exported_at": NOW,
    "external_id": "u-1001",
    "failing_since": EARLIER,
    "failures": 31,
    "fault": "status 500",
    "field": "code",
    "fingerprint": "9015b057aee1",
    "first_at": EARLIER,
    "host": "web-1",
    "iat": 1764295200,
    "id": USER,
    "SessionHandle.id": SESSION,
    "SessionDetail.id": SESSION,
    "ListedSession.id": SESSION,
    "LiveItem.id": SESSION,
    "OwnSession.id": SESSION,
    "AppItem.id": APPID,
    "KeyItem.id": "d1",
    "image": "/v1/scan/Xp2mB7cQ9dR1eT5fY8gU3h/code.png",
    "intent": 1041,
    "interval": 2,
    "invitation": "uT4xK9pW2mB7vQ1z",
    "ip": "203.0.113.9",
    "iv": "r7BXXKkLb8qrSNn05n0qiA==",
    "keeper": "alice",
    "key": "bGXQ4H0m5h8bB2yDqv1yXw7CqXGQ9o3l",
    "KeyItem.key": "d1",
    "Signing.key": "8Qe0bP1mZrY7s4v2WcXkT6hJ9nLdFgUa3oIyRiEwBtM=",
    "kid": "a1",
    "EventItem.kind": "login.succeeded",
    "last_at": NOW,
    "last_login_at": NOW,
    "last_seen_at": NOW,
    "last_used_at": NOW,
    "live_sessions": 1204,
    "logins": 1530,
    "lost": 0,
    "made_by": "alice",
    "max_expires_at": "2026-12-30T02:00:00Z",
    "max_expires_in": 2592000,
    "Status.migrations": "ok",
    "name": "alice",
    "new_password": "seven quiet rivers under glass",  # shown in docs
    "next": "eyJhZnRlciI6MTA0MX0",
    "next_at": LATER,
    "nickname": "小明",
    "not_after": LATER,
    "note": "已联系用户",
    "oldest_seconds": 4,
    "open_alerts": 1,
    "openid": "oABCD4k8ZmPq2sVt6wXyZ0123456",
    "otp": "123456",
    "outcome": "done",
    "over_at": NOW,
    "page": "pages/scan/scan",
    "password": "correct horse battery staple",  # shown in docs
    "paused_at": NOW,
    "pay_sig": "d0b8b3d4f1f7d5b1c8d9e0a1b2c3d4e5f60718293a4b5c6d7e8f901234567890",
    "person": PERSON,
    "phone": "13800138000",
    "phoneNumber": "13800138000",
    "pid": 4711,
    "platform": "ios",
    "previous_secret_until": LATER,
    "purePhoneNumber": "13800138000",
    "q": USER,
    "qr_svg": '<svg xmlns="http://www.w3.org/2000/svg"/>',
    "rawData": '{"nickName":"小明","gender":0,"language":"zh_CN"}',
    "reason": "用户投诉",
    "reauth_expires_in": 280,
    "recovery_codes_left": 8,
    "Status.redis": "ok",
    "refused_last_hour": 2,
    "region": "中国 广东省 深圳市",
    "request_id": "kq0cZ4Hn3sTfWm1B",
    "revoked_at": NOW,
    "risk_rank": 0,
    "role": "operator",
    "rows": 3120,
    "rule": "fail_ip",
    "scan": "Xp2mB7cQ9dR1eT5fY8gU3h",
    "BegunScan.secret": "7wq0Zt4mB9xK2vR5",  # shown in docs
    "EnrolmentAnswer.secret": "JBSWY3DPEHPK3PXP",  # shown in docs
    "NewAppBody.secret": "0123456789abcdef0123456789abcdef",  # shown in docs
    "SecretBody.secret": "7wq0Zt4mB9xK2vR5",  # shown in docs
    "WebhookSecret.secret": "whsec_Zm9yIHRoZSBkb2NzIG9ubHk=",  # shown in docs
    "seen_at": NOW,
    "session": SESSION,
    "sid": SESSION,
    "sign_data": '{"env":0,"offerId":"1450"}',
    "signature": "75e81ceda165f4ffa64f4068af58c64b8f54b88c",
    "SignatureAnswer.signature": (
        "d0b8b3d4f1f7d5b1c8d9e0a1b2c3d4e5f60718293a4b5c6d7e8f901234567890"
    ),
    "AppItem.status": "active",
    "Problem.status": 401,
    "status_code": 204,
    "step": 3600,
    "stuck": 0,
    "sub": USER,
    "subject": "203.0.113.9",
    "system": "Windows",
    "target": f"user:{USER}",
    "threshold": 20,
    "AlertItem.title": "Many refused logins from one address",
    "Problem.title": "The session has expired",
    "today": 41,
    "token": "wxs_XwV5ZGVmYXVsdA.kq0cZ4Hn3sTfWm1B",  # shown in docs
    "NewToken.token": "wxa_XwV5ZGVmYXVsdA.kq0cZ4Hn3sTfWm1B",  # shown in docs
    "PushKeysBody.token": "ExampleToken",  # shown in docs
    "total": 12000,
    "DeliveryItem.type": "user.logged_in",
    "Problem.type": "urn:wxlogin:error:SESSION_EXPIRED",
    "unionid": "oUnIoN4k8ZmPq2sVt6wXyZ012345",
    "until": LATER,
    "uri": "requestVirtualPayment",
    "url": "https://shop.example.com/hooks",
    "user": USER,
    "username": "alice",
    "version": 3,
    "HostItem.version": "0.2.0",
    "WorkerItem.version": "0.2.0",
    "waiting": 0,
    "what": "WeChat does not accept the AppSecret.",
    "window": 60,
    "workers": 4,
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    "yesterday": 377,
}


def with_examples(document: dict[str, Any]) -> dict[str, Any]:
    """Return an OpenAPI document whose schemas show an example of each member they know."""
    components = document["components"]
    schemas = {name: _shown(name, schema) for name, schema in components["schemas"].items()}
    paths = {path: _named(path, calls) for path, calls in document["paths"].items()}
    return {**document, "paths": paths, "components": {**components, "schemas": schemas}}


def _named(path: str, calls: dict[str, Any]) -> dict[str, Any]:
    """Return the calls of a path with an example of what stands in it."""
    named = path.partition("/{id}")[0].rpartition("/")[2]
    own = {"scan": EXAMPLES["scan"], "appid": APPID, "id": IDS.get(named, USER)}
    return {
        method: {**call, "parameters": [_placed(one, own) for one in call["parameters"]]}
        if "parameters" in call
        else call
        for method, call in calls.items()
    }


def _placed(parameter: dict[str, Any], own: dict[str, str]) -> dict[str, Any]:
    if parameter["in"] != "path":
        return parameter
    return {**parameter, "example": own[parameter["name"]]}


def _shown(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    members = schema.get("properties")
    if not members:
        return schema
    return {**schema, "properties": {own: _with(name, own, it) for own, it in members.items()}}


def _with(schema: str, name: str, member: dict[str, Any]) -> dict[str, Any]:
    example = EXAMPLES.get(f"{schema}.{name}", EXAMPLES.get(name))
    plain = {"$ref", "enum", "const", "example", "examples"}.isdisjoint(member)
    if example is None or not plain or not _fits(example, member):
        return member
    return {**member, "examples": [example]}


def _fits(example: object, member: dict[str, Any]) -> bool:
    """Whether the example is of a type that the member may have."""
    kinds = {one.get("type") for one in (member, *member.get("anyOf", ()))}
    return TYPES[type(example)] in kinds
