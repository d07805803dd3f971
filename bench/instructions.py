"""How many instructions of the CPU an authenticated call takes, beside one of bare Flask.

    python -m bench.instructions              print both
    python -m bench.instructions --check      fail far over the figure of bench/instructions.txt
    python -m bench.instructions --record     write that figure anew

Callgrind counts them (on Debian and Ubuntu: `apt install valgrind`), so that what else runs on the
machine does not matter, and its CPU little. The version of Python does: the figure is the ratio to
a view of bare Flask, without a server, counted in the same process. Of wxlogin all is counted that
a worker does for a call: the parser, the call with its round trip to Redis, the log, the answer.
"""

from __future__ import annotations

import argparse
import gc
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bench.apps.bare import app as bare
from bench.in_process import Caller, answer, answering, environ, worker_of
from wxlogin.development.valkey import ValkeyServer
from wxlogin.serving import Worker

FIGURE = Path(__file__).with_suffix(".txt")
ROOM = 1.1
"""How much more than the figure passes: what other versions of Python and of packages change."""
REQUESTS = 50
SECONDS = 900
PATHS = ("/v1/auth", "/v1/session")
BARE = "/me"


def counted() -> dict[str, int]:
    """Return the instructions of a call by its path, that of bare Flask included."""
    with tempfile.TemporaryDirectory(prefix="wxlogin-bench-") as name:
        directory = Path(name)
        for part in ("valkey", "metrics"):
            (directory / part).mkdir()
        with ValkeyServer(directory / "valkey", port=0) as valkey:
            return _counted(valkey.url, directory)


def _counted(redis_url: str, directory: Path) -> dict[str, int]:
    """Run this file under callgrind; it counts nothing until it is told to."""
    counts = directory / "counts"
    callgrind = ["valgrind", "-q", "--tool=callgrind", "--instr-atstart=no"]
    own = [sys.executable, "-m", "bench.instructions", "--of", redis_url, str(directory)]
    shared = {"PYTHONHASHSEED": "0", "PROMETHEUS_MULTIPROC_DIR": str(directory / "metrics")}
    subprocess.run(
        [*callgrind, f"--callgrind-out-file={counts}", *own],
        env={**os.environ, **shared},
        stdout=subprocess.DEVNULL,
        check=True,
        timeout=SECONDS,
    )
    return {
        path: _total(counts.with_name(f"counts.{number}")) // REQUESTS
        for number, path in enumerate((BARE, *PATHS), 1)
    }


def _total(dump: Path) -> int:
    found = re.search(r"^(?:totals|summary): (\d+)", dump.read_text("utf-8"), re.MULTILINE)
    assert found, dump
    return int(found[1])


def _answer_all(redis_url: str, directory: Path) -> None:
    """Under callgrind: answer every path, each counted into a file of its own."""
    with answering(redis_url, directory) as (app, authorization):
        given = environ(BARE, authorization)
        _count(lambda: answer(bare, given, REQUESTS))
        worker = worker_of(app)
        for path in PATHS:
            _count(partial(_serve, worker, path, authorization))


def _serve(worker: Worker, path: str, authorization: str) -> None:
    caller = Caller(path, authorization, REQUESTS)
    worker.handle(caller, caller, ("127.0.0.1", 4711))


def _count(run: Callable[[], None]) -> None:
    run()
    # A collection falls into one count and not into the next.
    gc.disable()
    _control("--instr=on")
    _control("--zero")
    run()
    _control("--dump")
    _control("--instr=off")


def _control(word: str) -> None:
    subprocess.run(["callgrind_control", word, str(os.getpid())], check=True, capture_output=True)


def main() -> None:
    """Print the counts; check or record the figure."""
    parser = argparse.ArgumentParser(description="The instructions of an authenticated call.")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--of", nargs=2, metavar=("REDIS_URL", "DIRECTORY"), help="for itself")
    given = parser.parse_args()
    if given.of:
        _answer_all(given.of[0], Path(given.of[1]))
        return
    if not (shutil.which("valgrind") and shutil.which("callgrind_control")):
        print("No instructions are counted: valgrind is missing.")
        return
    try:
        counts = counted()
    except subprocess.SubprocessError as fault:  # not every machine lets a process be steered
        print(f"No instructions are counted: {fault}")
        return
    ratio = counts[PATHS[0]] / counts[BARE]
    for path, count in counts.items():
        print(f"{path:12} {count:10,} instructions   {count / counts[BARE]:.2f} of bare Flask")
    if given.record:
        FIGURE.write_text(f"{ratio:.2f}\n", encoding="utf-8")
    if given.check and ratio > float(FIGURE.read_text("utf-8")) * ROOM:
        raise SystemExit(
            f"GET {PATHS[0]} costs more than {FIGURE.name} says: see bench/{FIGURE.name}"
        )


if __name__ == "__main__":
    main()
