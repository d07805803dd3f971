"""This tree beside another revision of it: both run at once, on the same stores, and take turns.

    make bench ARGS="--compare REV"

What disturbs the machine disturbs both. Each round gives a ratio of the CPU time of a request, and
the spread of the ratios says how much the median means. Both run with the packages of this tree.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from redis import Redis

from bench.contestants import Wxlogin, contestants, wxlogin_command
from bench.servers import Server
from bench.throughput import FIRST_PORT, Length, Turn, prepare, turn, wrk
from config import ROOT
from wxlogin.development.address import first_free

PATHS = ("auth", "session")


def compare(redis_url: str, directory: Path, revision: str, length: Length) -> None:
    """Measure both, and print the ratio of this tree to the other one for each call."""
    wxlogin = Wxlogin(redis_url, directory)
    rows = [row for row in contestants(wxlogin, express=False) if row.name in PATHS]
    with _checked_out(revision, directory / "other") as other, ExitStack() as stack:
        redis = stack.enter_context(Redis.from_url(redis_url))
        servers = {
            root: stack.enter_context(_server(wxlogin, directory, root)) for root in (other, ROOT)
        }
        for row in rows:
            turns: dict[Path, list[Turn]] = {root: [] for root in servers}
            for server in servers.values():
                prepare(row, server, directory)
                wrk(row, server, directory, length.warm_up)
            for number in range(2 * length.rounds):
                for root in sorted(servers, reverse=bool(number % 2)):
                    turns[root].append(turn(row, servers[root], redis, directory, length.seconds))
            _show(row.title, turns[other], turns[ROOT], revision)


def _show(title: str, other: list[Turn], own: list[Turn], revision: str) -> None:
    print(f"\n{title}: this tree beside {revision}")
    for what, name in (("CPU us a request", "server_cpu_us"), ("requests/s", "per_second")):
        pairs = [(getattr(a, name), getattr(b, name)) for a, b in zip(other, own, strict=True)]
        ratios = [after / before for before, after in pairs]
        before, after = (median(side) for side in zip(*pairs, strict=True))
        spread = f"{min(ratios):.2f}-{max(ratios):.2f}"
        print(f"  {what:17} {before:8.0f} {after:8.0f}   x {median(ratios):.2f} ({spread})")


def _server(wxlogin: Wxlogin, directory: Path, root: Path) -> Server:
    port = first_free(FIRST_PORT).port
    log = directory / f"{root.name}.log"
    return Server(wxlogin_command(port), port, wxlogin.environment, log, root)


@contextmanager
def _checked_out(revision: str, directory: Path) -> Iterator[Path]:
    """The revision in a work tree of its own, for as long as it is needed."""
    git = ["git", "-C", str(ROOT), "worktree"]
    subprocess.run([*git, "add", "--quiet", "--detach", str(directory), revision], check=True)
    try:
        yield directory
    finally:
        subprocess.run([*git, "remove", "--force", str(directory)], check=True)
