"""What the URL of Redis may say."""

from __future__ import annotations

import pytest

import config
from tests.harness.environment import PRODUCTION, fault_of
from wxlogin.settings.values import RedisServers, redis_servers

NOBODY_NAMED = {"username": None, "password": None}


@pytest.mark.parametrize(
    ("url", "servers"),
    [
        (
            "redis+sentinel://a:26379,b.example:26380/3?master=main",
            RedisServers(
                (("a", 26379), ("b.example", 26380)),
                "main",
                NOBODY_NAMED | {"db": 3},
                NOBODY_NAMED,
                None,
            ),
        ),
        (
            "redis+sentinel://app:p%40ss%2F@a:1?master=main%20one",
            RedisServers(
                (("a", 1),),
                "main one",
                {"username": "app", "password": "p@ss/", "db": 0},
                NOBODY_NAMED,
                None,
            ),
        ),
        (
            (
                "rediss+sentinel://:secret@a:1?master=m&sentinel_username=w&sentinel_password=p%40ss"
                "&ssl_ca_certs=%2Fca.crt&ssl_check_hostname=no"
            ),
            RedisServers(
                (("a", 1),),
                "m",
                {"username": None, "password": "secret", "db": 0},
                {"username": "w", "password": "p@ss"},
                {"ssl_ca_certs": "/ca.crt", "ssl_check_hostname": False},
            ),
        ),
        (
            "redis+cluster://:secret@[::1]:7000,10.0.0.2:7001",
            RedisServers(
                (("::1", 7000), ("10.0.0.2", 7001)),
                "",
                {"username": None, "password": "secret", "db": 0},
                {"username": None, "password": "secret"},
                None,
            ),
        ),
        (
            "rediss+cluster://app:secret@a:7000",
            RedisServers(
                (("a", 7000),),
                "",
                {"username": "app", "password": "secret", "db": 0},
                {"username": "app", "password": "secret"},
                {},
            ),
        ),
    ],
)
def test_a_url_of_several_servers_is_read(url: str, servers: RedisServers) -> None:
    assert config.load(PRODUCTION | {"WXLOGIN_REDIS_URL": url}).redis_url == url
    read = redis_servers(url)
    assert read == servers
    assert "secret" not in repr(read)
    assert "p@ss" not in repr(read)


@pytest.mark.parametrize(
    "url",
    [
        "redis+sentinel://:hunter2@a:26379/0",
        "redis+sentinel://:hunter2@a:26379/0?master=",
        "redis+sentinel://:hunter2@a:26379/0?master=main&db=1",
        "redis+sentinel://:hunter2@a:26379/first?master=main",
        "redis+sentinel://:hunter2@a/0?master=main",
        "redis+sentinel://:hunter2@/0?master=main",
        "redis+sentinel://:hunter2@a:26379,/0?master=main",
        "redis+sentinel://:hunter2#x@a:26379/0?master=main",
        "redis+sentinel://:hunter2/x@a:26379/0?master=main",
        "redis+sentinel://a:26379/0?master=main&sentinel_pass=hunter2",
        "redis+sentinel://:hunter2@a:26379/0?master=main&ssl_ca_certs=hunter2",
        "rediss+sentinel://:hunter2@a:26379/0?master=main&ssl_cert_reqs=hunter2",
        "rediss+sentinel://:hunter2@a:26379/0?master=main&ssl_min_version=hunter2",
        "redis+cluster://:hunter2@a:7000/1",
        "redis+cluster://:hunter2@a:7000?master=main",
        "redis+cluster://a:7000?sentinel_password=hunter2",
        "redis+cluster://:hunter2@a:7000?ssl_ca_certs=hunter2",
        "rediss+cluster://:hunter2@a:7000?master=main",
        "redis+cluster://:hunter2@a:0",
        "redis+cluster://:hunter2@a:70000",
        "redis+cluster://:hunter2@[::1:7000",
        "redis+other://:hunter2@a:7000",
        "redisss+cluster://:hunter2@a:7000",
        "rediss://:hunter2@a:6379/0?ssl_ca_cert=hunter2",
        "redis://:hunter2@a:6379/0?socket_timeout=hunter2",
    ],
)
def test_a_url_that_cannot_be_used_is_a_fault_and_not_shown(url: str) -> None:
    fault = fault_of(WXLOGIN_REDIS_URL=url)
    assert fault.startswith("WXLOGIN_REDIS_URL should be a URL that starts with redis://")
    assert "hunter2" not in fault
