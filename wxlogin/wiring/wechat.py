"""The client of WeChat, put together."""

from __future__ import annotations

from wxlogin.services import WeChat
from wxlogin.wechat import AccessTokens, ClockDifference, Transport, WeChatClient
from wxlogin.wechat.push_marks import PushMarks
from wxlogin.wiring.infrastructure import Infrastructure


def build_wechat(infra: Infrastructure, clocks: ClockDifference) -> WeChat:
    """Put the client of WeChat together."""
    settings, clock, _, _, scripts, vault, *_ = infra
    base, timeout, proxy = settings.wx_api_base, settings.wx_timeout, settings.wx_proxy
    most, observe = settings.wx_concurrency, clocks.observe
    client = WeChatClient(
        Transport(base, timeout, clock, most, proxy=proxy, observe_date=observe),
        clock,
        infra.rings.last_answers,
    )
    advice = WeChatClient(Transport(base, timeout, clock, most, proxy=proxy), clock)
    tokens = AccessTokens(scripts, vault, client, clock)
    return WeChat(client, tokens, PushMarks(scripts, 2 * settings.push_max_age), advice)
