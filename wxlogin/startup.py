"""What is checked once when the app starts: the keys, which may stop it; the rest warns."""

from __future__ import annotations

import logging
from contextlib import closing, suppress

from flask import Flask
from redis.exceptions import RedisError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from config import ConfigError, Settings
from wxlogin.accounts import Apps
from wxlogin.database.check_before_use import check_before_use
from wxlogin.database.connecting import separate_engine
from wxlogin.extensions import db
from wxlogin.keyring import KnownKeys
from wxlogin.keyring.errors import KeyRefused
from wxlogin.keyring.late_check import LateCheck, is_pending
from wxlogin.redisdb import connect
from wxlogin.redisdb.eviction import ADVICE, evicting_policy
from wxlogin.settings.values import is_local

CHECK_SECONDS = 60
"""Limit of a statement that looks for rows of a key: it may read a table of millions of users."""

logger = logging.getLogger(__name__)


def require_known_keys(settings: Settings, known: KnownKeys, app_engine: Engine) -> None:
    """Raise ConfigError if a key is not the one that its id had before, or if rows need another.

    A database that is out or not migrated yet cannot say. Then the app's engine opens no connection
    before it could.
    """

    def open_engine() -> Engine:
        url, pgbouncer = settings.database_url, settings.database_pgbouncer
        return separate_engine(url, CHECK_SECONDS, pgbouncer=pgbouncer)

    sql = open_engine()
    try:
        wrong = known.check(sql)
    except KeyRefused as refused:
        wrong = [refused.detail]
    except SQLAlchemyError:
        late = LateCheck(known, open_engine, pending=is_pending(sql))
        check_before_use(app_engine, late.require)
        return
    finally:
        sql.dispose()
    if wrong:
        raise ConfigError(wrong, language=settings.alert_language)


def warn_of_local_wechat(settings: Settings) -> None:
    """Warn where production uses a server on this machine instead of WeChat.

    A rehearsal does that, and somebody may forget to change it back.
    """
    if settings.production and is_local(settings.wx_api_base):
        logger.warning(
            "WeChat is a stand-in: WXLOGIN_WX_API_BASE is %s, on this machine. If that is the "
            "sandbox, whoever reaches it logs in as anybody",
            settings.wx_api_base,
        )


def warn_of_eviction(settings: Settings) -> None:
    """Warn where Redis evicts keys when its memory is full.

    A Redis that is out is no fault here: `/readyz` reports it. The connections are closed again: a
    server that forks after this must not share them.
    """
    with suppress(RedisError), closing(connect(settings.redis_url)) as redis:
        if policy := evicting_policy(redis):
            logger.warning(ADVICE, policy)


def warn_of_another_secret(app: Flask, apps: Apps) -> None:
    """Warn where the settings have another AppSecret than the database.

    A database that is out or not migrated yet is no fault here: `/readyz` reports it.
    """
    with app.app_context():
        try:
            differs = apps.differ_from_settings()
        except SQLAlchemyError:
            return
        finally:
            # A server that forks after this must not share the connection.
            db.session.remove()
            db.engine.dispose()
    if differs:
        logger.warning(
            "WXLOGIN_WX_SECRET is not the AppSecret that the database holds for this app; "
            "the one in the database is used"
        )
