"""WeChat: reachable, accepts every mini-program's AppSecret from here, and agrees on the time."""

from __future__ import annotations

from collections.abc import Mapping

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from wxlogin.accounts.apps import UNREADABLE, Apps
from wxlogin.accounts.push_keys import PushKeyring
from wxlogin.doctor.findings import Finding
from wxlogin.doctor.installation import Installation
from wxlogin.doctor.kinds import wechat as kinds
from wxlogin.redisdb import keys
from wxlogin.redisdb.shared_version import SharedVersion
from wxlogin.vault import Vault
from wxlogin.wechat import Credentials
from wxlogin.wechat.connectivity import Answer, NoAnswer, ask
from wxlogin.wechat.errcodes import FOR_A_PERSON, TOKEN_REFUSED
from wxlogin.wechat.message_crypto import PushKeys

CLOCK_SECONDS, WRONG_CLOCK_SECONDS = 15, 60
WRONG_SECRET = frozenset({40125, 41004}) | TOKEN_REFUSED
FOREIGN_ADDRESS = frozenset({40164, 45035, 61004, 89503, 89506, 89507})
MOST_APPS = 20
"""How many mini-programs are tried: each is a call of its own."""


def check_wechat(installation: Installation) -> list[Finding]:
    """Ask WeChat once for each active mini-program; stop at the first silence."""
    apps = _apps(installation)
    found = [] if apps else [kinds.NO_APP.found()]
    settings = installation.settings
    clock: list[Finding] = []
    for appid, secret in list(apps.items())[:MOST_APPS]:
        if not secret:
            found.append(kinds.SECRET_UNREADABLE.found(app=appid))
            continue
        credentials = Credentials(appid, secret)
        try:
            answer = ask(settings.wx_api_base, settings.wx_timeout, settings.wx_proxy, credentials)
        except NoAnswer as silence:
            return [*found, kinds.UNREACHABLE.found(base=settings.wx_api_base, reason=silence)]
        found.append(_verdict(appid, answer))
        clock = clock or _clock(answer, installation.clock())
    return found + clock


def _apps(installation: Installation) -> Mapping[str, str]:
    """Return the AppSecret of each active mini-program; empty if it cannot be decrypted.

    The one of the settings counts where the database does not have its app, or does not answer.
    """
    settings = installation.settings
    configured = Credentials(settings.wx_appid, settings.wx_secret)
    found = {configured.appid: configured.secret} if configured.appid else {}
    vault, redis = Vault(settings.data_keys), installation.scripts.redis
    try:
        with Session(installation.sql) as session:
            push = PushKeyring(vault, installation.clock, "", PushKeys(""))
            apps = Apps(
                lambda: session,
                SharedVersion(redis, keys.apps_version()),
                vault,
                installation.clock,
                configured,
                push,
                schedule_resets=lambda _seconds: None,
            ).stored()
    except (RedisError, SQLAlchemyError):
        return found
    secrets = {a.appid: a.credentials.secret for a in apps if a.status in ("active", UNREADABLE)}
    return {a: s for a, s in found.items() if a not in {app.appid for app in apps}} | secrets


def _verdict(appid: str, answer: Answer) -> Finding:
    errcode = answer.errcode
    if errcode == 0:
        return kinds.ACCEPTED.found(app=appid)
    if errcode in WRONG_SECRET:
        return kinds.SECRET_REFUSED.found(app=appid, errcode=errcode)
    if errcode in FOREIGN_ADDRESS:
        return kinds.ADDRESS_REFUSED.found(
            app=appid, errcode=errcode, address=answer.address or "?"
        )
    if errcode in FOR_A_PERSON:
        reason = FOR_A_PERSON[errcode]
        return kinds.APP_REFUSED.found(app=appid, errcode=errcode, reason=reason)
    return kinds.NOT_TOLD.found(app=appid, errcode=errcode)


def _clock(answer: Answer, now: float) -> list[Finding]:
    if answer.at is None:
        return [kinds.NO_CLOCK.found()]
    seconds = abs(round(now - answer.at.timestamp()))
    if seconds > WRONG_CLOCK_SECONDS:
        return [kinds.CLOCK_WRONG.found(seconds=seconds)]
    return [kinds.CLOCK.found(seconds=seconds)] if seconds > CLOCK_SECONDS else []
