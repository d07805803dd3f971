"""The nginx of `bench.gateway`: deploy/nginx.conf on loopback, and the backend behind it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from config import ROOT

CONF, FOLDER = ROOT / "deploy/nginx.conf", ROOT / "deploy/nginx"
PATH = f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin"
MAIN = """
daemon off;
{user}
worker_processes auto;
pid {here}/nginx.pid;
error_log {here}/error.log emerg;
events {{ worker_connections 1024; }}
http {{
    client_body_temp_path {here}/body;
    proxy_temp_path {here}/proxy;
    fastcgi_temp_path {here}/fastcgi;
    uwsgi_temp_path {here}/uwsgi;
    scgi_temp_path {here}/scgi;
    include {here}/site.conf;
}}
"""
BACKEND = """
server {{
    listen {places[0]};
    listen {places[1]};
    access_log off;
    location / {{ return 200 "from the backend"; }}
}}
"""
GATE = "location / {\n        include wxlogin/protect.conf;"
NO_GATE = """location /nowhere/ {  # http.conf speaks of what this sets
        include wxlogin/protect.conf;
    }
    location / {
        include wxlogin/proxy.conf;
        proxy_set_header Connection "";"""


@dataclass(frozen=True)
class Way:
    """How nginx is set up: whom it asks, whether it keeps the answer, and by what it connects."""

    title: str
    sockets: bool = False
    asks: bool = True
    keeps: bool = False


@dataclass(frozen=True)
class Places:
    """Where nginx listens, whom it asks and passes calls on to, where it keeps answers."""

    port: int
    kept: Path
    certificate: Path
    wxlogin: str
    backend: str


WAYS = (
    Way("asks nobody, TCP", asks=False),
    Way("asks nobody, sockets", asks=False, sockets=True),
    Way("asks wxlogin, TCP"),
    Way("asks wxlogin, sockets", sockets=True),
    Way("asks wxlogin and keeps the answer, TCP", keeps=True),
    Way("asks wxlogin and keeps the answer, sockets", keeps=True, sockets=True),
)


def program() -> str:
    """Return where nginx is."""
    found = shutil.which("nginx", path=PATH)
    if found is None:
        raise SystemExit("nginx is missing. On Debian and Ubuntu: apt install nginx-light")
    return found


def version() -> str:
    """Return what nginx says it is, such as `nginx 1.22.1`."""
    said = subprocess.run([program(), "-v"], check=True, capture_output=True, text=True).stderr
    return said.partition(": ")[2].strip().replace("/", " ").partition(" (")[0]


def certificate(directory: Path) -> Path:
    """Make a certificate for 127.0.0.1 that signs itself; its key lies beside it."""
    path = directory / "nginx.crt"
    shape = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"]
    named = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(path.with_suffix(".key")), "-out", str(path)]
    command = ["openssl", "req", "-x509", *shape, *named, *files]
    subprocess.run(command, check=True, capture_output=True)
    return path


def backend(directory: Path, places: Sequence[str]) -> Sequence[str]:
    """Write the configuration of a backend that listens at two places; return how it is started."""
    directory.mkdir()
    return _command(directory, BACKEND.format(places=places))


def gateway(way: Way, directory: Path, places: Places) -> Sequence[str]:
    """Write deploy/nginx.conf as the way says; return how it is started."""
    directory.mkdir()
    shutil.copytree(FOLDER, directory / "wxlogin")
    edits = {
        "listen 80;": f"listen unix:{directory}/plain.sock;",
        "    listen [::]:80;\n": "",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{places.port} ssl;",
        "    listen [::]:443 ssl http2;\n": "",
        "server 127.0.0.1:8000;": f"server {places.wxlogin};",
        "server 127.0.0.1:9000;": f"server {places.backend};",
        "/etc/ssl/login.example.com.pem": str(places.certificate),
        "/etc/ssl/login.example.com.key": str(places.certificate.with_suffix(".key")),
        "/var/log/nginx/": f"{directory}/",
    }
    if way.keeps:
        edits["# proxy_cache_path /run/nginx-wxlogin "] = f"proxy_cache_path {places.kept} "
        edits["# set $wxlogin_cache "] = "set $wxlogin_cache "
    if not way.asks:
        edits[GATE] = NO_GATE
    return _command(directory, _edited(CONF.read_text(encoding="utf-8"), edits))


def _edited(text: str, edits: dict[str, str]) -> str:
    for old, new in edits.items():
        if old not in text:
            raise SystemExit(f"deploy/nginx.conf has no {old!r} any more")
        text = text.replace(old, new)
    return text


def _command(directory: Path, site: str) -> Sequence[str]:
    (directory / "site.conf").write_text(site, encoding="utf-8")
    user = "user root;" if os.geteuid() == 0 else ""
    main = directory / "nginx.conf"
    main.write_text(MAIN.format(here=directory, user=user), encoding="utf-8")
    return [program(), "-e", str(directory / "main.log"), "-c", str(main)]
