"""A wxlogin behind the system's nginx, with a backend beside it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.harness.balancer import Balancer
from tests.harness.nginx import Backend, Nginx
from tests.harness.phone import Phone
from tests.harness.site import Site
from wxlogin.development.valkey import ValkeyServer

UNCHANGED: Mapping[str, str] = {}


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
def binary() -> str:
    """The system's nginx."""
    found = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if not found or not shutil.which("openssl"):
        pytest.skip("nginx or openssl is not installed (apt-get install nginx-light openssl)")
    return found


@pytest.fixture
def make_nginx(
    site: Site, backend: Backend, binary: str, tmp_path: Path
) -> Iterator[Callable[..., Nginx]]:
    """Puts nginx in front of a wxlogin and the backend; callers go through it from then on.

    `edits` are what a team changes in the files; `behind` stands in the usual one's place.
    """
    running: list[Nginx] = []

    def make(wxlogin: str, edits: Mapping[str, str] = UNCHANGED, behind: str = "") -> Nginx:
        place = tmp_path / f"nginx-{len(running)}"
        running.append(Nginx(binary, place, wxlogin, behind or backend.base, edits))
        running[-1].start()
        site.base, site.verify = running[-1].base, str(running[-1].certificate)
        return running[-1]

    yield make
    for nginx in running:
        nginx.stop()
        assert [token for token in site.tokens if token in nginx.logged] == []


@pytest.fixture
def make_balancer(site: Site, binary: str, tmp_path: Path) -> Iterator[Callable[[str], Balancer]]:
    """Puts a load balancer in front of a URL; callers go through it from then on."""
    running: list[Balancer] = []

    def make(behind: str) -> Balancer:
        running.append(Balancer(binary, tmp_path / "balancer", behind))
        running[-1].start()
        site.base, site.verify = running[-1].base, str(running[-1].certificate)
        return running[-1]

    yield make
    for balancer in running:
        balancer.stop()


@pytest.fixture
def nginx(make_nginx: Callable[..., Nginx], direct: str) -> Nginx:
    """nginx in front of the site and the backend."""
    return make_nginx(direct)


@pytest.fixture
def phone(site: Site, nginx: Nginx) -> Phone:
    """Alice's phone, signed in through nginx."""
    phone = Phone(site)
    phone.login()
    return phone
