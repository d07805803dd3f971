"""What a run left behind, searched for what must never be there."""

from __future__ import annotations

import base64
import logging
import os
import re
from collections import defaultdict
from collections.abc import Iterable
from urllib.parse import quote

from wxlogin.logs.structured import line_formatter
from wxlogin.sandbox import users
from wxlogin.sandbox.world import World

RAW = logging.Formatter("%(levelname)s %(name)s %(message)s")
PIECE = re.compile(r"[A-Za-z0-9_+/=%.\\-]{11,}")
HEAD = 8


class LogRecorder(logging.Handler):
    """Keeps every line before it is redacted, at every level, with its traceback."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line; the app's formatter, which it hangs on every handler, is passed over."""
        self.lines.append(RAW.format(record))


class RunLog(logging.Handler):
    """Keeps every line of the whole test run as it is written, and every secret that was used."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(line_formatter(readable=False))
        self.lines: list[tuple[str, str]] = []
        self.secrets: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line."""
        self.hear(self.format(record), os.environ.get("PYTEST_CURRENT_TEST", "no test"))

    def hear(self, text: str, where: str) -> None:
        """Keep what was written somewhere else: by a child process, to stderr."""
        self.lines += [(where, line) for line in text.splitlines()]

    def use(self, secrets: Iterable[str]) -> None:
        """Look for these too; each must be long enough not to stand somewhere by chance."""
        self.secrets |= set(secrets)

    def finds(self) -> list[str]:
        """Where a secret stands, and the line with a mark in its place."""
        standing = among({form.decode() for s in self.secrets for form in forms(s)}, self.lines)
        return [
            f"{where}: {line.replace(form, '[HERE]')[:300]}"
            for where, line in self.lines
            for form in standing
            if form in line
        ]


run_log = RunLog()
"""The run at hand's."""


def forms(secret: str) -> set[bytes]:
    """The secret as it may stand somewhere: plain, percent-encoded, JSON-escaped, base64."""
    return {
        secret.encode(),
        quote(secret, safe="").encode(),
        secret.replace("/", "\\/").encode(),
        base64.b64encode(secret.encode()).rstrip(b"="),
    }


def found(secrets: Iterable[str], texts: Iterable[bytes]) -> list[str]:
    """The secrets that stand in one of the texts."""
    texts = list(texts)
    return [s for s in set(secrets) if any(form in text for form in forms(s) for text in texts)]


def among(wanted: set[str], lines: Iterable[tuple[str, str]]) -> set[str]:
    """Those of very many texts that stand in very many lines, by their first eight characters."""
    heads = defaultdict(list)
    for text in wanted:
        heads[text[:HEAD]].append(text)
    pieces = {piece for _, line in lines for piece in PIECE.findall(line)}
    return {
        text
        for piece in pieces
        for start in range(len(piece) - HEAD + 1)
        for text in heads.get(piece[start : start + HEAD], ())
        if piece.startswith(text, start)
    }


def issued(world: World) -> set[str]:
    """Every secret that the sandbox knows at this moment, dead ones of the last day included."""
    with world.lock:
        people = [user for _, user in world._pairs.values()]
        return {
            *world._secrets.values(),
            *world._pairs,
            *map(users.unionid_of, people),
            *map(users.phone_number_of, people),
            *(key.value for key in world.keys._keys.values()),
            *world.codes._codes,
            *world.tokens._known,
        }
