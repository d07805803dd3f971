"""The embedded Valkey: where it answers, what it keeps, how it ends."""

from __future__ import annotations

import os
import platform
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import redis

from config import ROOT
from wxlogin.development import valkey
from wxlogin.development.errors import StartError
from wxlogin.development.valkey import ValkeyServer

CHILD = """
import sys
from pathlib import Path
from wxlogin.development.valkey import ValkeyServer
server = ValkeyServer(Path(sys.argv[1]))
server.start()
print(server.url, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ValkeyServer]:
    with ValkeyServer(tmp_path / "data") as running:
        yield running


@pytest.fixture
def client(server: ValkeyServer) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(server.url, socket_timeout=30) as connected:
        yield connected


def test_its_socket_is_its_owners_alone(server: ValkeyServer, client: redis.Redis) -> None:
    path = Path(unquote(urlsplit(server.url).path))
    assert stat.filemode(path.stat().st_mode) == "srwx------"
    assert client.ping()


def test_it_answers_on_a_free_loopback_port(tmp_path: Path) -> None:
    with (
        ValkeyServer(tmp_path, port=0) as server,
        redis.Redis.from_url(server.url) as client,
    ):
        assert server.url.startswith("redis://127.0.0.1:")
        assert client.config_get("bind") == {"bind": "127.0.0.1"}


def test_it_writes_every_change_and_never_evicts(client: redis.Redis) -> None:
    settings = client.config_get("append*", "save", "maxmemory-policy")
    assert settings["appendonly"] == "yes"
    assert settings["appendfsync"] == "everysec"
    assert settings["save"] == ""
    assert settings["maxmemory-policy"] == "noeviction"


def test_further_words_reach_its_command_line(tmp_path: Path) -> None:
    with (
        ValkeyServer(tmp_path, extra=("--maxclients", "77")) as server,
        redis.Redis.from_url(server.url) as client,
    ):
        assert client.config_get("maxclients") == {"maxclients": "77"}


def test_data_survives_kill_9(server: ValkeyServer, client: redis.Redis) -> None:
    client.set("kept", "1")
    server.kill()
    assert not server.alive
    server.restart()
    assert client.get("kept") == b"1"


def test_data_survives_stop_and_start(server: ValkeyServer, client: redis.Redis) -> None:
    client.set("kept", "1")
    server.stop()
    server.start()
    assert client.get("kept") == b"1"


def test_a_restart_keeps_the_address(tmp_path: Path) -> None:
    with ValkeyServer(tmp_path, port=0) as server:
        before = server.url
        server.restart()
        assert server.url == before


def test_a_paused_one_is_silent_until_it_goes_on(server: ValkeyServer, client: redis.Redis) -> None:
    server.pause()
    assert server.alive
    with (
        redis.Redis.from_url(server.url, socket_timeout=0.2) as impatient,
        pytest.raises(redis.TimeoutError),
    ):
        impatient.ping()
    server.resume()
    assert client.ping()


def test_a_paused_one_can_be_stopped(server: ValkeyServer) -> None:
    server.pause()
    server.stop()
    assert not server.alive


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel ties lives on Linux")
def test_it_dies_with_its_parent(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with parent, socket.socket(socket.AF_UNIX) as connection:
        assert parent.stdout is not None
        connection.connect(unquote(urlsplit(parent.stdout.readline().strip()).path))
        connection.settimeout(60)
        parent.kill()
        # A server that dies before it accepts the connection resets it.
        with suppress(ConnectionResetError):
            assert connection.recv(1) == b""


def test_a_second_one_in_the_directory_is_refused(server: ValkeyServer) -> None:
    second = ValkeyServer(server.directory)
    with pytest.raises(StartError, match=f"is in use by process {os.getpid()}"):
        second.start()
    assert server.alive
    assert not second.alive


def test_stop_frees_the_directory(server: ValkeyServer) -> None:
    server.stop()
    with ValkeyServer(server.directory) as second:
        assert second.alive


def test_a_deep_directory_gets_a_short_socket_that_goes_with_it(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 120)
    with (
        ValkeyServer(deep) as server,
        redis.Redis.from_url(server.url) as client,
    ):
        place = Path(unquote(urlsplit(server.url).path)).parent
        assert client.config_get("dir") == {"dir": str(deep)}
        assert stat.filemode(place.stat().st_mode) == "drwx------"
    assert not place.exists()


def test_a_directory_may_have_any_name(tmp_path: Path) -> None:
    odd = tmp_path / """a 'b' "c" %20?#é"""
    with (
        ValkeyServer(odd) as server,
        redis.Redis.from_url(server.url) as client,
    ):
        assert client.config_get("dir") == {"dir": str(odd)}


def test_a_start_that_fails_tells_the_end_of_the_log(tmp_path: Path) -> None:
    server = ValkeyServer(tmp_path, extra=("--no-such-option", "yes"))
    with pytest.raises(StartError, match=r"(?s)Valkey ended as it started.*no-such-option"):
        server.start()
    assert not server.alive
    with ValkeyServer(tmp_path) as after:
        assert after.alive


def test_a_port_that_another_server_holds_is_not_taken_for_its_own(tmp_path: Path) -> None:
    with ValkeyServer(tmp_path / "one", port=0) as first:
        port = urlsplit(first.url).port
        second = ValkeyServer(tmp_path / "two", port=port)
        with pytest.raises(StartError, match=r"(?i)address already in use"):
            second.start()


def test_an_answer_is_not_waited_for_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(valkey, "START_SECONDS", 0.0)
    server = ValkeyServer(tmp_path)
    with pytest.raises(StartError, match="did not answer within 0 s"):
        server.start()
    assert not server.alive


def test_to_start_it_twice_is_to_start_it_once(server: ValkeyServer, client: redis.Redis) -> None:
    before = client.info("server")["process_id"]
    server.start()
    assert client.info("server")["process_id"] == before


def test_it_sees_nothing_of_our_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "xx_XX.nothing")  # a Valkey that saw it would refuse to start
    with ValkeyServer(tmp_path) as server:
        assert server.alive


def test_where_the_wheel_has_no_binary_the_setting_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "s390x")
    with pytest.raises(StartError, match="set WXLOGIN_REDIS_URL"):
        valkey.binary()


def test_a_process_that_ignores_the_request_to_end_is_killed(
    server: ValkeyServer, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(valkey, "STOP_SECONDS", 0.0)
    pid = client.info("server")["process_id"]
    server.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)
