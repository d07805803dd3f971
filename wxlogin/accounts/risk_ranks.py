"""Risk ranks: how risky WeChat holds somebody who registers (getUserRiskRank). They are advice."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from redis.exceptions import RedisError

from wxlogin.accounts.apps import MiniProgram
from wxlogin.wechat import AccessTokens, WeChatClient
from wxlogin.wechat.errors import Misconfigured, WeChatError

PAUSE_SECONDS = 600.0
"""How long an app is not asked for that WeChat gives no ranks, as it does without permission."""
NO_ANSWER = "no answer"
NOT_ASKED = "not asked"


class Risk(NamedTuple):
    """What is known of a new user's rank; `awaited`: WeChat is about to be asked."""

    rank: int | None = None
    awaited: bool = False


UNKNOWN = Risk()


@dataclass(frozen=True)
class NewUser:
    """Somebody who logs in for the first time, from an address."""

    app: MiniProgram
    openid: str = field(repr=False)
    address: str
    unionid: str | None = field(default=None, repr=False)


class RiskRanks:
    """Asks WeChat for ranks; that it tells none is an event, and never an error."""

    def __init__(
        self,
        wechat: WeChatClient,
        access_tokens: AccessTokens,
        record_unknown: Callable[[str, str], None],
    ) -> None:
        """`wechat` has a circuit of its own: what fails here must not stop logins.

        `record_unknown` gets the appid, and WeChat's errcode or what happened instead.
        """
        self._wechat = wechat
        self._access_tokens = access_tokens
        self._record_unknown = record_unknown
        self._paused: dict[str, float] = {}

    def ask(self, new: NewUser) -> int | None:
        """Return the rank, 0 to 4, None if WeChat does not tell it."""
        appid = new.app.appid

        def ask(access_token: str) -> int:
            return self._wechat.risk_rank(access_token, appid, new.openid, new.address)

        why = NOT_ASKED
        try:
            if not self.is_paused(appid):
                return self._access_tokens.use(new.app.credentials, ask)
        except WeChatError as fault:
            why = str(fault.errcode or NO_ANSWER)
            if isinstance(fault, Misconfigured):
                self._paused[appid] = time.monotonic() + PAUSE_SECONDS
        except RedisError:  # where the access_token is
            pass
        self._record_unknown(appid, why)
        return None

    def is_paused(self, appid: str) -> bool:
        """Return whether WeChat refused this app less than ten minutes ago, in this worker."""
        return time.monotonic() < self._paused.get(appid, 0.0)
