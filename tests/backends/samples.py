"""The samples of docs/backends.md, each started as its framework is."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django
import pytest
import requests
from django.conf import settings as django_settings
from django.core.wsgi import get_wsgi_application
from django.urls import path as django_path
from werkzeug.test import Client

from tests.backends import spring_types
from tests.client.conftest import QUIET, run
from tests.harness.doc_pages import blocks
from tests.harness.redis_process import free_port
from tests.harness.timing import eventually
from tests.house.source import ROOT
from wxlogin.development.die_with_parent import die_with_parent

PAGE = ROOT / "docs/backends.md"
CHINESE = PAGE.with_suffix(".zh-CN.md")
EXPRESS = ROOT / "bench/express"
JAVA_SERVER = Path(__file__).parent / "Server.java"
LANGUAGES = ("python", "js", "java", "java spring", "go")
KEPT = {"KEEP = 3_000;": "KEEP = 300;", "KEEP = 3000": "KEEP = 300", "keep = 3 *": "keep = 300 *"}
SHORTER = {**KEPT, "time.Second // for": "time.Millisecond // for", "KEEP = 3 ": "KEEP = 0.3 "}
"""What shortens the life of an answer, so that no test waits for three seconds."""

Ask = Callable[..., int]
"""Sends a call to the sample; its status."""


def codes(page: Path) -> dict[str, str]:
    """The code of a page by language and place: what is copied."""
    found = [block for block in blocks(page) if block.language in LANGUAGES]
    return {f"{block.language} {number}": block.text for number, block in enumerate(found)}


def code_of(name: str) -> str:
    """A sample as it stands, less how long an answer counts."""
    text = codes(PAGE)[name]
    for old, new in SHORTER.items():
        text = text.replace(old, new)
    return text


@contextmanager
def python_sample(name: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[types.ModuleType]:
    """A sample of Python as a module, beside login_check."""
    for module, code in (("login_check", "python 0"), ("sample", name)):
        made = types.ModuleType(module)
        monkeypatch.setitem(sys.modules, module, made)
        exec(code_of(code), made.__dict__)
    yield made


def of_wsgi(app: Any) -> Ask:
    """Calls a WSGI app."""

    def ask(method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> int:
        answer = Client(app).open(target, method=method, headers=dict(headers), data=body)
        return answer.status_code

    return ask


def of_asgi(app: Any) -> Ask:
    """Calls an ASGI app."""

    def ask(method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> int:
        sent: list[dict[str, Any]] = []
        pairs = [(n.lower().encode(), v.encode()) for n, v in headers.items()]
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "http",
        }
        scope |= {"method": method, "path": target, "raw_path": target.encode(), "root_path": ""}
        scope |= {"scheme": "http", "query_string": b"", "headers": pairs, "server": ("a", 80)}
        scope |= {"client": ("b", 1)}

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        # In a thread of its own: a browser of the same process has a loop that runs in this one.
        with ThreadPoolExecutor(1) as pool:
            pool.submit(asyncio.run, app(scope, receive, send)).result()
        return int(sent[0]["status"])

    return ask


def django_app(views: types.ModuleType) -> Any:
    """The WSGI app of a project that has nothing but these views."""
    urls = types.ModuleType("urls")
    urls.urlpatterns = [  # type: ignore[attr-defined]
        django_path("orders", views.orders),
        django_path("hooks", views.hooks),
    ]
    if not django_settings.configured:
        django_settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF=urls, LOGGING_CONFIG=None)
        django.setup()
    return get_wsgi_application()


@contextmanager
def process(command: list[str], directory: Path, environment: Mapping[str, str]) -> Iterator[Ask]:
    """A sample that is a program, for as long as the block lasts."""
    port = free_port()
    given = {**os.environ, **environment, "PORT": str(port)}
    with (directory / "sample.log").open("wb") as log:
        started = subprocess.Popen(
            die_with_parent(command, signal.SIGTERM),
            cwd=directory,
            env=given,
            stdout=log,
            stderr=log,
        )
        try:
            eventually(lambda: _listens(started, port, directory / "sample.log"))
            yield _over_http(f"http://127.0.0.1:{port}")
        finally:
            started.terminate()
            started.wait()


def express(directory: Path) -> list[str]:
    """The command that runs the sample of Express."""
    if not shutil.which("npm"):
        pytest.skip("npm is not installed (apt-get install nodejs npm)")
    installed = EXPRESS / "node_modules"
    if (installed / "express").exists():
        (directory / "node_modules").symlink_to(installed)
    else:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(EXPRESS / name, directory)
        run("npm", "ci", *QUIET, cwd=directory, HOME=str(directory))
    (directory / "sample.mjs").write_text(code_of("js 4"), encoding="utf-8")
    return [str(shutil.which("node")), "sample.mjs"]


def go(directory: Path) -> list[str]:
    """The command that runs the sample of Go."""
    compiler = shutil.which("go")
    if not compiler:
        pytest.skip("Go is not installed (apt-get install golang-go)")
    (directory / "sample.go").write_text(code_of("go 7"), encoding="utf-8")
    kept = {"HOME": str(directory), "GO111MODULE": "off", "PATH": os.environ["PATH"]}
    build = [compiler, "build", "-o", "sample", "sample.go"]
    subprocess.run(build, cwd=directory, env=kept, check=True)
    return [str(directory / "sample")]


def java(directory: Path) -> list[str]:
    """The command that runs the class of Spring Boot behind the JDK's own server."""
    compiler = javac()
    (directory / "LoginCheck.java").write_text(code_of("java 5"), encoding="utf-8")
    shutil.copy(JAVA_SERVER, directory)
    options = ["-Xlint:all,-serial", "-Werror", "-d", "."]
    subprocess.run(
        [compiler, *options, "LoginCheck.java", "Server.java"], cwd=directory, check=True
    )
    return [str(Path(compiler).with_name("java")), "-cp", ".", "Server"]


def compile_spring(directory: Path) -> None:
    """Compile the sample of Spring Boot whole, by the signatures of what it uses."""
    for name, number in (("LoginCheck", "java 5"), ("SignedIn", "java spring 6")):
        (directory / f"{name}.java").write_text(code_of(number), encoding="utf-8")
    types = spring_types.write(directory)
    command = [javac(), "-d", "out", "LoginCheck.java", "SignedIn.java", *types]
    subprocess.run(command, cwd=directory, check=True)


def compile_sa_token(directory: Path, page: Path) -> None:
    """Compile the interceptor that a page puts before that of Sa-Token."""
    (code,) = (block.text for block in blocks(page) if block.language == "java")
    (directory / "WxloginTokens.java").write_text(code, encoding="utf-8")
    types = spring_types.write(directory)
    command = [javac(), "-d", "out", "WxloginTokens.java", *types]
    subprocess.run(command, cwd=directory, check=True)


def javac() -> str:
    """The compiler of Java."""
    found = shutil.which("javac")
    if not found:
        pytest.skip("javac is not installed (apt-get install openjdk-17-jdk-headless)")
    return found


def _listens(started: subprocess.Popen[bytes], port: int, log: Path) -> bool:
    assert started.poll() is None, log.read_text(encoding="utf-8")
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _over_http(base: str) -> Ask:
    def ask(method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> int:
        with requests.Session() as http:
            http.trust_env = False
            options = {"headers": dict(headers), "data": body, "timeout": 30}
            return http.request(method, base + target, **options).status_code

    return ask
