"""The Flask extensions, unbound; `create_app` binds them."""

from __future__ import annotations

import logging

from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

from wxlogin.limits.key_functions import address_key
from wxlogin.limits.quick_limiter import QuickLimiter
from wxlogin.limits.storage import SCHEME


class Base(DeclarativeBase):
    """The base of all tables; constraints have fixed names, so that migrations can drop them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base)
migrate = Migrate(directory="migrations")

limiter = QuickLimiter(
    address_key,
    storage_uri=f"{SCHEME}://",
    strategy="fixed-window",
    headers_enabled=False,  # each header costs a round trip
    swallow_errors=False,  # what cannot be counted is refused
    fail_on_first_breach=False,  # Retry-After holds until the last full window ends
)
"""Limits are declared with it, at views and blueprints; see wxlogin/limits/__init__.py."""

# The access log and the events already say who was refused.
limiter.logger.setLevel(logging.WARNING)
