r"""Redaction: removes known secrets, and what looks like one, from a text before it is written.

Known values are found anywhere, and so are session_keys and tokens, by their pattern. The other
patterns match only between characters that are neither letter nor digit, unless these belong to an
escape (`\n`, `\u0022`, `%3D`).
"""

from __future__ import annotations

import re
from re import Match

from wxlogin.vault.leak_guard import leak_guard

# Escapes of JSON and Python, whose backslash may be percent-encoded, and percent-encoding itself.
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
    """Return a pattern of fixed width that no letter or digit precedes.

    The lookbehind comes after it, so that the search can skip to its first character.
    """
    allowed = [f"(?<![A-Za-z0-9]{shape})", *(f"(?<={escape}{shape})" for escape in ESCAPES)]
    return f"{shape}(?:{'|'.join(allowed)})"


MOBILE = "[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}(?![0-9])"
PROXY_ID = '(?<!"request_id": "[0-9a-f]{32})(?<! request_id=[0-9a-f]{32})'

PATTERNS = [
    (f"[{name}]", re.compile(pattern))
    for name, pattern in (
        ("token", r"wx[aioqs]_[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]+)*"),
        ("assertion", r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)?"),
        ("access_token", _alone("[0-9]{2}_") + "[A-Za-z0-9_-]{40,}"),
        # The capital distinguishes it from names in code; one openid in a million has none.
        ("openid", _alone("o") + "(?=[a-z0-9_-]*[A-Z])[A-Za-z0-9_-]{27}" + ENDS),
        (
            "code",
            _alone("0") + "(?=[0-9A-Z]*[a-z])(?=[0-9a-z]*[A-Z])[0-9A-Za-z]{31}" + ENDS,
        ),
        # A proxy's request id may look the same; PROXY_ID excludes the field of that name.
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
    "assertion_keys",
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
"""The value after one of these names is secret, whatever it looks like."""

NAMED = f"(?P<name>(?i:{'|'.join(sorted(NAMES, reverse=True))}))"
QUOTE = r"\\*[\"']"
# An unescaped double quote before a comma ends a string of the JSON line itself.
COMMA = r"(?:'\s*,\s*'|\\+\"\s*,\s*\\+\")"
# "secret": "...", ('js_code', '...'), session_key='...'
QUOTED = (
    rf"{NAMED}(?P<glue>{QUOTE}\s*[:=]\s*{QUOTE}|{COMMA}|={QUOTE})"
    r"(?P<value>[^\"'\\,}\[\]][^\"'\\]*)"
)
# secret=...&, secret%3D...
ASSIGNED = rf"{NAMED}(?P<glue>=|%3[Dd])(?P<value>[^\s\"'&,;<>()\[\]{{}}\\]+)"
# Authorization: Bearer ..., the name and the value in quotes or not
HEADER = (
    rf"(?P<name>(?i:authorization))(?P<glue>(?:{QUOTE})?[:=]\s*(?:{QUOTE})?|{COMMA})"
    r"(?P<value>(?:[A-Za-z]+ +)?[^\s\"'&,;\[\]{}\\]+)"
)
FIELDS = [re.compile(pattern) for pattern in (QUOTED, ASSIGNED, HEADER)]
URL_USERINFO = re.compile(r"(?<=://)[^\s/@\"'\\\[\]]+@")


# Each of the patterns needs one of these; so a text without any is told from others by one search.
SUSPICIOUS = re.compile(r"[A-Za-z0-9_-]{27}|[0-9][0-9 -]{9}|wx[aioqs]_|eyJ|[=%@:'\"\\]")


def redact(text: str) -> str:
    """Return the text with each secret replaced by `[openid]`, `[token]`, ...; other text stays."""
    text = _without_known(text)
    if "==" in text or "%3" in text or "u003" in text:
        text = SESSION_KEY.sub("[session_key]", text)
    for placeholder, pattern in PATTERNS:
        text = pattern.sub(placeholder, text)
    if "@" in text:
        text = URL_USERINFO.sub("[password]@", text)
    lower = text.lower()
    if any(name in lower for name in NAMES):
        for field in FIELDS:
            text = field.sub(_placeholder, text)
    return text


def redact_line(line: str, outside: str) -> str:
    """Return the redacted line, of which only what `outside` repeats came from elsewhere."""
    return redact(line) if SUSPICIOUS.search(outside) else _without_known(line)


def _without_known(text: str) -> str:
    for kind, value in leak_guard:
        text = text.replace(value, f"[{kind}]")
    return text


def _placeholder(field: Match[str]) -> str:
    return f"{field['name']}{field['glue']}[{field['name']}]"
