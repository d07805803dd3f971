"""The worst forms, and the body that costs the hash of a password."""

from __future__ import annotations

import json

from bench.worst_requests.case import FORM, Case, Who, filled, json_body
from wxlogin.guard.admin_gate import SIGN_IN_BYTES


def _form(en: str, zh: str, path: str, body: str, who: Who = "anybody", kind: str = FORM) -> Case:
    headers = {"Content-Type": kind, "Sec-Fetch-Site": "same-origin"}
    return Case(("Form", "表单"), (en, zh), path, who=who, headers=headers, body=body.encode())


MULTIPART = "multipart/form-data; boundary=b"
PART = '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n'
SIGN_IN = "/admin/sign-in"
FORMS = (
    _form("131,000 empty fields", "131,000 个空字段", SIGN_IN, filled("a", "&a")),
    _form("4,000 empty fields", "4,000 个空字段", SIGN_IN, filled("a", "&a", most=SIGN_IN_BYTES)),
    _form("2,700 escapes", "2,700 个转义", SIGN_IN, filled("a=", "%80", most=SIGN_IN_BYTES)),
    _form(
        "150 parts of multipart",
        "150 个 multipart 部分",
        SIGN_IN,
        filled("", PART + "\r\n", "--b--\r\n", most=SIGN_IN_BYTES),
        kind=MULTIPART,
    ),
    _form(
        "a part without an end",
        "一个没有结尾的部分",
        SIGN_IN,
        filled(PART, "\r\n--", most=SIGN_IN_BYTES),
        kind=MULTIPART,
    ),
    _form(
        "131,000 empty fields",
        "131,000 个空字段",
        "/v1/introspect",
        filled("a", "&a"),
        "a service",
    ),
    _form(
        "87,000 escapes", "87,000 个转义", "/v1/introspect", filled("token=", "%80"), "a service"
    ),
    json_body(
        "a password of 256 characters (argon2id, 20 a minute)",
        "256 字符的密码（argon2id，每分钟 20 次）",
        json.dumps({"username": "bench", "password": "x" * 256}),
        "/admin/api/login",
    ),
)
