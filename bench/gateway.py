"""nginx in front, as it is used: wrk -> nginx -> wxlogin, and on to a backend that answers at once.

    python -m bench.gateway [--quick] [--publish]

nginx is that of deploy/nginx.conf, with TLS and its log; wxlogin has two workers, and the backend
is another nginx. Both are asked on connections that stay open, over TCP on loopback and over unix
sockets. Every way of it runs at once; one is asked at a time, and turns go round.
"""

from __future__ import annotations

import argparse
import os
import ssl
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from statistics import median

from redis import Redis

from bench import gateway_nginx, report
from bench.contestants import USERS, Wxlogin, wxlogin_command
from bench.gateway_nginx import WAYS, Places, Way
from bench.servers import Server
from bench.throughput import CONNECTIONS, SCRIPT, Length, redis_cpu, send, status
from wxlogin.development.address import first_free
from wxlogin.development.valkey import ValkeyServer

FIRST_PORT = 18_400
TARGET = "/orders"
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""Where nginx keeps answers; it is /run on a server."""
COLUMNS = ("requests/s", "p50 ms", "p99 ms", "nginx", "wxlogin", "Redis", "backend", "kept")


FULL, QUICK = Length(rounds=5, seconds=8, warm_up=3), Length(rounds=2, seconds=2, warm_up=1)


@dataclass(frozen=True)
class Turn:
    """What one turn gave; CPU in microseconds a call, `kept` in calls of a hundred."""

    per_second: float
    p50_ms: float
    p99_ms: float
    nginx_us: float
    wxlogin_us: float
    redis_us: float
    backend_us: float
    kept: float


@dataclass(frozen=True)
class Setting:
    """What runs: an nginx for each way, what stands behind it, and who is signed in."""

    gateways: Mapping[Way, Server]
    wxlogin: Server
    backend: Server
    redis: Redis
    headers: Path
    certificate: Path

    def cpu(self, way: Way) -> tuple[float, float, float, float]:
        """The CPU seconds that have gone into nginx, wxlogin, Redis and the backend."""
        servers = (self.gateways[way], self.wxlogin, self.backend)
        nginx, wxlogin, backend = (server.cpu_seconds() for server in servers)
        return nginx, wxlogin, redis_cpu(self.redis), backend

    def load(self, way: Way, seconds: int) -> dict[str, float]:
        """Call through a gateway for some seconds; return what wrk says of it."""
        return send(SCRIPT, self.url(way), self.headers, seconds)

    def url(self, way: Way) -> str:
        """Where the backend is reached through a gateway."""
        return f"https://127.0.0.1:{self.gateways[way].port}{TARGET}"

    def log(self, way: Way) -> Path:
        """The log of a gateway's calls."""
        return self.certificate.parent / _name(way) / "wxlogin.log"


def measure(redis_url: str, directory: Path, length: Length) -> dict[Way, list[Turn]]:
    """Let every way take its turn in every round."""
    with _running(redis_url, directory) as setting:
        for way in WAYS:
            _check(setting, way)
            setting.load(way, length.warm_up)
        turns: dict[Way, list[Turn]] = {way: [] for way in WAYS}
        for number in range(length.rounds):
            for way in WAYS:
                found = _turn(setting, way, length.seconds)
                turns[way].append(found)
                print(f"  round {number + 1}: {way.title:44} {found.per_second:6.0f}/s", flush=True)
    return turns


@contextmanager
def _running(redis_url: str, directory: Path) -> Iterator[Setting]:
    wxlogin, certificate = Wxlogin(redis_url, directory), gateway_nginx.certificate(directory)
    headers = directory / "headers"
    with ExitStack() as stack:
        kept = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wxl-", dir=MEMORY)))

        def start(name: str, command: Sequence[str], port: int) -> Server:
            environment = wxlogin.environment if name == "wxlogin" else {}
            return stack.enter_context(
                Server(command, port, environment, directory / f"{name}.out")
            )

        ports = [first_free(FIRST_PORT + 100 * number).port for number in range(2 + len(WAYS))]
        tcp = [f"127.0.0.1:{port}" for port in ports[:2]]
        sockets = [f"unix:{directory}/{name}.sock" for name in ("wxlogin", "backend")]
        own = [*wxlogin_command(ports[0]), "--bind", sockets[0]]
        behind = gateway_nginx.backend(directory / "backend", (tcp[1], sockets[1]))
        servers = start("wxlogin", own, ports[0]), start("backend", behind, ports[1])
        gateways = {}
        for way, port in zip(WAYS, ports[2:], strict=True):
            name, near = _name(way), sockets if way.sockets else tcp
            places = Places(port, kept / name, certificate, *near)
            gateways[way] = start(name, gateway_nginx.gateway(way, directory / name, places), port)
        redis = stack.enter_context(Redis.from_url(redis_url))
        headers.write_text("\n".join(wxlogin.sign_in("")), encoding="utf-8")
        yield Setting(gateways, *servers, redis, headers, certificate)


def _check(setting: Setting, way: Way) -> None:
    """See that a call is answered and, where wxlogin is asked, nobody else's."""
    name, _, token = setting.headers.read_text(encoding="utf-8").splitlines()[0].partition(": ")
    trusted = ssl.create_default_context(cafile=str(setting.certificate))
    statuses = [status(setting.url(way), headers, trusted) for headers in ({name: token}, {})]
    if statuses != [200, 401 if way.asks else 200]:
        raise SystemExit(f"{way.title} answers {statuses}")


def _turn(setting: Setting, way: Way, seconds: int) -> Turn:
    written, before = setting.log(way).stat().st_size, setting.cpu(way)
    said = setting.load(way, seconds)
    if said["lost"] or said["refused"]:
        raise SystemExit(f"{way.title}: {said['lost']:.0f} lost, {said['refused']:.0f} refused")
    spent = zip(setting.cpu(way), before, strict=True)
    nginx, wxlogin, redis, backend = (1e6 * (x - y) / said["requests"] for x, y in spent)
    return Turn(
        per_second=said["requests"] / said["seconds"],
        p50_ms=said["p50_us"] / 1000,
        p99_ms=said["p99_us"] / 1000,
        nginx_us=nginx,
        wxlogin_us=wxlogin,
        redis_us=redis,
        backend_us=backend,
        kept=_kept(setting.log(way), written),
    )


def _kept(log: Path, written: int) -> float:
    """Return for how many calls of a hundred wxlogin was not asked, by the lines since then."""
    with log.open("rb") as lines:
        lines.seek(written)
        said = [b'"asked":"cache"' in line for line in lines]
    return 100 * sum(said) / len(said)


def _name(way: Way) -> str:
    return f"nginx-{WAYS.index(way)}"


def text(turns: Mapping[Way, Sequence[Turn]], begun: str) -> str:
    """Return the run in Markdown."""
    rows = [(way.title, *_row(list(found))) for way, found in turns.items()]
    return f"{begun}\n\n{report.table(('', *COLUMNS), rows)}\n"


def _row(turns: Sequence[Turn]) -> tuple[str, ...]:
    speed, p50, p99, *others = (median(column) for column in zip(*map(astuple, turns), strict=True))
    speeds = [turn.per_second for turn in turns]
    spread = f"{speed:,.0f} ({min(speeds):,.0f}-{max(speeds):,.0f})"
    *spent, kept = others
    return spread, f"{p50:.1f}", f"{p99:.1f}", *(f"{cpu:.0f}" for cpu in spent), f"{kept:.0f} %"


def _circumstances() -> str:
    """Say when and where a run begins, and how busy the machine is by then."""
    where = report.cpu_of(report.machine())
    busy = f"a load of {os.getloadavg()[0]:.1f} before it began"
    return f"Run of {report.moment()} on {where}, {gateway_nginx.version()}, {busy}."


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.gateway")
    parser.add_argument("--quick", action="store_true", help="half a minute; rough")
    parser.add_argument("--publish", action="store_true", help="write docs/performance.md")
    given = parser.parse_args()
    begun = _circumstances()
    print(f"{CONNECTIONS} connections, {USERS} users; CPU in microseconds a call")
    with tempfile.TemporaryDirectory(prefix="wxl-") as name:
        directory = Path(name)
        (directory / "valkey").mkdir()
        with ValkeyServer(directory / "valkey", port=0) as valkey:
            turns = measure(valkey.url, directory, QUICK if given.quick else FULL)
    found = text(turns, begun)
    print(f"\n{found}")
    if given.publish:
        report.put("gateway", found)


if __name__ == "__main__":
    main()
