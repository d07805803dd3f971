"""Errors of calls to WeChat. Texts of WeChat's are in none of them: they may quote the call."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from wxlogin.service_error import ServiceError


class WeChatError(ServiceError):
    """A call to WeChat that failed or that WeChat refused."""

    errcode: int = 0
    """WeChat's number for the refusal, 0 without one; it is for operators."""


class CodeInvalid(WeChatError):
    """The code is unknown, too old, another user's or another app's."""


class CodeUsed(WeChatError):
    """The code was used before."""


class UserBlocked(WeChatError):
    """WeChat blocks this user's logins as risky."""


class QuotaExceeded(WeChatError):
    """The app has made more calls than WeChat allows."""


class Misconfigured(WeChatError):
    """WeChat refuses the app itself: its AppSecret, its IP allow list or its permissions."""


class Unavailable(WeChatError):
    """WeChat did not answer, or answered something that this program does not understand."""


class NothingSent(WeChatError):
    """WeChat received nothing of the call, so a code in it is still unused."""


class ConnectionFailed(NothingSent):
    """No connection to WeChat could be made."""


class NotAttempted(NothingSent):
    """The call was not made: too many calls are in progress, or the circuit is open."""


class PushRefused(WeChatError):
    """A push that does not verify, is too old or cannot be read. The reason is never revealed."""

    def __init__(self) -> None:
        super().__init__(
            "This is no push of WeChat's for this mini-program. If it is: compare Token and "
            "EncodingAESKey with WeChat's console, and this server's clock with the time."
        )


class PushInProgress(WeChatError):
    """Another worker is handling a copy of the same push."""


@contextmanager
def explained(words: str, kind: type[WeChatError] = WeChatError) -> Iterator[None]:
    """Raise errors of this kind with other words for operators, and with WeChat's errcode."""
    try:
        yield
    except kind as error:
        named = f" (errcode {error.errcode})" if error.errcode else ""
        raise type(error)(words + named) from None


class AccessTokenRefused(Exception):
    """WeChat does not accept the access_token: 40001, 40014 or 42001. No caller sees this."""
