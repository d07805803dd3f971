"""Old, proxied and managed Redis: wxlogin does without what they lack, or names it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

import pytest
from redis import Redis
from redis.exceptions import ResponseError

from tests.harness.phone import Phone
from tests.harness.redis_contract import EveryShape
from tests.harness.redis_proxies import Edit, StrangeRedis, Words, refusing
from tests.harness.site import Site
from wxlogin.development.valkey import ValkeyServer

MakeSite = Callable[..., Site]
FORBIDDEN = "NOPERM User app has no permissions to run the '{}' command"
UNKNOWN_THERE = ("HELLO", "ROLE", "CLIENT", "CONFIG", "INFO", "SELECT", "COMMAND", "MULTI", "EXEC")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ValkeyServer]:
    """A Valkey of this file's own, with an address."""
    with ValkeyServer(tmp_path_factory.mktemp("strange"), port=0) as server:
        yield server


@pytest.fixture(scope="module")
def old(server: ValkeyServer) -> Iterator[StrangeRedis]:
    """A proxy as an old server, or one such as Codis, would answer."""
    with StrangeRedis(server.url, refusing(*UNKNOWN_THERE)) as proxy:
        yield proxy


class TestOldOrProxied(EveryShape):
    """A server that knows HELLO, ROLE, CLIENT, CONFIG, INFO and MULTI as little as Codis does."""

    @pytest.fixture
    def redis_url(self, old: StrangeRedis) -> str:
        """Where it is."""
        return old.url

    @pytest.mark.slow  # it asks for each of 16,384 slots through a proxy in Python
    def test_what_a_dead_worker_left_of_an_end_is_written(
        self, make_site: MakeSite, redis_url: str
    ) -> None:
        super().test_what_a_dead_worker_left_of_an_end_is_written(make_site, redis_url)


def sha(script: bytes) -> bytes:
    """The name under which Redis knows a script."""
    return hashlib.sha1(script, usedforsecurity=False).hexdigest().encode()


DECLARED = """
local server, declared = redis, {}
for _, key in ipairs(KEYS) do
  declared[key] = true
end
local redis = {error_reply = server.error_reply}
function redis.call(name, key, ...)
  if not declared[key] then
    error('script tried accessing undeclared key ' .. key)
  end
  return server.call(name, key, ...)
end
"""


@pytest.fixture(scope="module")
def insisting(server: ValkeyServer) -> Iterator[StrangeRedis]:
    """A proxy that lets the scripts, as it passes them on, look at their keys themselves."""
    own: dict[bytes, bytes] = {}

    def insist(words: Words) -> Words:
        name, script, *rest = words if len(words) > 1 else [words[0], b""]
        if name.upper() == b"EVAL":
            insisting = DECLARED.encode() + script
            own[sha(script)] = sha(insisting)
            return [name, insisting, *rest]
        return [name, own[script], *rest] if script in own else words

    with StrangeRedis(server.url, insist) as proxy:
        yield proxy


class TestInsistingOnKeys(EveryShape):
    """A server whose scripts may touch none but the keys that the command names."""

    @pytest.fixture
    def redis_url(self, insisting: StrangeRedis) -> str:
        """Where it is."""
        return insisting.url

    @pytest.mark.slow  # it asks for each of 16,384 slots through a proxy in Python
    def test_what_a_dead_worker_left_of_an_end_is_written(
        self, make_site: MakeSite, redis_url: str
    ) -> None:
        super().test_what_a_dead_worker_left_of_an_end_is_written(make_site, redis_url)

    def test_it_refuses_what_is_not_named(self, redis_url: str) -> None:
        with Redis.from_url(redis_url, protocol=2) as client:
            assert client.eval("return redis.call('GET', KEYS[1])", 1, "declared") is None
            with pytest.raises(ResponseError, match="undeclared key other"):
                client.eval("return redis.call('GET', 'other')", 1, "declared")


@pytest.mark.parametrize("name", ["ROLE", "CLIENT", "CONFIG", "INFO", "DBSIZE", "PING"])
def test_a_managed_redis_may_forbid_what_is_not_needed(
    server: ValkeyServer, make_site: MakeSite, name: str
) -> None:
    with StrangeRedis(server.url, refusing(name, how=FORBIDDEN)) as proxy:
        site = make_site(WXLOGIN_REDIS_URL=proxy.url)
        phone = Phone(site)
        phone.login()
        assert phone.refusal() == ""
        assert site.request("GET", "/readyz").json()["status"] == "ok"


def test_no_version_is_asked_for_and_none_believed(
    server: ValkeyServer, make_site: MakeSite
) -> None:
    """A proxy's own version says nothing about the servers behind it."""

    sections = set()

    def of_2013(words: Words) -> Words:
        if words[0].upper() != b"INFO":
            return words
        sections.update(words[1:])
        return [b"EVAL", b"return ARGV[1]", b"0", b"redis_version:2.8.0\r\n"]

    with StrangeRedis(server.url, of_2013) as proxy:
        phone = Phone(make_site(WXLOGIN_REDIS_URL=proxy.url))
        phone.login()
        assert phone.refusal() == ""
        assert not {"HELLO", "CONFIG"} & set(proxy.asked)
        assert sections <= {b"replication", b"memory"}


def without(text: bytes, instead: str) -> Edit:
    """A server that refuses scripts that hold this text."""
    refused = refusing("EVAL", how=instead)
    return lambda words: refused(words) if text in b"".join(words[1:2]) else words


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (refusing("EVALSHA", "EVAL"), "has to be Redis 5.0 or newer"),
        (
            refusing(
                "EVALSHA",
                how="ERR Error running script (call to f_1): @user_script:26: @user_script: 26: "
                "Wrong number of args calling Redis command From Lua script",
            ),
            "has to be Redis 5.0 or newer",
        ),
        (
            refusing(
                "EVALSHA",
                how="ERR Error running script: Write commands not allowed after non deterministic "
                "commands. Call redis.replicate_commands() at the start of your script",
            ),
            "has to be Redis 5.0 or newer",
        ),
        (refusing("EVALSHA", how=FORBIDDEN), "may not do what wxlogin needs"),
        (
            refusing(
                "EVALSHA",
                how="ERR bad lua script for redis cluster, all the keys that the script uses "
                "should be passed using the KEYS array",
            ),
            "script_check_enable",
        ),
    ],
    ids=["no scripts", "3.2", "4.0", "not allowed", "insists on keys"],
)
def test_what_is_needed_and_missing_is_named(
    server: ValkeyServer, make_site: MakeSite, edit: Edit, said: str
) -> None:
    with StrangeRedis(server.url, edit) as proxy:
        site = make_site(WXLOGIN_REDIS_URL=proxy.url)
        assert site.problem(Phone(site).try_login()) == "STORE_UNAVAILABLE"
        assert site.request("GET", "/readyz").json()["redis"] == "out"
        assert [line for line in site.log.lines if said in line]
