"""Verifies what WeChat pushes, and does what it says about a user's data."""

from __future__ import annotations

from typing import NamedTuple

import structlog

from wxlogin.accounts import Apps
from wxlogin.accounts.errors import UserNotFound
from wxlogin.accounts.push_effects import PushEffects
from wxlogin.guard.request_context import RequestInfo
from wxlogin.push.schemas import PushQuery, VerificationQuery
from wxlogin.services import Accounts, Watch
from wxlogin.watch.audit import Actor, Audit
from wxlogin.watch.events import Event, Kind
from wxlogin.wechat.errors import PushRefused
from wxlogin.wechat.message_crypto import PushKeys, decrypt, verify_signature
from wxlogin.wechat.push_marks import PushMarks
from wxlogin.wechat.push_messages import CANCELLED, MODIFIED, REVOKED, PushMessage, parse

ACTS = {
    CANCELLED: "push.cancelled",
    MODIFIED: "push.modified",
    REVOKED: "push.revoked",
}
"""How the audit trail names each event about a user's data."""

MAX_DIGITS = 12
"""Of a timestamp: Python refuses to read some thousands."""
CLOCK_SKEW = 300
"""Seconds by which WeChat's clock may be ahead of ours."""

logger = structlog.get_logger(__name__)


class Freshness(NamedTuple):
    """The time, in Unix seconds, and how old a push may be, in seconds."""

    now: float
    max_age: int


def verify(apps: Apps, rule: Freshness, appid: str, query: PushQuery) -> list[PushKeys]:
    """Return the keys of the app that verify `signature`; PushRefused without any.

    A disabled app still hears what its users withdraw.
    """
    _require_fresh(rule, query.timestamp)
    app = apps.all().get(appid)
    candidates = app.push.good(rule.now) if app else []
    keys = [
        one
        for one in candidates
        if verify_signature(one.token, query.signature, query.timestamp, query.nonce)
    ]
    if not keys:
        raise PushRefused
    return keys


def verify_address(apps: Apps, rule: Freshness, appid: str, query: VerificationQuery) -> None:
    """Raise PushRefused unless this is WeChat's check of the address, with something to echo."""
    verify(apps, rule, appid, query)
    if not query.echostr:
        raise PushRefused


def read(apps: Apps, rule: Freshness, appid: str, query: PushQuery, body: bytes) -> PushMessage:
    """Return the message of a body, its encrypted form if it has one; PushRefused for any fault.

    In compatible mode the clear form stands beside the encrypted one, and is passed over.
    """
    candidates = verify(apps, rule, appid, query)
    fields = parse(body)
    encrypted = fields.get("Encrypt")
    if encrypted is None and query.encrypt_type in ("", "raw"):
        return PushMessage(fields, encrypted=False)
    if not isinstance(encrypted, str):
        raise PushRefused
    signed = (query.timestamp, query.nonce, encrypted)
    for keys in candidates:
        if keys.aes_key and verify_signature(keys.token, query.msg_signature, *signed):
            return PushMessage(parse(decrypt(keys.aes_key, appid, encrypted)), encrypted=True)
    raise PushRefused


def sender(info: RequestInfo) -> Actor:
    """Note that the request is WeChat's, whose address no failure closes, and return who acts."""
    info.is_proven = True
    return Actor("wechat", info.address, info.request_id)


def handle(
    watch: Watch,
    accounts: Accounts,
    marks: PushMarks,
    actor: Actor,
    appid: str,
    message: PushMessage,
    *,
    require_aes: bool,
) -> None:
    """Do what a message says, once, or pass it on; a privacy event of nobody here does nothing.

    `require_aes` passes over a privacy event that came in clear: whoever saw one signature could
    have written its body.
    """
    if message.is_privacy and require_aes and not message.encrypted:
        watch.recorder.record(Event(kind=Kind.PUSH_UNENCRYPTED, app=appid))
        return
    with marks.once(appid, message.identity) as new:
        user = _user_of(accounts, appid, message.openid) if new else None
        if new and not message.is_privacy:
            accounts.push_effects.pass_on(appid, user, message)
        elif user:
            _obey(watch.audit, accounts.push_effects, actor, user, message)


def _obey(
    audit: Audit, push_effects: PushEffects, actor: Actor, user: str, message: PushMessage
) -> None:
    """Delete what the user no longer shares, or the user."""
    try:
        with audit.act(actor, ACTS[message.event], f"user:{user}") as act:
            if message.event == CANCELLED:
                act.detail["ended"] = push_effects.erase(user)
            else:
                act.detail["cleared"] = push_effects.clear(user, message)
    except UserNotFound:
        logger.info("push.user_gone", user=user)


def _user_of(accounts: Accounts, appid: str, openid: str) -> str | None:
    app = accounts.apps.all().get(appid)
    found = accounts.users.get(app, openid) if app and openid else None
    return found.public_id if found else None


def _require_fresh(rule: Freshness, timestamp: str) -> None:
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= MAX_DIGITS):
        raise PushRefused
    if not -CLOCK_SKEW <= rule.now - int(timestamp) <= rule.max_age:
        raise PushRefused
