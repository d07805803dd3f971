"""What the doctor finds of Redis, on servers that are set up so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import config
from tests.harness.clock import SettableClock
from tests.harness.patient import findings
from tests.harness.redis_proxies import StrangeRedis, Words
from tests.harness.redis_topologies import ask
from wxlogin.development.valkey import ValkeyServer
from wxlogin.doctor import Finding

OUT = "redis://127.0.0.1:9/0"


def check(directory: Path, url: str, **settings: str) -> dict[str, Finding]:
    """What the doctor finds of the Redis at a URL."""
    given = {"WXLOGIN_ENV": "testing", "WXLOGIN_REDIS_URL": url, **settings}
    return findings("redis", config.load(given, directory))


@contextmanager
def server(directory: Path, *extra: str) -> Iterator[ValkeyServer]:
    """A Valkey with these options."""
    with ValkeyServer(directory / "valkey", port=0, extra=extra) as running:
        yield running


def test_a_redis_as_it_should_be_is_in_order(tmp_path: Path) -> None:
    with server(tmp_path) as running:
        assert list(check(tmp_path, running.url)) == ["ok"]


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        (["--maxmemory-policy", "allkeys-lru"], ["redis.evicts"]),
        (["--appendonly", "no"], ["redis.no_persistence"]),
        (["--appendonly", "no", "--save", "900 1"], ["redis.no_aof"]),
        (["--min-replicas-to-write", "1"], ["redis.read_only"]),
    ],
)
def test_a_redis_that_is_set_up_otherwise_is_named(
    tmp_path: Path, options: list[str], codes: list[str]
) -> None:
    with server(tmp_path, *options) as running:
        assert list(check(tmp_path, running.url)) == codes


def test_a_redis_that_is_out_is_named_without_its_password(tmp_path: Path) -> None:
    found = check(tmp_path, OUT.replace("//", "//:hunter2@"))["redis.out"]
    assert "hunter2" not in str(found.say("en"))
    assert found.level == "fault"


@pytest.mark.impatient
def test_a_redis_that_hangs_is_named(tmp_path: Path) -> None:
    with server(tmp_path) as running:
        running.pause()
        found = check(tmp_path, running.url)
        running.resume()
    assert list(found) == ["redis.out"]
    assert "in time" in found["redis.out"].say("en").what


def test_a_full_redis_and_a_nearly_full_one_are_named(tmp_path: Path) -> None:
    with server(tmp_path) as running:
        used = int(ask(running, "INFO", "memory")["used_memory"])
        ask(running, "CONFIG", "SET", "maxmemory", used * 11 // 10)
        assert list(check(tmp_path, running.url)) == ["redis.nearly_full"]
        ask(running, "CONFIG", "SET", "maxmemory", 1)
        assert "redis.full" in check(tmp_path, running.url)


def test_a_replica_is_named(tmp_path: Path) -> None:
    with server(tmp_path, "--replicaof", "127.0.0.1 9") as running:
        assert list(check(tmp_path, running.url)) == ["redis.read_only"]


def test_fewer_replicas_than_a_login_waits_for_are_named(tmp_path: Path) -> None:
    with server(tmp_path) as running:
        found = check(tmp_path, running.url, WXLOGIN_REDIS_WAIT="1")
    assert list(found) == ["redis.few_replicas"]


def test_another_time_is_named(tmp_path: Path) -> None:
    with server(tmp_path) as running:
        settings = config.load({"WXLOGIN_ENV": "testing", "WXLOGIN_REDIS_URL": running.url})
        clock = SettableClock()
        clock.forward(-90)
        assert list(findings("redis", settings, clock)) == ["redis.clock"]


@pytest.mark.parametrize(
    ("version", "code"), [("4.0.14", "redis.too_old"), ("6.0.16", "redis.old")]
)
def test_an_old_version_is_named(tmp_path: Path, version: str, code: str) -> None:
    def old(words: Words) -> Words:
        said = f"redis_version:{version}\r\naof_enabled:1\r\n".encode()
        return [b"EVAL", b"return ARGV[1]", b"0", said] if words[0] == b"INFO" else words

    with server(tmp_path) as running, StrangeRedis(running.url, old) as strange:
        assert list(check(tmp_path, strange.url)) == [code]


@pytest.mark.parametrize("name", ["aof_last_write_status", "rdb_last_bgsave_status"])
def test_a_disk_that_redis_could_not_write_to_is_named(tmp_path: Path, name: str) -> None:
    def failing(words: Words) -> Words:
        said = f"redis_version:9.1.2\r\naof_enabled:1\r\n{name}:err\r\n".encode()
        return [b"EVAL", b"return ARGV[1]", b"0", said] if words[0] == b"INFO" else words

    with server(tmp_path) as running, StrangeRedis(running.url, failing) as strange:
        found = check(tmp_path, strange.url)
    assert list(found) == ["redis.save_failed"]
    assert name in found["redis.save_failed"].say("en").what


def test_a_user_who_may_not_ask_works_and_the_rest_is_unknown(tmp_path: Path) -> None:
    with server(tmp_path) as running:
        ask(running, "ACL", "SETUSER", "app", "on", ">pw", "~*", "+@all", "-info")
        url = running.url.replace("//", "//app:pw@")
        found = check(tmp_path, url)
    assert [(code, finding.level) for code, finding in found.items()] == [
        ("redis.no_info", "unknown")
    ]
