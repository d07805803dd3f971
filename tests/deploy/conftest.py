"""The databases of production, where this machine has them, and what stands around a wxlogin."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config import ROOT
from tests.deploy.harness import machine
from tests.deploy.harness.deployed import PORTS, Deployed
from tests.deploy.harness.gunicorn_master import CONFIGURATION
from tests.harness.databases import DatabaseServer
from tests.harness.migrated import migrate
from tests.harness.nginx import Backend
from tests.harness.site import Site


@pytest.fixture(params=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest) -> DatabaseServer:
    """Each database server in turn."""
    running: DatabaseServer = request.getfixturevalue(f"{request.param}_server")
    return running


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def new_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], str]:
    """Gives URLs of empty databases, of each kind in turn."""
    if request.param == "sqlite":
        return lambda: f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'wxlogin.sqlite3'}"
    running: DatabaseServer = request.getfixturevalue(f"{request.param}_server")
    return running.database


@pytest.fixture
def empty_site(server: DatabaseServer, make_site: Callable[..., Site]) -> Site:
    """A running wxlogin on an empty database of the server."""
    return make_site(WXLOGIN_DATABASE_URL=server.database())


@pytest.fixture
def migrated_site(
    server: DatabaseServer, make_site: Callable[..., Site], tmp_path_factory: pytest.TempPathFactory
) -> Site:
    """A running wxlogin on a migrated database of the server."""

    def migrated(url: str) -> None:
        migrate(tmp_path_factory.mktemp("migrated"), WXLOGIN_DATABASE_URL=url)

    return make_site(WXLOGIN_DATABASE_URL=server.migrated_database(migrated))


@pytest.fixture
def backend() -> Iterator[Backend]:
    """Somebody's own backend."""
    with Backend() as backend:
        yield backend


@pytest.fixture(scope="session")
def deployed() -> Iterator[Deployed]:
    """A clean Debian in which docs/deploy.md was followed; the tests of it are one xdist group."""
    for booted in machine.machine(*PORTS):
        yield Deployed(booted)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A configuration of the test's own, which begins with all of deploy/gunicorn.conf.py."""
    own, deployed = tmp_path / "gunicorn.conf.py", str(ROOT / CONFIGURATION)
    own.write_text(f"import os, runpy\nglobals().update(runpy.run_path({deployed!r}))\n")
    return own
