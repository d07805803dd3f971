"""The site's app under a real gunicorn, as deploy/gunicorn.conf.py sets it up."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from config import PREFIX
from tests.harness import forked
from tests.harness.redis_process import free_port
from tests.harness.site import Site
from wxlogin.development.address import Address
from wxlogin.development.app import Gunicorn


class ForkedGunicorn(Gunicorn):
    """Gunicorn as the program starts it, without its imports."""

    @property
    def pid(self) -> int:
        """The master's process."""
        assert self._process is not None
        return self._process.pid

    def _launch(self) -> forked.ForkedProcess:  # type: ignore[override]
        return forked.start(
            self._command(), self._environment, new_session=True, death_signal=signal.SIGTERM
        )


def environment(site: Site, **settings: str) -> dict[str, str]:
    """The environment of a process on the site's stores and keys."""
    given = {
        "ENV": "testing",
        "REDIS_URL": site.settings.redis_url,
        "DATABASE_URL": site.settings.database_url,
        "WX_APPID": site.settings.wx_appid,
        "WX_SECRET": site.settings.wx_secret,
        "WX_API_BASE": site.settings.wx_api_base,
        "RISK_RANK": "on" if site.settings.risk_rank else "off",
        "SECRET_KEYS_FILE": str(site.directory / "secret_keys"),
        "DATA_KEYS_FILE": str(site.directory / "data_keys"),
        "INDEX_KEYS_FILE": str(site.directory / "index_keys"),
        **settings,
    }
    inherited = {name: text for name, text in os.environ.items() if not name.startswith(PREFIX)}
    return inherited | {PREFIX + name: text for name, text in given.items()}


@contextmanager
def gunicorn(site: Site, **settings: str) -> Iterator[ForkedGunicorn]:
    """Serve on the site's stores and keys until the block ends; the clock is the machine's."""
    server = ForkedGunicorn(Address("127.0.0.1", free_port()), environment(site, **settings))
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def under_gunicorn(site: Site, **settings: str) -> Iterator[Address]:
    """The same, of which a test needs the address alone."""
    with gunicorn(site, **settings) as server:
        yield server.address
