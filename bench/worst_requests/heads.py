"""The worst targets and headers."""

from __future__ import annotations

from bench.worst_requests.case import HEADER, HEADERS, LINE, Case, Who, filled


def _header(
    name: str, zh: tuple[str, str], en: str, value: str, path: str = "/v1/auth", who: Who = "a user"
) -> Case:
    return Case((name, zh[0]), (en, zh[1]), path, "GET", who, headers={name: value})


TARGETS = (
    Case(
        ("Nothing", "无"),
        ("`GET /admin/sign-in`", "`GET /admin/sign-in`"),
        "/admin/sign-in",
        "GET",
    ),
    Case(
        ("Nothing", "无"),
        ("`GET /v1/openapi.json`", "`GET /v1/openapi.json`"),
        "/v1/openapi.json",
        "GET",
    ),
    Case(("Nothing", "无"), ("`GET /docs`", "`GET /docs`"), "/docs", "GET"),
    Case(("Nothing", "无"), ("`GET /readyz`", "`GET /readyz`"), "/readyz", "GET"),
    Case(
        ("Query", "查询串"),
        ("2,000 parameters", "2,000 个参数"),
        "/admin/api/users",
        "GET",
        "an admin",
        query=filled("a", "&a", most=LINE),
    ),
    Case(
        ("Query", "查询串"),
        ("1,300 escapes", "1,300 个转义"),
        "/admin/api/events",
        "GET",
        "an admin",
        query=filled("subject=", "%E4", most=LINE),
    ),
    Case(
        ("Query", "查询串"),
        ("2,000 parameters", "2,000 个参数"),
        "/admin/sign-in",
        "GET",
        query=filled("a", "&a", most=LINE),
    ),
    Case(
        ("Cursor", "游标"),
        ("3,900 characters", "3,900 个字符"),
        "/admin/api/events",
        "GET",
        "an admin",
        query=filled("cursor=", "A", most=LINE),
    ),
    Case(
        ("Cursor", "游标"),
        ("2,000 filters beside it", "同时带 2,000 个筛选条件"),
        "/admin/api/events",
        "GET",
        "an admin",
        query=filled("cursor=AAAA", "&a", most=LINE),
    ),
    Case(("Path", "路径"), ("4,000 slashes", "4,000 个斜杠"), filled("/v1", "/", most=LINE), "GET"),
    Case(
        ("Path", "路径"),
        ("1,300 escapes", "1,300 个转义"),
        filled("/v1/sessions/", "%2F", most=LINE),
        "DELETE",
    ),
    Case(
        ("Path", "路径"),
        ("`..` 1,300 times", "1,300 个 `..`"),
        filled("/docs/scalar/", "../", most=LINE),
        "GET",
    ),
)
IN_HEADER = "请求头"
HEADER_CASES = (
    _header(
        "Authorization",
        (f"{IN_HEADER} Authorization", "8,000 字符的令牌"),
        "a token of 8,000 characters",
        filled("Bearer ", "A", most=HEADER),
        who="anybody",
    ),
    _header(
        "Cookie",
        (f"{IN_HEADER} Cookie", "2,600 个 cookie"),
        "2,600 cookies",
        filled("a=", ";a=", most=HEADER),
        "/admin/api/me",
        "an admin",
    ),
    _header(
        "Cookie",
        (f"{IN_HEADER} Cookie", "2,000 个八进制转义"),
        "2,000 octal escapes",
        filled('wxlogin_admin="', r"\303", '"', most=HEADER),
        "/admin/api/me",
        "anybody",
    ),
    _header(
        "X-Forwarded-For",
        (f"{IN_HEADER} X-Forwarded-For", "8,000 个空项"),
        "8,000 empty entries",
        filled("", ",", most=HEADER),
    ),
    _header(
        "X-Forwarded-For",
        (f"{IN_HEADER} X-Forwarded-For", "2,000 个冒号的地址"),
        "an address of colons",
        filled("", "::", most=HEADER),
    ),
    _header(
        "X-Request-Id",
        (f"{IN_HEADER} X-Request-Id", "8,000 个字符"),
        "8,000 characters",
        filled("", "A", most=HEADER),
    ),
    _header(
        "X-Original-URI",
        (f"{IN_HEADER} X-Original-URI", "8,000 个冒号"),
        "8,000 colons",
        filled("a", ":", most=HEADER),
    ),
    _header(
        "Accept-Language",
        (f"{IN_HEADER} Accept-Language", "2,600 种语言"),
        "2,600 languages",
        filled("a-b", ",a-b", most=HEADER),
        "/admin/sign-in",
        "anybody",
    ),
    _header(
        "Accept",
        (f"{IN_HEADER} Accept", "4,000 种类型"),
        "2,000 types",
        filled("*/*", ",a/b", most=HEADER),
        "/admin/api/events",
        "an admin",
    ),
    _header(
        "Range",
        (f"{IN_HEADER} Range", "2,000 个范围"),
        "2,000 ranges",
        filled("bytes=0-0", ",0-0", most=HEADER),
        "/docs/scalar/scalar.standalone.js",
        "anybody",
    ),
    _header(
        "If-None-Match",
        (f"{IN_HEADER} If-None-Match", "2,000 个 ETag"),
        "2,000 tags",
        filled('"a"', ',"a"', most=HEADER),
        "/docs/scalar/scalar.standalone.js",
        "anybody",
    ),
    Case(
        ("Content-Type", f"{IN_HEADER} Content-Type"),
        ("2,000 parameters", "2,000 个参数"),
        "/v1/login",
        headers={"Content-Type": filled("application/json", ";a=b", most=HEADER)},
        body=b"{}",
    ),
    Case(
        ("Content-Type", f"{IN_HEADER} Content-Type"),
        ("a parameter that never ends", "永不结束的参数"),
        "/v1/login",
        headers={"Content-Type": filled('application/json;a="', '\\"', most=HEADER)},
        body=b"{}",
    ),
    Case(
        ("All headers", "全部请求头"),
        ("70 of 8,000 characters", "70 个 8,000 字符的请求头"),
        "/v1/auth",
        "GET",
        "a user",
        headers={f"X-H{n}": "x" * HEADER for n in range(HEADERS)},
    ),
)
