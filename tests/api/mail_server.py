"""A mail server on loopback, with TLS and a password; it keeps what it got."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

from tests.harness.certificates import certificate

USER, PASSWORD = "alerts@example.com", "mail-p@ss/word-71"


class MailServer:
    """A running server; `refusal` is what it says to the next message instead of taking it."""

    def __init__(self, directory: Path, form: Literal["starttls", "tls"]) -> None:
        self.got: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.refusal = ""
        self.certificate = certificate(directory, f"mail-{form}")
        self.form = form
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = int(probe.getsockname()[1])
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate, self.certificate.with_suffix(".key"))
        options: dict[str, Any] = (
            {"ssl_context": context}
            if form == "tls"
            else {"tls_context": context, "require_starttls": True}
        )
        # It does not see TLS from the start: there it offers a sign-in and cannot require one.
        self.controller = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            authenticator=self._authenticate,
            auth_required=form == "starttls",
            auth_require_tls=form == "starttls",
            **options,
        )

    def url(self, **options: str) -> str:
        """The setting that leads here."""
        scheme = "smtps" if self.form == "tls" else "smtp"
        user = f"{quote(USER, safe='')}:{quote(options.get('password', PASSWORD), safe='')}"
        return f"{scheme}://{user}@127.0.0.1:{self.port}?ca_certs={self.certificate}"

    def _authenticate(
        self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any
    ) -> AuthResult:
        right = isinstance(given, LoginPassword) and given.password == PASSWORD.encode()
        return AuthResult(success=right and given.login == USER.encode(), handled=False)

    async def handle_DATA(  # noqa: N802  the library's name
        self, _server: Any, _session: Any, envelope: Envelope
    ) -> str:
        """Take a message, or refuse it once."""
        refusal, self.refusal = self.refusal, ""
        if refusal:
            return refusal
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.got.append(mail)
        self.recipients.append(list(envelope.rcpt_tos))
        return "250 OK"


@contextmanager
def mail_server(
    directory: Path, form: Literal["starttls", "tls"] = "starttls"
) -> Iterator[MailServer]:
    """Run a mail server."""
    server = MailServer(directory, form)
    server.controller.start()
    try:
        yield server
    finally:
        server.controller.stop()
