"""What a reader of the OpenAPI document sees in place of made-up text: an example of each member.

They are by the member's name, or by `Schema.member` where one name means two things.
"""

from __future__ import annotations

from typing import Any

USER, SESSION = "U4yV6asXwbm1F4ghFgMJeQ", "q3VYJmXo1n0mZ4yIuK9v0w"
PERSON, APPID = "Zr5mQ2xW9vT4kN6bY1sF8g", "wx0123456789abcdef"
EARLIER, NOW, LATER = "2026-11-01T01:30:00Z", "2026-11-30T02:00:00Z", "2026-12-07T02:00:00Z"
SEALED = "CiyLU1Aw2KjvrjMdj8YKliAjtP4gsMZMQmRzooG2xrDcvSnxIMXFufNstNGTyaGS"

EXAMPLES: dict[str, Any] = {
    "Problem.code": "SESSION_EXPIRED",
    "Problem.detail": "It was idle too long, reached its greatest age, or is not known any more.",
    "Problem.status": 401,
    "Problem.title": "The session has expired",
    "Problem.type": "urn:wxlogin:error:SESSION_EXPIRED",
    "acknowledged_at": NOW,
    "acknowledged_by": "admin:alice",
    "actor": "admin:alice",
    "address": "203.0.113.9",
    "aes_key": "ExampleOfAnEncodingAESKeyOf43CharactersFrom",
    "app": APPID,
    "appid": APPID,
    "at": NOW,
    "avatar_url": "https://shop.example.com/avatars/1.png",
    "browser": "Chrome 142",
    "by": "admin:alice",
    "client_id": APPID,
    "code": "0a3bCdEf1G2hIjKlMnOpQrStUvWxYz4k",
    "countryCode": "86",
    "created_at": EARLIER,
    "csrf_token": "dGhpcyBpcyBhbiBleGFtcGxlIG9mIGEgdG9rZW4",  # shown in docs # nosec B105
    "data": '{"offer_id":"12345678"}',
    "delivered_at": NOW,
    "device_id": "b7c0f1d2-5e6a-4c3b-9f8e-7d6c5b4a3928",
    "device_name": "iPhone 15 Pro",
    "encryptedData": SEALED,
    "env_version": "release",
    "event": "login.succeeded",
    "exp": 1764900000,
    "expires_at": LATER,
    "expires_in": 604800,
    "external_id": "u-1001",
    "field": "code",
    "fingerprint": "9015b057aee1",
    "iat": 1764295200,
    "id": USER,
    "image": "/v1/scan/Xp2mB7cQ9dR1eT5fY8gU3h/code.png",
    "ip": "203.0.113.9",
    "iv": "r7BXXKkLb8qrSNn05n0qiA==",
    "last_login_at": NOW,
    "last_seen_at": NOW,
    "last_used_at": NOW,
    "max_expires_at": "2026-12-30T02:00:00Z",
    "max_expires_in": 2592000,
    "name": "alice",
    "new_password": "seven quiet rivers under glass",  # shown in docs # nosec B105
    "nickname": "小明",
    "note": "已联系用户",
    "otp": "123456",
    "outcome": "done",
    "password": "correct horse battery staple",  # shown in docs # nosec B105
    "person": PERSON,
    "phone": "13800138000",
    "phoneNumber": "13800138000",
    "platform": "ios",
    "purePhoneNumber": "13800138000",
    "q": USER,
    "rawData": '{"nickName":"小明","gender":0,"language":"zh_CN"}',
    "reason": "用户投诉",
    "region": "中国 广东省 深圳市",
    "request_id": "kq0cZ4Hn3sTfWm1B",
    "role": "operator",
    "scan": "Xp2mB7cQ9dR1eT5fY8gU3h",
    "session": SESSION,
    "sid": SESSION,
    "sign_data": '{"env":0,"offerId":"1450"}',
    "sub": USER,
    "system": "Windows",
    "target": f"user:{USER}",
    "until": LATER,
    "uri": "requestVirtualPayment",
    "url": "https://shop.example.com/hooks",
    "user": USER,
    "username": "alice",
}


def with_examples(document: dict[str, Any]) -> dict[str, Any]:
    """Return an OpenAPI document whose schemas show an example of each member they know."""
    components = document["components"]
    schemas = {name: _shown(name, schema) for name, schema in components["schemas"].items()}
    return {**document, "components": {**components, "schemas": schemas}}


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
    return ("string" if isinstance(example, str) else "integer") in kinds
