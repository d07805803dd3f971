"""Where alerts go: a webhook, e-mail, or both; each takes a message by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from config import Settings
from wxlogin.clock import Clock, utc_now
from wxlogin.watch.mail import Mail
from wxlogin.watch.messages import Message, Writer
from wxlogin.watch.webhook import Webhook, receiver_of


class Channel(Protocol):
    """Takes messages."""

    def post(self, message: Message) -> str:
        """Send a message once; return what went wrong in a few words, or an empty text."""


class Channels:
    """The channels of the settings by name, and who writes the messages for them."""

    def __init__(self, by_name: Mapping[str, Channel], writer: Writer, clock: Clock) -> None:
        self._by_name = by_name
        self._clock = clock
        self.writer = writer

    def __bool__(self) -> bool:
        """Return whether there is any channel."""
        return bool(self._by_name)

    @property
    def names(self) -> Sequence[str]:
        """Return the names, those that answer soon first."""
        return tuple(self._by_name)

    def test(self, by: str) -> dict[str, str]:
        """Send a test to every channel; return what each says went wrong.

        An empty text stands for a channel that took it.
        """
        message = self.writer.test(by, utc_now(self._clock))
        return {name: self.post(name, message) for name in self.names}

    def post(self, name: str, message: Message) -> str:
        """Send a message to a channel once; return what it says went wrong, or an empty text."""
        return self._by_name[name].post(message)


def build_channels(settings: Settings, clock: Clock, *, unrestricted: bool) -> Channels:
    """Return the channels of the settings; nothing connects yet."""
    found: dict[str, Channel] = {}
    if settings.alert_webhook:
        found["webhook"] = Webhook(receiver_of(settings), clock, unrestricted=unrestricted)
    if settings.smtp_url and settings.alert_email:
        sender = settings.alert_email_from or settings.smtp_url.user
        sender = sender if "@" in sender else settings.alert_email[0]
        found["email"] = Mail(settings.smtp_url, sender, settings.alert_email, clock)
    writer = Writer(settings.alert_language, settings.timezone, settings.public_url)
    return Channels(found, writer, clock)
