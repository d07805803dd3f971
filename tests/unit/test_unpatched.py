"""What gevent replaced, in a process that it patched and in one that it did not."""

from __future__ import annotations

import subprocess
import sys
import threading

from wxlogin.unpatched import original

PATCHED = """
from gevent import monkey
monkey.patch_all(os=False, signal=False)
import threading
from wxlogin import metrics
from wxlogin.logs.structured import LineHandler
from wxlogin.redisdb.batching import Batcher

def made_by(lock):
    return type(lock).__module__.partition(".")[0]

metrics.enable_multiprocess(".")
assert made_by(threading.Lock()) == "gevent"
assert made_by(Batcher(lambda packed: [])._lock) == "_thread"
assert made_by(metrics.values.Lock()) == "_thread"
assert made_by(LineHandler().lock) == "_thread"
"""


def test_without_gevent_nothing_was_replaced() -> None:
    assert original("threading", "Lock") is threading.Lock


def test_locks_within_which_nothing_gives_way_are_the_system_s() -> None:
    subprocess.run([sys.executable, "-c", PATCHED], check=True, timeout=60)
