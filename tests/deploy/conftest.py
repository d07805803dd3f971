"""The databases of production, where this machine has them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import cast

import flask_migrate
import pytest

from tests.harness import databases
from tests.harness.databases import DatabaseServer
from tests.harness.site import Site


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[DatabaseServer | None]:
    """A PostgreSQL of the test run's own."""
    yield from databases.postgres()


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[DatabaseServer | None]:
    """A MariaDB of the test run's own."""
    yield from databases.mariadb()


@pytest.fixture(params=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest) -> DatabaseServer:
    """Each database server in turn."""
    running = request.getfixturevalue(f"{request.param}_server")
    if running is None:
        pytest.skip(f"{request.param} is not installed (apt-get install {request.param})")
    return cast("DatabaseServer", running)


@pytest.fixture
def empty_site(server: DatabaseServer, make_site: Callable[..., Site]) -> Site:
    """A running wxlogin on an empty database of the server."""
    return make_site(WXLOGIN_DATABASE_URL=server.database())


@pytest.fixture
def migrated_site(empty_site: Site) -> Site:
    """A running wxlogin on a migrated database of the server."""
    with empty_site.app.app_context():
        flask_migrate.upgrade()
    return empty_site
