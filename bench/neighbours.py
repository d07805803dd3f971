"""What others notice while one address does its worst within its limits.

    python -m bench.neighbours [--seconds N]

Two workers as in production, the default limits. Signed-in users call at a steady pace from
addresses of their own; their latency is counted from the moment when a call was due. It is printed
without an attack and during one. The attacker is a process of its own, so that its work does not
delay the clock of the others; but it shares the machine with them.
"""

from __future__ import annotations

import argparse
import http.client
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

from bench.contestants import USERS, Wxlogin, recipes
from bench.servers import Server
from bench.worst_requests.bodies import BODIES
from bench.worst_requests.case import Case
from bench.worst_requests.forms import FORMS
from bench.worst_requests.heads import HEADER_CASES, TARGETS
from config import ROOT, load
from wxlogin.app import create_app
from wxlogin.development.address import first_free
from wxlogin.development.die_with_parent import die_with_parent
from wxlogin.development.valkey import ValkeyServer
from wxlogin.extensions import db

FIRST_PORT = 18_200
THREADS = 16
PER_SECOND = 100
ATTACKER = "192.0.2.66"
FORGED = "Bearer wxs_" + "A" * 108
LIMITS = {"WXLOGIN_LIMIT_API_IP": "30000/minute", "WXLOGIN_LIMIT_API_OPENID": "300/minute"}
"""The bench widens these two elsewhere; here they are the default ones."""


@dataclass(frozen=True)
class Attack:
    """Requests of one kind: how many a second, all in turn, and which limit allows that."""

    name: str
    per_second: float
    because: str
    cases: Sequence[Case]


@dataclass(frozen=True)
class Latency:
    """Milliseconds, and how many calls were not answered with 204."""

    p50: float
    p95: float
    p99: float
    failed: int


def attacks(authorizations: Sequence[str]) -> list[Attack]:
    """Return what one address may send at most; over a limit it is sent all the same.

    The address has users of its own, as a carrier's has.
    """
    bodies = [case for case in BODIES if case.path == "/v1/login"]
    sign_ins = [case for case in FORMS if case.path.startswith("/admin")]
    open_to_all = [case for case in (*TARGETS, *HEADER_CASES) if case.who == "anybody"]
    nowhere = ("", ""), ("", "")
    own = [
        Case(*nowhere, "/v1/session", "GET", headers={"Authorization": one})
        for one in authorizations
    ]
    forged = Case(*nowhere, "/v1/auth", "GET", headers={"Authorization": FORGED})
    return [
        Attack("bodies of a login", 10, "LIMIT_LOGIN_IP: 600/minute", bodies),
        Attack("bodies of a sign-in", 10, "LIMIT_ADMIN_IP: 20/minute, the rest is read", sign_ins),
        Attack("targets and headers", 20, "none of its own", open_to_all),
        Attack("calls of its own users", 5 * len(own), "LIMIT_API_OPENID: 300/minute each", own),
        Attack("forged tokens", 50, "LIMIT_FAIL_IP: 30/minute, the rest is refused", [forged]),
    ]


def measure(url: str, authorizations: Sequence[str], seconds: float) -> Latency:
    """Call for so long; return the latencies."""
    taken: list[float] = []
    failed: list[int] = []

    def call(connection: http.client.HTTPConnection, number: int, due: float) -> None:
        own = f"198.51.{number % 250}.7"
        headers = {"Authorization": authorizations[number % len(authorizations)]}
        status = _send(connection, "GET", "/v1/auth", _proxied(own, headers))
        taken.append((time.monotonic() - due) * 1000)
        if status != 204:
            failed.append(status)

    _at_a_pace(url, PER_SECOND, time.monotonic() + seconds, call)
    cuts = quantiles(taken, n=100)
    return Latency(cuts[49], cuts[94], cuts[98], len(failed))


def attack(url: str, authorizations: Sequence[str]) -> None:
    """Send everything at its pace until the process is ended."""
    threads = [
        threading.Thread(target=_wage, args=(url, one), daemon=True)
        for one in attacks(authorizations)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _wage(url: str, one: Attack) -> None:
    def call(connection: http.client.HTTPConnection, number: int, _due: float) -> None:
        case = one.cases[number % len(one.cases)]
        target = f"{case.path}?{case.query}" if case.query else case.path
        headers = _proxied(ATTACKER, case.headers)
        _send(connection, case.method, target, headers, case.body)

    _at_a_pace(url, one.per_second, float("inf"), call)


def _at_a_pace(
    url: str,
    per_second: float,
    until: float,
    call: Callable[[http.client.HTTPConnection, int, float], None],
) -> None:
    """Make each call at the moment when it is due, on threads that take turns."""
    turn, began, number = threading.Lock(), time.monotonic(), iter(range(10**9))

    def go_on() -> None:
        connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=30)
        while True:
            with turn:
                mine = next(number)
            due = began + mine / per_second
            if due > until:
                return
            time.sleep(max(0.0, due - time.monotonic()))
            call(connection, mine, due)

    threads = [threading.Thread(target=go_on, daemon=True) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _send(
    connection: http.client.HTTPConnection,
    method: str,
    target: str,
    headers: Mapping[str, str],
    body: bytes = b"",
) -> int:
    """Return the status; 0 where the connection broke."""
    try:
        connection.request(method, target, body, headers)
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException):
        connection.close()
        return 0
    return answer.status


def _proxied(address: str, headers: Mapping[str, str]) -> dict[str, str]:
    return {**headers, "X-Forwarded-For": address, "X-Forwarded-Proto": "https"}


@contextmanager
def _server(redis_url: str, directory: Path, wxlogin: Wxlogin) -> Iterator[Server]:
    environment = {**wxlogin.environment, **LIMITS}
    with create_app(load(environment, instance=directory)).app_context():
        db.create_all()
    port = first_free(FIRST_PORT).port
    command = recipes(redis_url, wxlogin, express=False)["wxlogin"].command(port)
    with Server(command, port, environment, directory / "wxlogin.log") as server:
        yield server


@contextmanager
def _attacker(url: str, authorizations: Sequence[str]) -> Iterator[None]:
    command = [sys.executable, "-m", "bench.neighbours", "--attack", url]
    process = subprocess.Popen(
        die_with_parent(command, signal.SIGTERM), cwd=ROOT, stdin=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    with process.stdin as tokens:  # on no command line
        tokens.write("\n".join(authorizations))
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def run(seconds: float) -> dict[str, Latency]:
    """Return the others' latency without an attack and during it."""
    with tempfile.TemporaryDirectory(prefix="wxlogin-bench-") as name:
        directory = Path(name)
        (directory / "valkey").mkdir()
        with ValkeyServer(directory / "valkey", port=0) as valkey:
            wxlogin = Wxlogin(valkey.url, directory)
            mine, others = (
                [line.partition(": ")[2] for line in wxlogin.sign_in("")] for _ in range(2)
            )
            with _server(valkey.url, directory, wxlogin) as server:
                measure(server.url, others, 2)  # to warm up
                alone = measure(server.url, others, seconds)
                with _attacker(server.url, mine):
                    attacked = measure(server.url, others, seconds)
    return {"without an attack": alone, "during the attack": attacked}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.neighbours")
    parser.add_argument("--seconds", type=float, default=30, help="of each of the two runs")
    parser.add_argument("--attack", metavar="URL", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.attack:
        attack(given.attack, sys.stdin.read().split("\n"))
        return
    found = run(given.seconds)
    print("One address sends:")
    for one in attacks([""] * USERS):
        print(f"  {one.per_second:4.0f}/s  {one.name} ({one.because})")
    print(f"\nThe others, {PER_SECOND} calls a second       p50 ms  p95 ms  p99 ms  failed")
    for name, row in found.items():
        print(f"  {name:32} {row.p50:6.1f}  {row.p95:6.1f}  {row.p99:6.1f}  {row.failed:6}")


if __name__ == "__main__":
    main()
