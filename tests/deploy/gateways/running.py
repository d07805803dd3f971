"""A gateway as a process in front of a wxlogin, for as long as a block lasts."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import product
from pathlib import Path

from tests.harness.site import Site
from tests.harness.timing import eventually
from wxlogin.development.die_with_parent import die_with_parent


@contextmanager
def in_front(site: Site, command: Sequence[str], port: int, pem: Path) -> Iterator[Site]:
    """Put a gateway that listens on the port in front of a site; its log may hold no token."""
    here = pem.parent
    environment = {**os.environ, "HOME": str(here), "XDG_DATA_HOME": str(here)}
    with (
        (here / "gateway.log").open("wb") as log,
        subprocess.Popen(
            die_with_parent(list(command), signal.SIGTERM),
            env=environment,
            stdout=log,
            stderr=log,
        ) as process,
    ):
        try:
            eventually(lambda: _listens(process, port, here / "gateway.log"))
            site.base, site.verify = f"https://127.0.0.1:{port}", str(pem)
            yield site
        finally:
            process.terminate()
    told = (here / "gateway.log").read_text(encoding="utf-8")
    assert [token for token in site.tokens if token in told] == []


def misread(*names: str) -> list[str]:
    """Return each way to write headers that a backend behind CGI or WSGI reads as these."""
    ways = []
    for name in names:
        first, *rest = name.split("-")
        for marks in product("-_", repeat=len(rest)):
            ways.append(first + "".join(map(str.__add__, marks, rest)))
    return ways


def _listens(process: subprocess.Popen[bytes], port: int, log: Path) -> bool:
    assert process.poll() is None, log.read_text(encoding="utf-8")
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
