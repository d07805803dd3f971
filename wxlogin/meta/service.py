"""What the service reports about itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from config import DOCS_SITE, Settings
from wxlogin import errors, metrics
from wxlogin.doctor.invitation import is_invited
from wxlogin.errors import ApiError
from wxlogin.guard.request_context import RequestInfo
from wxlogin.guard.response_hooks import PAGE_POLICY
from wxlogin.languages import TAGS, Language
from wxlogin.meta.schemas import Key, KeySet, Readiness
from wxlogin.meta.words import NEEDS_SCRIPTS, PARTS_SAID, TITLE
from wxlogin.outbox.history import History
from wxlogin.sessions import SessionStore
from wxlogin.vault.assertions import Assertions
from wxlogin.watch import readiness as readiness_checks

KEYS_LIVE = 300
"""Seconds for which a service may keep the public keys."""
SITE = DOCS_SITE
SITE_POLICY = f"{PAGE_POLICY}; worker-src 'self'"
"""The search of the site is a worker."""


def readiness(checks: readiness_checks.Readiness) -> Readiness:
    """Return whether sessions can be answered and written, and how each part is."""
    found = checks.verdict()
    return Readiness(status=found.status, **found._asdict())


def key_set(assertions: Assertions | None) -> KeySet:
    """Return the public keys of assertions; NOT_FOUND where none are signed."""
    if assertions is None:
        raise ApiError(errors.NOT_FOUND)
    return KeySet(keys=[Key(**key._asdict()) for key in assertions.public_keys])


def exposition(store: SessionStore, webhooks: History) -> bytes:
    """Return the metrics in Prometheus' text form, without what a store that is out would say."""
    try:
        live = store.live.count()
    except RedisError:
        live = None
    try:
        queue = webhooks.queue()
    except SQLAlchemyError:
        queue = None
    return metrics.exposition(live, queue)


def site_file(settings: Settings, name: str) -> tuple[Path, str]:
    """Return the folder of the documentation's site and the name of a file in it.

    NOT_FOUND in production, and where nobody has built the site.
    """
    if settings.production or not SITE.is_dir():
        raise ApiError(errors.NOT_FOUND)
    return SITE, f"{name}index.html" if name == "" or name.endswith("/") else name


def reference(language: Language) -> dict[str, Any]:
    """Return what the page of the API's reference shows: its words, and its parts."""
    parts = [{"name": part, "title": said[0]} for part, said in PARTS_SAID[language].items()]
    return {
        "tag": TAGS[language],
        "title": TITLE[language],
        "needs_scripts": NEEDS_SCRIPTS[language],
        "parts": parts,
    }


def reference_policy(nonce: str) -> str:
    """Return the policy of the API's reference, whose script makes its styles."""
    return PAGE_POLICY.replace("style-src 'self'", f"style-src 'self' 'nonce-{nonce}'")


def require_doctor(redis: Redis, nonce: str) -> None:
    """NOT_FOUND, as for an unknown path, unless the doctor made this nonce a moment ago."""
    if not is_invited(redis, nonce):
        raise ApiError(errors.NOT_FOUND)


def arrival(info: RequestInfo, forwarded_for: str) -> dict[str, str | bool]:
    """Return how a call arrived: what proxies wrote, and what wxlogin makes of it."""
    return {"forwarded_for": forwarded_for, "address": info.address, "https": info.https}
