"""What is looked at once, when the app starts."""

from __future__ import annotations

import logging

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from wxlogin.engines import Engines
from wxlogin.extensions import db

logger = logging.getLogger(__name__)


def warn_of_another_secret(app: Flask, engines: Engines) -> None:
    """Say so where the settings name another AppSecret than the database holds.

    A database that is out or not migrated yet is no fault here: `/readyz` tells of it.
    """
    with app.app_context():
        try:
            differs = engines.apps.differ_from_settings()
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
