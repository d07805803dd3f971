"""Secrets that are recognised by their shape and by the name that they are assigned to.

All patterns run over the text in lower case, which has the same offsets. A pattern begins with a
literal, so that the regex engine skips to it; one that occurs nowhere costs a single search.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator
from functools import cache
from re import Pattern
from typing import NamedTuple

from wxlogin.leakscan import kinds
from wxlogin.leakscan.findings import Match
from wxlogin.leakscan.randomness import is_random

# What of an identifier follows its telling part: `secretOfShop`, `SECRET_KEY`; not `secretId`.
REST = rb"(?![\w.]{0,24}?(?:hash|md5|sha1|sha256|digest|id)[^\w])[\w.$\-]{0,24}"
# `": "`, ` = '`, ` => "`, `", "`, `>`, `%3D`; a Chinese colon; a type or a function between.
WORDS = (
    rb"string|str|bytes|byte|value|const|text|any|final|return|default|or|new|b|u|r|f|c|d"
    rb"|buffer\.from|atob|base64|decode|password|is|to|cdata|get|set|td|th|dd|dt|code|span|strong"
)
# `: ${X:-`, ` = process.env.X || "`, ` = os.getenv("X", "`: the default of another variable.
DEFAULT = (
    rb"[\"']?\s?[:=]?[=>]?\s?(?:\$\{[\w.]{1,40}:-?|process\.env\.\w{1,40}\s?(?:\|\||\?\?)\s?[\"'`]"
    rb"|(?:os\.|system\.)?(?:environ\.get|getenv|env(?:\.fetch)?)\([\"']\w{1,40}[\"']"
    rb"(?:,|\)\s?(?:\|\||\?\?|\?:|or|\{))\s?[\"'`])"
)
BETWEEN = (
    rb"(?:%(?:25)?3d(?:%(?:25)?22)?|(?:\\+u0022)?\s?:?\s?\\+u003d|\\+u0022\s?:\s?\\+u0022"
    rb"|[^\w]{1,48}?(?:(?:" + WORDS + rb")[^\w]{1,12}?){0,3}|" + DEFAULT + rb")"
)


class Named(NamedTuple):
    """A value that is a secret if it is assigned to one of these names; `bits` a character.

    A name is the literal that it begins with, and a pattern of its rest.
    """

    kind: str
    names: tuple[tuple[str, bytes], ...]
    value: bytes
    bits: float


APP_SECRET = kinds.APP_SECRET.id
KEY = rb"[_.\-]?key"
NAMED = (
    Named(
        kinds.APP_SECRET.id,
        # The misspellings are those that are met in published code.
        (
            ("sec", rb"(?:ret|ert)"),
            ("ser", rb"(?:ect|cet)"),
            ("scr", rb"ect"),
            *((letter, "(?:钥|匙)".encode()) for letter in "密秘"),
        ),
        rb"(?:[0-9a-f]{32}(?!\w)|[a-z0-9]{43}=)",
        3.0,
    ),
    Named(
        kinds.SESSION_KEY.id,
        (("session", KEY),),
        rb"(?:[a-z0-9+/]|\\+/|%(?:25)?2[bf]|\\+u002[bf]){22}(?:=|%(?:25)?3d|\\+u003d){2}",
        3.4,
    ),
    Named(
        kinds.ACCESS_TOKEN.id,
        (("access", rb"[_\-]?token"),),
        rb"[0-9]{2,3}_[a-z0-9_\-]{40,512}",
        4.0,
    ),
    Named(
        kinds.ENCODING_AES_KEY.id,
        (("aes", KEY),),
        rb"[a-z0-9]{43}(?![\w=])",
        4.0,
    ),
    Named(
        kinds.PAY_KEY.id,
        (
            ("api", rb"[_\-]?(?:key)?[_\-]?v3"),
            ("v3", KEY),
            ("mch", rb"[_\-]?(?:api)?[_\-]?(?:key|v[23])"),
            ("pay", rb"[_\-]?(?:api|sign)?" + KEY),
            ("partner", KEY),
            ("merchant", rb"[_.\-]?(?:api)?" + KEY),
        ),
        rb"[a-z0-9]{32}(?!\w)",
        3.3,
    ),
    Named(
        kinds.SETTINGS_KEY.id,
        (("wxlogin_", rb"(?:secret|data|index|assertion)_keys"),),
        rb"[a-z0-9_.+/:,\-]{32,512}={0,2}",
        3.6,
    ),
)


class Shape(NamedTuple):
    """A pattern whose `value` is a secret; where `literal` is missing, it cannot match."""

    kind: str
    literal: bytes
    pattern: Pattern[bytes]
    bits: float


LINE = rb"(?:\s|\\+[nr]|[\"'`+,])"
ALONE = (
    Shape(
        kinds.SESSION_TOKEN.id,
        b"wxs_",
        re.compile(rb"(?P<value>wxs_[a-z0-9_\-]{20,}(?:\.[a-z0-9_\-]{5,})+)"),
        4.0,
    ),
    Shape(
        kinds.SESSION_TOKEN.id,
        b"wxo_",
        re.compile(rb"(?P<value>wxo_[a-z0-9_\-]{20,}(?:\.[a-z0-9_\-]{5,})+)"),
        4.0,
    ),
    Shape(
        kinds.API_TOKEN.id,
        b"wxa_",
        re.compile(rb"(?P<value>wxa_[a-z0-9_\-]{43}[0-9a-f]{8})(?![\w\-])"),
        4.0,
    ),
    Shape(
        kinds.INVITATION.id,
        b"wxi_",
        re.compile(rb"(?P<value>wxi_[a-z0-9_\-]{43})(?![\w\-])"),
        4.0,
    ),
    Shape(
        kinds.WEBHOOK_SECRET.id,
        b"whsec_",
        re.compile(rb"(?P<value>whsec_[a-z0-9+/_\-]{24,}={0,2})"),
        3.6,
    ),
    Shape(
        APP_SECRET,
        b"where",
        # The value of a row whose key is a column: SET value = '...' WHERE name = 'app_secret'.
        re.compile(
            rb"(?<![0-9a-z])(?P<value>[0-9a-f]{32})[\"']\s{1,8}where\s[^;\n]{1,60}?[\"'][\w.\-]{0,24}"
            rb"(?:sec|ser)(?:ret|ert|ect)[\"']"
        ),
        3.0,
    ),
    Shape(
        kinds.PRIVATE_KEY.id,
        b"private key-----",
        re.compile(
            rb"private key-----"
            + LINE
            + rb"{1,40}(?:(?:proc-type|dek-info)[^\n]{1,80}\s+){0,2}"
            + rb"(?P<value>(?:[a-z0-9+/=]{16,}"
            + LINE
            + rb"{0,40}){2,})"
        ),
        4.0,
    ),
    Shape(
        kinds.PRIVATE_KEY.id,
        # The algorithm's identifier of an RSA key in PKCS 8, in base64 without a PEM header.
        b"adanbgkqhkig9w0baqefaasc",
        re.compile(rb"adanbgkqhkig9w0baqefaasc(?P<value>[a-z0-9+/]{100,}={0,2})"),
        4.0,
    ),
)
"""What is a secret wherever it stands."""
LONG_ACCESS_TOKEN = re.compile(rb"[0-9]{2}_[A-Za-z0-9_\-]{100,512}")
"""One that no name stands beside; shorter ones could be names of files."""

APP_SECRET_LENGTH = 32
APPID = re.compile(rb"wx[0-9a-f]{16}(?!\w)")
BESIDE = 400
"""How far from an appid its AppSecret may stand, in bytes."""
# The look back comes last, so that the engine skips to the first hexadecimal digit.
HEX = re.compile(rb"[0-9a-f]{32}(?![\w/\-+]|\.\w)(?<![\w/.\-+@?#=&%][0-9a-f]{32})")
NAME = re.compile(rb"[\w.\-]+")
GLUE = b"\"'`]\\ \t\r\n:=>,(|["
QUOTES = (b'"', b"'", b"`", b"\\")
OTHER_NAME = re.compile(
    rb"trac|span|req|nonce|noncestr|sign|md5|hash|sha|etag|uu?id|guid|ids?$|rev|commit|ver$|version"
    rb"|checksum|digest|integrity|ticket|cursor|token|code|file|img|image|pic|avatar|url|path|batch"
    rb"|order|trade|mch|prepay|transaction|env|session|fingerprint|salt|report|seq|te?mpl|ios"
    rb"|android|amap|map_?key|bugly|umeng|push|stat|ald|cache|icon"
)
"""Names of what is 32 hexadecimal digits as well and no AppSecret."""


@cache
def _shapes() -> tuple[Shape, ...]:
    """Return all shapes; those by name are compiled at the first search, not at every start.

    Each name has one of its own: a pattern that begins with it has a literal prefix.
    """
    by_name = (
        Shape(
            named.kind,
            name.encode(),
            re.compile(
                re.escape(name.encode())
                + rest
                + REST
                + BETWEEN
                + rb"(?P<value>"
                + named.value
                + rb")"
            ),
            named.bits,
        )
        for named in NAMED
        for name, rest in named.names
    )
    return (*by_name, *ALONE)


def matches_by_shape(data: bytes) -> Iterator[Match]:
    """Yield what looks like a secret; a value may be yielded more than once."""
    lower = data.lower()
    for kind, literal, pattern, bits in _shapes():
        if literal in lower:
            for found in pattern.finditer(lower):
                start, end = found.span("value")
                value = _decoded(data[start:end]) if kind == APP_SECRET else data[start:end]
                if is_random(value, bits):
                    yield Match(kind, start, end, value)
    yield from _beside_appids(data, lower)
    yield from _long_access_tokens(data)


def _decoded(value: bytes) -> bytes:
    """Return an AppSecret that may be in base64, or nothing if something else is in there."""
    if len(value) == APP_SECRET_LENGTH:
        return value
    plain = b64decode(value)
    return plain if re.fullmatch(rb"[0-9a-f]{32}", plain) else b""


def _beside_appids(data: bytes, lower: bytes) -> Iterator[Match]:
    """Yield 32 hexadecimal digits that stand close to an appid and have no other meaning."""
    searched = 0
    for appid in APPID.finditer(lower):
        first = max(appid.start() - BESIDE, searched)
        searched = appid.end() + BESIDE
        for found in HEX.finditer(lower, first, searched):
            start, end = found.span()
            if _may_be_app_secret(lower, start, end, appid.span()):
                value = data[start:end]
                if is_random(value, 3.0):
                    yield Match(APP_SECRET, start, end, value)


def _may_be_app_secret(text: bytes, start: int, end: int, appid: tuple[int, int]) -> bool:
    """Return whether the appid adjoins it, or quotes without another meaning in their name."""
    between = text[appid[1] : start] if start > appid[0] else text[end : appid[0]]
    if len(between) <= 8 and not NAME.search(between):
        return True
    if text[start - 1 : start] not in QUOTES or text[end : end + 1] not in QUOTES:
        return False
    names = NAME.findall(text[max(start - 64, 0) : start].rstrip(GLUE))
    return not (names and OTHER_NAME.search(names[-1]))


def _long_access_tokens(data: bytes) -> Iterator[Match]:
    """Yield access_tokens beside which no name stands."""
    for found in LONG_ACCESS_TOKEN.finditer(data):
        before = data[max(found.start() - 1, 0) : found.start()]
        if not re.match(rb"[\w\-]", before) and is_random(found[0], 4.5):
            yield Match(kinds.ACCESS_TOKEN.id, *found.span(), found[0])
