"""The system's nginx with deploy/nginx.conf, on loopback ports, and a backend behind it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from tests.harness.certificates import certificate
from tests.harness.loopback import LoopbackServer, QuietHandler
from tests.harness.redis_process import free_port
from tests.harness.timing import eventually
from tests.house.source import ROOT
from wxlogin.development.die_with_parent import die_with_parent

CONF, FOLDER = ROOT / "deploy/nginx.conf", ROOT / "deploy/nginx"
MAIN = """
daemon off;
{user}
pid {here}/nginx.pid;
error_log {here}/main.log;
events {{}}
http {{
    client_body_temp_path {here}/body;
    proxy_temp_path {here}/proxy;
    fastcgi_temp_path {here}/fastcgi;
    uwsgi_temp_path {here}/uwsgi;
    scgi_temp_path {here}/scgi;
    include site.conf;
}}
"""


class Process:
    """One nginx on these sites' configuration, its files in a directory of its own."""

    def __init__(self, binary: str, directory: Path, port: int) -> None:
        directory.mkdir(exist_ok=True)
        self.directory = directory
        self.port = port
        self.certificate = directory.parent / "nginx.crt"
        """All in a test have one."""
        if not self.certificate.exists():
            certificate(directory.parent, "nginx")
        self.base = f"https://127.0.0.1:{port}"
        user = "user root;" if os.geteuid() == 0 else ""
        main = directory / "nginx.conf"
        main.write_text(MAIN.format(here=directory, user=user), encoding="utf-8")
        self._command = [binary, "-e", str(directory / "main.log"), "-c", str(main)]
        self._process: subprocess.Popen[bytes] | None = None

    def check(self) -> str:
        """What nginx says of the configuration; it has to take it."""
        checking = [*self._command, "-t"]
        return subprocess.run(checking, check=True, stderr=subprocess.PIPE, text=True).stderr

    def start(self) -> None:
        """Start it and wait until it listens."""
        self._process = subprocess.Popen(die_with_parent(self._command, signal.SIGTERM))
        eventually(self._listens)

    def stop(self) -> None:
        """End it."""
        if self._process:
            self._process.terminate()
            self._process.wait()

    @property
    def logged(self) -> str:
        """All that it wrote into logs."""
        files = sorted(self.directory.glob("*.log"))
        return "".join(file.read_text(encoding="utf-8") for file in files)

    def _listens(self) -> bool:
        assert self._process
        assert self._process.poll() is None, self.logged
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


class Nginx(Process):
    """deploy/nginx.conf; what differs from it are ports, addresses, paths, and `edits`.

    `wxlogin` and `backend` are URLs, or addresses as nginx writes them. `clear_port` is for a load
    balancer that ends TLS itself, and closed unless an edit opens it.
    """

    def __init__(
        self,
        binary: str,
        directory: Path,
        wxlogin: str,
        backend: str,
        edits: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        super().__init__(binary, directory, free_port())
        self.plain_port, self.clear_port = free_port(), free_port()
        self.kept = directory / "kept"
        """Where it keeps wxlogin's answers, if an edit switches that on."""
        self._http2 = _takes_http2_as_directive(binary)
        shutil.copytree(FOLDER, directory / "wxlogin")
        site = directory / "site.conf"
        site.write_text(self._site(wxlogin, backend), encoding="utf-8")
        change([site, *(directory / "wxlogin").iterdir()], edits)

    @property
    def told(self) -> list[dict[str, Any]]:
        """The lines of its access log."""
        log = (self.directory / "wxlogin.log").read_text(encoding="utf-8")
        return [json.loads(line) for line in log.splitlines()]

    def line_of(self, request: str) -> dict[str, Any]:
        """The line of the access log for a request's id; it is written after the answer is."""
        eventually(lambda: any(line["request_id"] == request for line in self.told))
        (line,) = (line for line in self.told if line["request_id"] == request)
        return line

    def _site(self, wxlogin: str, backend: str) -> str:
        secure = f"listen 127.0.0.1:{self.port} ssl"
        return changed(
            CONF.read_text(encoding="utf-8"),
            {
                "listen 80;": f"listen 127.0.0.1:{self.plain_port};",
                "listen [::]:80;": "",
                "\n    listen 443 ssl http2;": "\n"
                + (f"{secure}; http2 on;" if self._http2 else f"{secure} http2;"),
                "\n    listen [::]:443 ssl http2;": "",
                "listen 8080;": f"listen 127.0.0.1:{self.clear_port};",
                "server 127.0.0.1:8000;": f"server {_address(wxlogin)};",
                "server 127.0.0.1:9000;": f"server {_address(backend)};",
                "/etc/ssl/login.example.com.pem": str(self.certificate),
                "/etc/ssl/login.example.com.key": str(self.certificate.with_suffix(".key")),
                "/var/log/nginx/": f"{self.directory}/",
                "/var/www/html": str(self.directory),
                "/run/nginx-wxlogin": str(self.kept),
            },
        )


def changed(text: str, edits: Mapping[str, str]) -> str:
    """The text with every edit made; each of them has to find its place."""
    for old, new in edits.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


def change(files: Sequence[Path], edits: Mapping[str, str]) -> None:
    """Make every edit in all files that have a place for it; one of them has to."""
    texts = {file: file.read_text(encoding="utf-8") for file in files}
    for old, new in edits.items():
        places = [file for file, text in texts.items() if old in text]
        assert places, old
        texts |= {file: texts[file].replace(old, new) for file in places}
    for file, text in texts.items():
        file.write_text(text, encoding="utf-8")


def _address(server: str) -> str:
    return urlsplit(server).netloc or server


def _takes_http2_as_directive(binary: str) -> bool:
    """Whether this nginx is 1.25.1 or newer."""
    said = subprocess.run([binary, "-v"], check=True, stderr=subprocess.PIPE, text=True).stderr
    version = re.search(r"/(\d+)\.(\d+)\.(\d+)", said)
    assert version, said
    return tuple(map(int, version.groups())) >= (1, 25, 1)


class Request(NamedTuple):
    """What came to the backend."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class Backend(LoopbackServer):
    """Somebody's own backend: keeps what came, and answers `status`."""

    def __init__(self) -> None:
        self.got: list[Request] = []
        self.status = 200
        super().__init__()

    def _handler(self) -> type[QuietHandler]:
        backend = self

        class Handler(QuietHandler):
            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = dict(self.headers)
                backend.got.append(Request(self.command, self.path, headers, body))
                self.send_response(backend.status)
                self.end_headers()
                self.wfile.write(b"from the backend")

            do_GET = do_POST = handle_any  # noqa: N815  the library's names

        return Handler


def hash_of(body: bytes) -> dict[str, str]:
    """The header that carries a body's hash."""
    return {"X-Wxlogin-Content-SHA256": hashlib.sha256(body).hexdigest()}


def bearer(token: str) -> dict[str, str]:
    """The header that carries a token."""
    return {"Authorization": f"Bearer {token}"}
