"""Nothing that happens to the stores, in whatever order, lets an ended token in again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.copied_redis import WITHOUT_A_LOG, CopiedRedis
from tests.faults.random_operations import RandomOperations
from tests.harness.redis_process import until
from tests.harness.redis_topologies import QUICK, follows, port_of
from tests.harness.site import Site
from tests.harness.traffic import WIDE
from wxlogin.development.valkey import ValkeyServer

logger = logging.getLogger(__name__)

MANY_DEVICES = {"WXLOGIN_MAX_DEVICES": "100"}


@pytest.fixture
def copied(tmp_path: Path) -> Iterator[CopiedRedis]:
    """A Redis that can be restored."""
    copied = CopiedRedis(tmp_path)
    with copied.server:
        yield copied


@pytest.fixture
def replica(copied: CopiedRedis, tmp_path: Path) -> Iterator[ValkeyServer]:
    """A replica of it."""
    of = ("--replicaof", f"127.0.0.1 {port_of(copied.server)}")
    with ValkeyServer(tmp_path / "replica", port=0, extra=(*QUICK, *of, *WITHOUT_A_LOG)) as replica:
        until(lambda: follows(replica), "a replica that follows")
        yield replica
        replica.resume()


def test_no_ended_token_is_let_in_again(
    copied: CopiedRedis,
    replica: ValkeyServer,
    make_site: Callable[..., Site],
    pytestconfig: pytest.Config,
) -> None:
    count = pytestconfig.getoption("--operations")
    url = copied.server.url
    sites = [make_site(WXLOGIN_REDIS_URL=url, **WIDE, **MANY_DEVICES) for _ in range(2)]
    operations = RandomOperations(sites, copied, replica, seed=count)
    operations.run(count)
    logger.info("%s", dict(sorted(operations.counts.items())))
    assert operations.let_in == []
    assert operations.counts["live: 204"] > 0
    assert operations.counts["ended for good: 401"] > 0
