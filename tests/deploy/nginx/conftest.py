"""A wxlogin behind the system's nginx, with a backend beside it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.harness.nginx import Backend, Nginx
from tests.harness.phone import Phone
from tests.harness.site import Site
from wxlogin.development.valkey import ValkeyServer


@pytest.fixture
def backend() -> Iterator[Backend]:
    """Somebody's own backend."""
    with Backend() as backend:
        yield backend


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[ValkeyServer]:
    """A Valkey of the test's own, which a test may take away."""
    with ValkeyServer(tmp_path / "valkey") as server:
        yield server


@pytest.fixture
def site(redis_server: ValkeyServer, make_site: Callable[..., Site]) -> Site:
    """A wxlogin that believes one proxy and wants HTTPS."""
    behind = {"WXLOGIN_TRUSTED_HOPS": "1", "WXLOGIN_REQUIRE_HTTPS": "on"}
    return make_site(WXLOGIN_REDIS_URL=redis_server.url, **behind)


@pytest.fixture
def direct(site: Site) -> str:
    """Where wxlogin listens itself."""
    return site.base


@pytest.fixture
def make_nginx(site: Site, backend: Backend, tmp_path: Path) -> Iterator[Callable[[str], Nginx]]:
    """Puts nginx in front of a wxlogin and the backend; callers go through it from then on."""
    binary = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if not binary or not shutil.which("openssl"):
        pytest.skip("nginx or openssl is not installed (apt-get install nginx-light openssl)")
    running: list[Nginx] = []

    def make(wxlogin: str) -> Nginx:
        running.append(Nginx(binary, tmp_path / "nginx", wxlogin, backend.base))
        running[-1].start()
        site.base, site.verify = running[-1].base, str(running[-1].certificate)
        return running[-1]

    yield make
    for nginx in running:
        nginx.stop()
        assert [token for token in site.tokens if token in nginx.logged] == []


@pytest.fixture
def nginx(make_nginx: Callable[[str], Nginx], direct: str) -> Nginx:
    """nginx in front of the site and the backend."""
    return make_nginx(direct)


@pytest.fixture
def phone(site: Site, nginx: Nginx) -> Phone:
    """Alice's phone, signed in through nginx."""
    phone = Phone(site)
    phone.login()
    return phone
