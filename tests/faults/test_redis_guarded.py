"""Sentinels with a password, and sentinels and a cluster over TLS, on Debian's redis-server."""

from __future__ import annotations

import logging
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from redis.exceptions import RedisError

from tests.harness.certificates import certificate, no_public_authorities
from tests.harness.redis_contract import EveryShape
from tests.harness.redis_process import RedisProcess, free_port, until
from wxlogin.redisdb import connect
from wxlogin.redisdb.causes import explain

PASSWORD = "a pass:w@rd"
WATCHING = "another pass:w@rd"
NAME = "sessions"
SLOTS = 16384


class Guarded:
    """Servers that take nothing but TLS and a password."""

    def __init__(self, directory: Path) -> None:
        server = shutil.which("redis-server")
        if not server or not shutil.which("openssl"):
            pytest.skip("redis-server is not installed (apt-get install redis-server openssl)")
        self._program = server
        self._directory = directory
        self.authority = certificate(directory, "mine")
        certificate(directory, "other")
        self._started: list[RedisProcess] = []

    def server(self, *, clustered: bool = False) -> RedisProcess:
        """Start one that holds data, alone or as a node of a cluster."""
        return self._begun(lambda port: self._serving(port, clustered=clustered), PASSWORD)

    def sentinel(self, primary: RedisProcess) -> RedisProcess:
        """Start one that watches this primary."""
        return self._begun(lambda port: self._watching(port, primary), WATCHING)

    def _serving(self, port: int, *, clustered: bool) -> list[str]:
        own = {**self._tls(port), "requirepass": PASSWORD, "masterauth": PASSWORD, "save": ""}
        if clustered:
            own |= {"cluster-enabled": "yes", "cluster-port": str(free_port())}
        said = [word for name, value in own.items() for word in (f"--{name}", value)]
        return [self._program, *said]

    def _watching(self, port: int, primary: RedisProcess) -> list[str]:
        lines = [f"{name} {value}" for name, value in self._tls(port).items()]
        lines += [f"sentinel monitor {NAME} 127.0.0.1 {primary.port} 1"]
        lines += [f'sentinel auth-pass {NAME} "{PASSWORD}"', f'requirepass "{WATCHING}"']
        settings = self._directory / f"sentinel-{port}.conf"
        settings.write_text("\n".join(lines), encoding="utf-8")
        return [self._program, str(settings), "--sentinel"]

    def _tls(self, port: int) -> dict[str, str]:
        home = self._directory / str(port)
        home.mkdir()
        return {
            "port": "0",
            "tls-port": str(port),
            "bind": "127.0.0.1",
            "dir": str(home),
            "tls-replication": "yes",
            "tls-cluster": "yes",
            "tls-auth-clients": "no",
            "tls-cert-file": str(self.authority),
            "tls-key-file": str(self.authority.with_suffix(".key")),
            "tls-ca-cert-file": str(self.authority),
        }

    def _begun(self, command: Callable[[int], list[str]], password: str) -> RedisProcess:
        """A started one; a port that somebody else took meanwhile is given up for another."""
        while True:
            port = free_port()
            process = RedisProcess(self._directory, command(port), port, **self.client(password))
            self._started.append(process)
            try:
                process.start()
            except AssertionError:
                if "Address already in use" not in process.log.read_text(encoding="utf-8"):
                    raise
            else:
                return process

    def client(self, password: str) -> dict[str, Any]:
        """How a client reaches them."""
        return {"ssl": True, "ssl_ca_certs": str(self.authority), "password": password}

    def stop(self) -> None:
        """End all."""
        for process in self._started:
            process.stop()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """Where they are made, and ended whatever happens."""
    guarded = Guarded(tmp_path_factory.mktemp("guarded"))
    with no_public_authorities():
        yield guarded
        guarded.stop()


@pytest.fixture(scope="module")
def sentinels(guarded: Guarded) -> str:
    """The setting for a primary behind a sentinel."""
    primary = guarded.server()
    sentinel = guarded.sentinel(primary)
    until(lambda: sentinel.ask("SENTINEL MASTERS")[NAME]["flags"] == "master", "a watched primary")
    return (
        f"rediss+sentinel://:{quote(PASSWORD)}@127.0.0.1:{sentinel.port}/0?master={NAME}"
        f"&sentinel_password={quote(WATCHING)}&ssl_ca_certs={quote(str(guarded.authority))}"
    )


@pytest.fixture(scope="module")
def cluster(guarded: Guarded) -> str:
    """The setting for a cluster of two."""
    first, second = guarded.server(clustered=True), guarded.server(clustered=True)
    first.ask("CLUSTER ADDSLOTSRANGE", 0, SLOTS // 2)
    second.ask("CLUSTER ADDSLOTSRANGE", SLOTS // 2 + 1, SLOTS - 1)
    second.ask("CLUSTER SET-CONFIG-EPOCH", 2)
    bus = int(first.ask("CONFIG GET", "cluster-port")["cluster-port"])
    second.ask("CLUSTER MEET", "127.0.0.1", first.port, bus)
    for node in (first, second):
        until(lambda node=node: node.ask("CLUSTER INFO")["cluster_state"] == "ok", "a cluster")  # type: ignore[misc]
    return (
        f"rediss+cluster://:{quote(PASSWORD)}@127.0.0.1:{first.port}"
        f"?ssl_ca_certs={quote(str(guarded.authority))}"
    )


def refused(url: str) -> bool:
    """Ask for a key in vain; a log line tells the fault as the app would."""
    with connect(url) as client, pytest.raises(RedisError) as caught:
        client.get("any")
    logging.getLogger(__name__).warning("%s", explain(caught.value))
    return True


class OverTls(EveryShape):
    """What holds for both."""

    @pytest.mark.parametrize(
        ("right", "wrong", "said"),
        [
            ("mine.crt", "other.crt", "the TLS connection to Redis failed"),
            (quote(PASSWORD), "guess", "Redis refuses the user or password"),
            ("rediss+", "redis+", "Redis cannot be reached"),
        ],
        ids=["another authority", "another password", "no TLS"],
    )
    def test_what_cannot_be_trusted_or_signed_in_to_is_a_fault_that_is_named(
        self, redis_url: str, caplog: pytest.LogCaptureFixture, right: str, wrong: str, said: str
    ) -> None:
        url = redis_url.replace(right, wrong)
        if wrong == "redis+":
            url = re.sub("[?&]ssl_ca_certs=.*", "", url)
        until(lambda: refused(url) and said in caplog.text, said)
        assert PASSWORD not in caplog.text + url
        assert WATCHING not in caplog.text


class TestSentinels(OverTls):
    """A primary behind sentinels."""

    @pytest.fixture
    def redis_url(self, sentinels: str) -> str:
        """Where it is."""
        return sentinels

    @pytest.mark.parametrize(
        ("right", "wrong", "said"),
        [
            (quote(WATCHING), "guess", "Redis refuses the user or password"),
            (f"&sentinel_password={quote(WATCHING)}", "", "asks for a password"),
            (f"master={NAME}", "master=other", "know no primary of the name"),
        ],
        ids=["another password", "no password", "another name"],
    )
    def test_what_sentinels_refuse_is_named(
        self, redis_url: str, caplog: pytest.LogCaptureFixture, right: str, wrong: str, said: str
    ) -> None:
        url = redis_url.replace(right, wrong)
        until(lambda: refused(url) and said in caplog.text, said)
        assert WATCHING not in caplog.text


class TestCluster(OverTls):
    """A cluster."""

    @pytest.fixture
    def redis_url(self, cluster: str) -> str:
        """Where it is."""
        return cluster
