"""Redis over TLS, and with a password, on the redis-server that the system has."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest

from tests.harness.certificates import certificate, no_public_authorities
from tests.harness.phone import Phone
from tests.harness.readiness import becomes
from tests.harness.redis_contract import EveryShape
from tests.harness.redis_process import RedisProcess, free_port
from tests.harness.site import Site

PASSWORD = "a pass:w@rd"


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a Redis listens that takes nothing but TLS."""
    server, openssl = shutil.which("redis-server"), shutil.which("openssl")
    if not server or not openssl:
        pytest.skip(
            "Debian's redis-server and openssl are not installed; Valkey's wheel has no TLS"
        )
    directory = tmp_path_factory.mktemp("tls")
    mine = certificate(directory, "mine")
    certificate(directory, "other")
    port = free_port()
    files = {"cert-file": mine, "key-file": mine.with_suffix(".key"), "ca-cert-file": mine}
    tls = {"port": port, **files, "auth-clients": "no"}
    words = [word for name, value in tls.items() for word in (f"--tls-{name}", str(value))]
    rest = ["--port", "0", "--bind", "127.0.0.1", "--requirepass", PASSWORD, "--save", ""]
    command = [server, *words, *rest, "--dir", str(directory)]
    process = RedisProcess(
        directory, command, port, ssl=True, ssl_ca_certs=str(mine), password=PASSWORD
    )
    with no_public_authorities():
        try:
            process.start()
        except AssertionError:
            if "Bad directive" in process.log.read_text(encoding="utf-8"):
                pytest.skip(f"{server} was built without TLS")
            raise
        yield f"rediss://:{quote(PASSWORD)}@127.0.0.1:{port}/0?ssl_ca_certs={quote(str(mine))}"
        process.stop()


class TestTls(EveryShape):
    """The same as everywhere."""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("mine.crt", "other.crt"), (quote(PASSWORD), "guess"), ("mine.crt", "none.crt")],
    ids=["another authority", "another password", "no such file"],
)
def test_a_redis_that_cannot_be_trusted_is_a_fault(
    redis_url: str, make_site: Callable[..., Site], right: str, wrong: str
) -> None:
    site = make_site(WXLOGIN_REDIS_URL=redis_url.replace(right, wrong))
    answer = Phone(site).try_login()
    assert site.problem(answer) == "STORE_UNAVAILABLE"
    becomes(site, "out", redis="out")
    assert not any(PASSWORD in line or quote(PASSWORD) in line for line in site.log.lines)
