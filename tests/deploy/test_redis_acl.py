"""deploy/redis: the app's user may do what the app does, and nothing else."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
import redis

from tests.deploy.harness import acl
from tests.deploy.harness.workload import live_a_day
from tests.harness.phone import Phone
from tests.harness.redis_contract import EveryShape
from tests.harness.redis_process import RedisProcess, free_port, until
from tests.harness.redis_topologies import Cluster, SentinelSet, ask
from tests.harness.site import Site
from tests.house.source import ROOT, product
from wxlogin.development.valkey import binary

CONF = ROOT / "deploy/redis/redis.conf"
MakeSite = Callable[..., Site]

REFUSED = r"(?i)no permission|can't access|can't run|not allowed"
CONNECTING = {
    *("ping", "select", "role", "info", "dbsize", "wait", "cluster|slots", "eval", "evalsha")
}
"""What is sent besides reading and writing."""


def program(name: str) -> str:
    """The server's program; the test is skipped where it is not installed."""
    found = str(binary()) if name == "valkey" else shutil.which("redis-server")
    if not found:
        pytest.skip("redis-server is not installed (apt-get install redis-server)")
    return found


@pytest.fixture(scope="module", params=["valkey", "redis-server"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RedisProcess]:
    """A server of each kind, started with both files as they stand and the passwords put in."""
    directory, port = tmp_path_factory.mktemp("acl"), free_port()
    place = ["--dir", str(directory), "--port", str(port), "--bind", "127.0.0.1"]
    command = [program(request.param), str(CONF), *place, "--aclfile", str(acl.written(directory))]
    operator = {"username": "operator", "password": acl.PASSWORDS["operator"]}
    process = RedisProcess(directory, command, port, **operator)
    process.start()
    yield process
    process.stop()


@pytest.fixture(scope="module")
def server_url(server: RedisProcess) -> str:
    """The setting for it."""
    return acl.signed_in(f"redis://127.0.0.1:{server.port}/0", "wxlogin")


class TestRights(EveryShape):
    """Everything, by the app's user."""

    @pytest.fixture
    def redis_url(self, server: RedisProcess, server_url: str) -> Iterator[str]:
        """The app's way in; the harness looks around by the operator's."""
        operator = acl.signed_in(f"redis://127.0.0.1:{server.port}/0", "operator")
        with acl.watched(server_url, operator):
            yield server_url

    def test_a_day_of_everything(self, make_site: MakeSite, redis_url: str) -> None:
        site = make_site(WXLOGIN_REDIS_URL=redis_url)
        live_a_day(site)
        assert site.request("GET", "/readyz").json()["status"] == "ok"


@pytest.mark.parametrize(
    "words",
    [
        ("KEYS", "*"),
        ("SCAN", "0"),
        ("FLUSHALL",),
        ("FLUSHDB",),
        ("CONFIG", "GET", "*"),
        ("DEBUG", "SLEEP", "0"),
        ("SCRIPT", "FLUSH"),
        ("ACL", "LIST"),
        ("MONITOR",),
        ("SHUTDOWN",),
        ("REPLICAOF", "192.0.2.1", "6379"),
        ("GET", "another:program:s"),
        ("EVAL", "return redis.call('KEYS', '*')", "0"),
        ("EVAL", "return redis.call('GET', KEYS[1])", "1", "another:program:s"),
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_the_app_s_user_is_refused_what_the_app_does_not_do(
    server: RedisProcess, server_url: str, words: tuple[str, ...]
) -> None:
    try:
        with (
            redis.Redis.from_url(server_url, socket_timeout=2, protocol=2) as client,
            pytest.raises(redis.ResponseError, match=REFUSED),
        ):
            client.execute_command(*words)
    finally:
        server.ask("ACL LOG", "RESET")


@pytest.mark.parametrize("user", ["", "wxlogin:guess@", "default:@"])
def test_nobody_gets_in_without_the_password(server: RedisProcess, user: str) -> None:
    url = f"redis://{user}127.0.0.1:{server.port}/0"
    with (
        redis.Redis.from_url(url, socket_timeout=2, protocol=2) as client,
        pytest.raises(redis.AuthenticationError),
    ):
        client.ping()
    server.ask("ACL LOG", "RESET")


def test_a_health_check_needs_no_secret_and_learns_nothing(server: RedisProcess) -> None:
    url = f"redis://probe:any@127.0.0.1:{server.port}/0"
    with redis.Redis.from_url(url, socket_timeout=2, protocol=2, driver_info=None) as client:
        assert client.ping()
        with pytest.raises(redis.ResponseError, match=REFUSED):
            client.get("wxl:1:apps")
    server.ask("ACL LOG", "RESET")


def test_sessions_outlive_the_server_s_restart(
    make_site: MakeSite, server: RedisProcess, server_url: str
) -> None:
    operator = acl.signed_in(f"redis://127.0.0.1:{server.port}/0", "operator")
    with acl.watched(server_url, operator):
        site = make_site(WXLOGIN_REDIS_URL=server_url)
        phone = Phone(site)
        phone.login()
        until(lambda: server.ask("INFO", "persistence")["aof_buffer_length"] == 0, "a write")
        server.kill()
        server.start()
        assert phone.refusal() == ""
        assert server.ask("CONFIG GET", "maxmemory-policy")["maxmemory-policy"] == "noeviction"


def test_the_file_as_it_stands_lets_nobody_in(tmp_path: Path) -> None:
    """A password that nobody put in is no password that everybody knows."""
    command = [program("valkey"), "--port", "0", "--aclfile", str(acl.ACL), "--dir", str(tmp_path)]
    process = RedisProcess(tmp_path, command, free_port())
    with pytest.raises(AssertionError, match="ACL errors"):
        process.start()


def test_the_app_s_rights_are_what_the_program_uses() -> None:
    """Too few would refuse a call, too many are for an intruder."""
    given = {word[1:] for word in acl.rights("wxlogin") if word.startswith("+")}
    scripts = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("wxlogin/**/*.lua"))
    called = {name.lower() for name in re.findall(r"redis\.p?call\(\s*'(\w+)'", scripts)}
    asked = {
        name
        for module in product(ROOT)
        if not module.path.startswith("wxlogin/development/")
        for name in re.findall(r"\bredis\.([a-z]+)\(", module.text)
        if hasattr(redis.Redis, name) and name != "close"
    }
    assert called
    assert asked
    assert given == called | asked | CONNECTING


def test_a_cluster_s_nodes_refuse_the_app_nothing(make_site: MakeSite, tmp_path: Path) -> None:
    cluster = Cluster(tmp_path / "cluster")
    try:
        cluster.start()
        acl.give(partial(ask, node) for node in cluster.nodes)
        url = acl.signed_in(cluster.url, "wxlogin")
        with acl.watched(url, cluster.url):
            live_a_day(make_site(WXLOGIN_REDIS_URL=url))
    finally:
        cluster.stop()


def test_sentinels_and_their_primary_refuse_the_app_nothing(
    make_site: MakeSite, tmp_path: Path
) -> None:
    watching = SentinelSet(tmp_path / "sentinels")
    try:
        watching.start()
        acl.give(partial(ask, one) for one in watching.servers)
        for sentinel in watching.sentinels:
            own = ("on", f"#{acl.sha256('wxlogin')}", "-@all", "+ping", "+sentinel|masters")
            sentinel.ask("ACL", "SETUSER", "wxlogin", *own)
        asking = f"sentinel_username=wxlogin&sentinel_password={acl.PASSWORDS['wxlogin']}"
        url = f"{acl.signed_in(watching.url, 'wxlogin')}&{asking}"
        with acl.watched(url, watching.url):
            live_a_day(make_site(WXLOGIN_REDIS_URL=url, WXLOGIN_REDIS_WAIT="1"))
            assert [sentinel.ask("ACL", "LOG") for sentinel in watching.sentinels] == [[]] * 3
    finally:
        watching.stop()
