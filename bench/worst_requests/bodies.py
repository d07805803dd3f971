"""The worst JSON bodies."""

from __future__ import annotations

import base64
import json
import string

from bench.worst_requests.case import Case, filled, json_body

DATA = base64.b64encode(bytes(49_152)).decode()  # 64 KiB of base64
IV = base64.b64encode(bytes(16)).decode()


def _numbered(names: int) -> str:
    return json.dumps({f"f{n}": n for n in range(names)}, separators=(",", ":"))


def _names(number: int) -> str:
    return ",".join(f'"{letter}":0' for letter in string.ascii_letters[:number])


BODIES: tuple[Case, ...] = (
    json_body("20,000 names", "20,000 个字段", _numbered(20_000)),
    json_body(
        "100 names of 2,600 characters",
        "100 个 2,600 字符的字段名",
        json.dumps({f"{n:02}" + "n" * 2_600: 0 for n in range(100)}, separators=(",", ":")),
    ),
    json_body(
        "one name of 262,000 characters", "一个 262,000 字符的字段名", filled('{"', "n", '":0}')
    ),
    json_body("lists in lists, 262,000 deep", "列表嵌套 262,000 层", filled("", "[")),
    json_body("objects in objects, 43,000 deep", "对象嵌套 43,000 层", filled("", '{"a":')),
    json_body("87,000 empty objects", "87,000 个空对象", filled('{"code":[{}', ",{}", "]}")),
    json_body(
        "32,000 objects with a name",
        "32,000 个单字段对象",
        filled('{"code":[{"a":0}', ',{"a":0}', "]}"),
    ),
    json_body(
        "200 objects of 49 names",
        "200 个 49 字段的对象",
        filled('{"code":[0', f",{{{_names(49)}}}", "]}", most_units=200),
    ),
    json_body(
        "990 objects of 10 names",
        "990 个 10 字段的对象",
        filled('{"code":[0', f",{{{_names(9)}}}", "]}", most_units=990),
    ),
    json_body(
        "10,000 numbers", "10,000 个数字", filled('{"code":[0', ",0", "]}", most_units=9_990)
    ),
    json_body(
        "9,900 numbers of 25 digits",
        "9,900 个 25 位的数字",
        filled('{"code":[0', "," + "9" * 25, "]}", most_units=9_900),
    ),
    json_body(
        "9,900 fractions of 25 digits",
        "9,900 个 25 位的小数",
        filled('{"code":[0', ",0." + "9" * 23, "]}", most_units=9_900),
    ),
    json_body("lists in lists, 900 deep", "列表嵌套 900 层", "[" * 900 + "]" * 900),
    json_body("87,000 empty lists", "87,000 个空列表", filled('{"code":[[]', ",[]", "]}")),
    json_body("131,000 numbers", "131,000 个数字", filled('{"code":[0', ",0", "]}")),
    json_body("a number of 262,000 digits", "一个 262,000 位的数字", filled('{"code":', "9", "}")),
    json_body(
        "60 numbers of 4,300 digits",
        "60 个 4,300 位的数字",
        filled('{"code":[0', "," + "9" * 4_300, "]}"),
    ),
    json_body(
        "fractions of 4,000 digits",
        "4,000 位的小数",
        filled('{"code":[0', ",0." + "9" * 4_000, "]}"),
    ),
    json_body(
        "43,000 halves of surrogate pairs",
        "43,000 个半个代理对",
        filled('{"code":"', r"\ud800", '"}'),
    ),
    json_body(
        "a name of half surrogate pairs",
        "由半个代理对组成的字段名",
        filled('{"', r"\ud800", '":0}'),
    ),
    json_body(
        "a text of 262,000 characters", "一个 262,000 字符的文本", filled('{"code":"', "x", '"}')
    ),
    json_body("262,000 spaces", "262,000 个空格", filled('{"code":"x"', " ", "}")),
    json_body(
        "base64 of 64 KiB",
        "64 KiB 的 base64",
        json.dumps({"encryptedData": DATA, "iv": IV}),
        "/v1/decrypt",
        "a user",
    ),
    json_body(
        "`rawData` of 64 KiB",
        "64 KiB 的 `rawData`",
        json.dumps({"rawData": "\ud83d\ude00" * 16_000, "signature": "0" * 40}),
        "/v1/decrypt/verify",
        "a user",
    ),
    json_body(
        "nine fields of 29,000 characters",
        "九个 29,000 字符的字段",
        json.dumps(
            {
                **dict.fromkeys(
                    ("errMsg", "errno", "cloudID", "userInfo", "rawData", "code"), "x" * 29_000
                ),
                "encryptedData": "+" * 29_000,
                "iv": "=" * 29_000,
                "signature": "0" * 29_000,
            }
        ),
        "/v1/decrypt/profile",
        "a user",
    ),
)
