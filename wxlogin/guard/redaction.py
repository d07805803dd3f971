r"""Redaction: what looks like a secret, or is one that we hold, leaves a text before it is written.

Values that we hold are found wherever they stand; session_keys and tokens too, by their shape. The
other shapes are told from ordinary text by what adjoins them: no letter and no digit, unless it
belongs to an escape (`\n`, `\u0022`, `%3D`).
"""

from __future__ import annotations

import re
from re import Match

from wxlogin.vault.held import held

# JSON's and Python's, of which the backslash may be percent-encoded, and percent-encoding itself.
ESCAPES = (
    *(
        f"{b}{rest}"
        for b in (r"\\", "%5[Cc]")
        for rest in ("[nrtbf]", "u[0-9A-Fa-f]{4}", "x[0-9A-Fa-f]{2}")
    ),
    *(f"{p}[0-9A-Fa-f]{{2}}" for p in ("%", "%25")),
)
ENDS = "(?![A-Za-z0-9])"


def _alone(shape: str) -> str:
    """A shape of a fixed width that nothing adjoins in front.

    The look back comes after it, so that the search can skip to its first character.
    """
    allowed = [f"(?<![A-Za-z0-9]{shape})", *(f"(?<={escape}{shape})" for escape in ESCAPES)]
    return f"{shape}(?:{'|'.join(allowed)})"


MOBILE = "[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}(?![0-9])"
PROXY_ID = '(?<!"request_id": "[0-9a-f]{32})(?<! request_id=[0-9a-f]{32})'

SHAPES = [
    (f"[{name}]", re.compile(pattern))
    for name, pattern in (
        ("token", r"wx[aos]_[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]+)*"),
        ("access_token", _alone("[0-9]{2}_") + "[A-Za-z0-9_-]{40,}"),
        # The capital tells it from names in a source; one openid in a million has none.
        ("openid", _alone("o") + "(?=[a-z0-9_-]*[A-Z])[A-Za-z0-9_-]{27}" + ENDS),
        (
            "code",
            _alone("0") + "(?=[0-9A-Z]*[a-z])(?=[0-9a-z]*[A-Z])[0-9A-Za-z]{31}" + ENDS,
        ),
        # A proxy's request id may look the same; it has a place of its own in a line.
        ("AppSecret", _alone("[0-9a-f]{32}") + PROXY_ID + ENDS),
        ("phone", _alone("1") + r"(?<![0-9]\.1)" + MOBILE),
        ("phone", r"86(?:(?<![0-9A-Fa-f.]86)|(?<=0086)(?<![0-9.]0086))[ -]?1" + MOBILE),
    )
]

SESSION_KEY = re.compile(
    r"(?:[A-Za-z0-9+/]|%2[BbFf]|\\+/|\\+u002[BbFf]){22}(?:=|%3[Dd]|\\+u003[Dd]){2}"
)

NAMES = (
    "access_token",
    "authorization",
    "data_keys",
    "index_keys",
    "js_code",
    "openid",
    "password",
    "phonenumber",
    "secret",
    "secret_keys",
    "session_key",
    "unionid",
)
"""Whatever stands behind one of these names is secret, whatever it looks like."""

NAMED = f"(?P<name>(?i:{'|'.join(sorted(NAMES, reverse=True))}))"
QUOTE = r"\\*[\"']"
# A bare double quote before a comma is where a JSON line's own string ends.
COMMA = r"(?:'\s*,\s*'|\\+\"\s*,\s*\\+\")"
# "secret": "...", ('js_code', '...'), session_key='...'
QUOTED = (
    rf"{NAMED}(?P<glue>{QUOTE}\s*[:=]\s*{QUOTE}|{COMMA}|={QUOTE})"
    r"(?P<value>[^\"'\\,}\[\]][^\"'\\]*)"
)
# secret=...&, secret%3D...
ASSIGNED = rf"{NAMED}(?P<glue>=|%3[Dd])(?P<value>[^\s\"'&,;<>()\[\]{{}}\\]+)"
# Authorization: Bearer ..., the name and the rest in quotes or not
HEADER = (
    rf"(?P<name>(?i:authorization))(?P<glue>(?:{QUOTE})?[:=]\s*(?:{QUOTE})?|{COMMA})"
    r"(?P<value>(?:[A-Za-z]+ +)?[^\s\"'&,;\[\]{}\\]+)"
)
FIELDS = [re.compile(pattern) for pattern in (QUOTED, ASSIGNED, HEADER)]
LOGIN_OF_URL = re.compile(r"(?<=://)[^\s/@\"'\\\[\]]+@")


def redact(text: str) -> str:
    """The text with `[openid]`, `[token]`, ... where a secret stood; ordinary text stays."""
    for kind, value in held:
        text = text.replace(value, f"[{kind}]")
    if "==" in text or "%3" in text or "u003" in text:
        text = SESSION_KEY.sub("[session_key]", text)
    for placeholder, shape in SHAPES:
        text = shape.sub(placeholder, text)
    if "@" in text:
        text = LOGIN_OF_URL.sub("[password]@", text)
    small = text.lower()
    if any(name in small for name in NAMES):
        for field in FIELDS:
            text = field.sub(_emptied, text)
    return text


def _emptied(field: Match[str]) -> str:
    return f"{field['name']}{field['glue']}[{field['name']}]"
