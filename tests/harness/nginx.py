"""The system's nginx with deploy/nginx.conf, on loopback ports, and a backend behind it."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from tests.harness.certificates import certificate
from tests.harness.redis_process import free_port
from tests.harness.timing import eventually
from tests.house.source import ROOT
from wxlogin.development.tether import tethered

CONF = ROOT / "deploy/nginx.conf"
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
    include {here}/site.conf;
}}
"""


class Nginx:
    """One nginx; what differs from deploy/nginx.conf are ports, addresses and paths."""

    def __init__(self, binary: str, directory: Path, wxlogin: str, backend: str) -> None:
        directory.mkdir()
        self.directory = directory
        self.certificate = certificate(directory, "nginx")
        self.port, self.plain_port = free_port(), free_port()
        self.base = f"https://127.0.0.1:{self.port}"
        (directory / "site.conf").write_text(self._site(wxlogin, backend), encoding="utf-8")
        user = "user root;" if os.geteuid() == 0 else ""
        main = directory / "nginx.conf"
        main.write_text(MAIN.format(here=directory, user=user), encoding="utf-8")
        self._command = [binary, "-e", str(directory / "main.log"), "-c", str(main)]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it listens."""
        self._process = subprocess.Popen(tethered(self._command, signal.SIGTERM))
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

    def _site(self, wxlogin: str, backend: str) -> str:
        text = CONF.read_text(encoding="utf-8")
        for old, new in {
            "listen 80;": f"listen 127.0.0.1:{self.plain_port};",
            "listen [::]:80;": "",
            "listen 443 ssl http2;": f"listen 127.0.0.1:{self.port} ssl http2;",
            "listen [::]:443 ssl http2;": "",
            "server 127.0.0.1:8000;": f"server {urlsplit(wxlogin).netloc};",
            "server 127.0.0.1:9000;": f"server {urlsplit(backend).netloc};",
            "/etc/ssl/login.example.com.pem": str(self.certificate),
            "/etc/ssl/login.example.com.key": str(self.certificate.with_suffix(".key")),
            "/var/log/nginx/": f"{self.directory}/",
        }.items():
            assert old in text, old
            text = text.replace(old, new)
        return text


class Request(NamedTuple):
    """What came to the backend."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class Backend:
    """Somebody's own backend: keeps what came, and answers `status`."""

    def __init__(self) -> None:
        self.got: list[Request] = []
        self.status = 200
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self.base = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Backend:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        backend = self

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = dict(self.headers)
                backend.got.append(Request(self.command, self.path, headers, body))
                self.send_response(backend.status)
                self.end_headers()
                self.wfile.write(b"from the backend")

            do_GET = do_POST = handle_any  # noqa: N815  the library's names

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler


def hash_of(body: bytes) -> dict[str, str]:
    """The header that carries a body's hash."""
    return {"X-Wxlogin-Content-SHA256": hashlib.sha256(body).hexdigest()}


def bearer(token: str) -> dict[str, str]:
    """The header that carries a token."""
    return {"Authorization": f"Bearer {token}"}
