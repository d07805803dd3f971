"""Alerts by e-mail, over SMTP with TLS.

The password of the mail server never leaves this file. A server that is slow is left alone after a
deadline: the connection is cut, whatever it was doing.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from wxlogin.clock import Clock, utc_now
from wxlogin.plural import plural
from wxlogin.settings.mail_values import MailServer
from wxlogin.watch.messages import Message

STEP_SECONDS = 5.0
DEADLINE_SECONDS = 15.0
AGAIN_SECONDS = 1.0
"""Between two attempts to cut a connection after the deadline."""

FAULTS = (smtplib.SMTPException, OSError, ValueError)


class Mail:
    """Sends messages to the same people."""

    def __init__(
        self,
        server: MailServer,
        sender: str,
        recipients: tuple[str, ...],
        clock: Clock,
        deadline: float = DEADLINE_SECONDS,
    ) -> None:
        self._server = server
        self._sender = sender
        self._recipients = recipients
        self._clock = clock
        self._deadline = deadline

    def post(self, message: Message) -> str:
        """Send a message once; return what went wrong in a few words, or an empty text."""
        try:
            return self._send(self._written(message))
        except smtplib.SMTPResponseException as refused:
            return f"code {refused.smtp_code}"  # its message may name people
        except smtplib.SMTPRecipientsRefused as refused:
            codes = sorted({code for code, _ in refused.recipients.values()})
            return f"recipients refused, code {codes[0]}" if codes else "recipients refused"
        except FAULTS as fault:
            return type(fault).__name__

    def _written(self, message: Message) -> EmailMessage:
        mail = EmailMessage()
        mail["Subject"] = f"[wxlogin] {message.title}"
        mail["From"] = self._sender
        mail["To"] = ", ".join(self._recipients)
        mail["Date"] = format_datetime(utc_now(self._clock))
        mail["Message-ID"] = make_msgid(domain=self._sender.rpartition("@")[2])
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.text.replace("`", ""))
        return mail

    def _send(self, mail: EmailMessage) -> str:
        with self._connected() as smtp:
            if self._server.user:
                smtp.login(self._server.user, self._server.password)
            refused = smtp.send_message(mail, self._sender, list(self._recipients))
        return f"{plural(len(refused), 'recipient')} refused" if refused else ""

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """Connect, with TLS unless the setting forbids it, and hang up within the deadline."""
        server = self._server
        address, tls = (server.host, server.port), self._tls()
        # smtplib connects within its constructor: made without a host it does not.
        smtp = (
            smtplib.SMTP_SSL(timeout=STEP_SECONDS, context=tls)
            if server.form == "tls"
            else smtplib.SMTP(timeout=STEP_SECONDS)
        )
        done = threading.Event()
        threading.Thread(
            target=_cut_late, args=(smtp, done, self._deadline), name="mail-deadline", daemon=True
        ).start()
        try:
            smtp._host = server.host  # type: ignore[attr-defined]  # what TLS verifies
            smtp.connect(*address)
            if server.form == "starttls":
                smtp.starttls(context=tls)
            yield smtp
            with suppress(*FAULTS):
                smtp.quit()
        finally:
            done.set()
            smtp.close()

    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._server.ca_certs or None)


def _cut_late(smtp: smtplib.SMTP, done: threading.Event, deadline: float) -> None:
    """Cut a connection that is not done by the deadline: whoever reads from it gets an error.

    There may be none to cut yet, and none while STARTTLS wraps it: so again until it is done.
    """
    wait = deadline
    while not done.wait(wait):
        wait = AGAIN_SECONDS
        if (sock := smtp.sock) is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
