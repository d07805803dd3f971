"""Parsers of the settings of e-mail; a ValueError says what the value should look like."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250})")
MOST_RECIPIENTS = 20
FORMS: dict[str, tuple[Literal["starttls", "tls", "plain"], int]] = {
    "smtp": ("starttls", 587),
    "smtps": ("tls", 465),
    "smtp+plain": ("plain", 25),
}
"""By the scheme of the URL: how the connection is secured, and its usual port."""
LOOKS = (
    "should be smtps://user:password@host:465, or smtp://user:password@host:587 for STARTTLS; "
    "percent-encode what is special in user and password; ?ca_certs=/path names a CA of your own"
)


@dataclass(frozen=True, repr=False)
class MailServer:
    """Where mail is sent through; `ca_certs` is the path of a CA, empty for those of the system."""

    form: Literal["starttls", "tls", "plain"]
    host: str
    port: int
    user: str
    password: str
    ca_certs: str

    def __repr__(self) -> str:
        return f"MailServer({self.form!r}, {self.host!r}, {self.port})"


def mail_server(text: str) -> MailServer | None:
    """Parse the URL of a mail server; empty text is none."""
    if not text:
        return None
    try:
        parts = urlsplit(text)
        port, query = parts.port, dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
    except ValueError:
        raise ValueError(LOOKS) from None
    ca_certs = query.pop("ca_certs", "")
    if (
        parts.scheme not in FORMS
        or not parts.hostname
        or parts.path not in ("", "/")
        or query
        or parts.fragment
        or bool(parts.username) != bool(parts.password)
        or (parts.username and parts.scheme == "smtp+plain")
    ):
        raise ValueError(LOOKS)
    if ca_certs and not Path(ca_certs).is_file():
        raise ValueError("should name a file that exists behind ca_certs=")
    form, usual_port = FORMS[parts.scheme]
    return MailServer(
        form,
        parts.hostname,
        port or usual_port,
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        ca_certs,
    )


def recipients(text: str) -> tuple[str, ...]:
    """Parse e-mail addresses, comma-separated."""
    found = tuple(one.strip() for one in text.split(",") if one.strip())
    if len(found) > MOST_RECIPIENTS or not all(map(ADDRESS.fullmatch, found)):
        raise ValueError(f"should be up to {MOST_RECIPIENTS} e-mail addresses, comma-separated")
    return found


def sender(text: str) -> str:
    """Parse one e-mail address; it may be empty."""
    if text and not ADDRESS.fullmatch(text):
        raise ValueError("should be an e-mail address, such as wxlogin@example.com")
    return text
