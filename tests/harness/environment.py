"""Environments to start from, and what is said of a wrong one."""

from __future__ import annotations

from pathlib import Path

import pytest

import config

SECRETS = {
    "WXLOGIN_SECRET_KEYS": "Zr7mQ1xW9vT4kN6bY2sF8pL3hD5gJ0cA",
    "WXLOGIN_DATA_KEYS": "d1:q83vEjRWeJq8TXhQ2ZFmP0Lw5nKb7tXy1oCe9uVgHaM=",
    "WXLOGIN_INDEX_KEYS": "i1:Tn4Vx0PzK2mWb6QyR8sLd1Fh3Jc5GaEu7oNiMvXkBtw=",
    "WXLOGIN_DATABASE_URL": "postgresql+psycopg://wxlogin:hunter2-of-sql@db/wxlogin",
    "WXLOGIN_REDIS_URL": "rediss://wxlogin:hunter2-of-redis@cache:6380/0",
    "WXLOGIN_WX_SECRET": "9c1e7a40b25d83f6017e4bd9a8c3f562",
}
PRODUCTION = {
    "WXLOGIN_ENV": "production",
    "WXLOGIN_WX_APPID": "wx0123456789abcdef",
    "WXLOGIN_TRUSTED_HOPS": "1",
    **SECRETS,
}


def faults_of(environ: dict[str, str], instance: Path = Path("/nowhere")) -> list[str]:
    """What `load` finds wrong."""
    with pytest.raises(config.ConfigError) as refused:
        config.load(environ, instance)
    return refused.value.faults


def fault_of(**settings: str) -> str:
    """The one fault that these settings bring into a sound production."""
    (fault,) = faults_of(PRODUCTION | settings)
    return fault
