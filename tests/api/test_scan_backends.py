"""The backends of docs/scan.md, with Flask and with Express: the web session in a cookie."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.harness.console import Service
from tests.harness.doc_pages import written
from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.timing import eventually
from tests.harness.web_page import WebPage
from tests.harness.wsgi_server import served
from tests.house.source import ROOT

PAGE = ROOT / "docs/scan.md"
NAMED, TOKEN = "https://login.example.com", "wxa_..."
EXPRESS = ROOT / "bench/express"
"""Whose lock file names the Express that the backend runs on."""
LIFE = 2_592_000


@pytest.fixture(scope="module")
def express(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which Node finds Express."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("not installed: node, npm (.ci/run installs them)")
    folder = tmp_path_factory.mktemp("express")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(EXPRESS / name, folder)
    quiet = ("--silent", "--no-audit", "--no-fund", "--no-update-notifier")
    subprocess.run(["npm", "ci", *quiet], cwd=folder, check=True, timeout=300)
    return folder


@contextmanager
def with_flask(code: str) -> Iterator[str]:
    """Serve the page's Python; where."""
    given: dict[str, Any] = {"__name__": __name__}
    exec(compile(code, "docs/scan.md", "exec"), given)
    with served(given["app"]) as url:
        yield url


@contextmanager
def with_express(code: str, folder: Path) -> Iterator[str]:
    """Serve the page's JavaScript; where."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    file = folder / "backend.mjs"
    file.write_text(code, encoding="utf-8")
    environment = {"PATH": os.environ["PATH"], "PORT": str(port)}
    with subprocess.Popen(["node", str(file)], env=environment) as node:
        try:
            eventually(lambda: node.poll() is not None or listens(port))
            assert node.poll() is None
            yield f"http://127.0.0.1:{port}"
        finally:
            node.terminate()


def listens(port: int) -> bool:
    """Whether somebody listens on a port."""
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(params=["python", pytest.param("js", marks=pytest.mark.slow)])
def backend(request: pytest.FixtureRequest, site: Site) -> Iterator[str]:
    """A team's backend of the page; where."""
    code = written(PAGE, request.param)[-1].text
    assert NAMED in code
    assert TOKEN in code
    code = code.replace(NAMED, site.base).replace(TOKEN, Service(site, "introspect").token)
    if request.param == "python":
        with with_flask(code) as base:
            yield base
    else:
        with with_express(code, request.getfixturevalue("express")) as base:
            yield base


def call(method: str, url: str, **options: Any) -> requests.Response:
    """One request past any proxy of the machine's."""
    with requests.Session() as http:
        http.trust_env = False
        return http.request(method, url, timeout=30, **options)


def test_the_backend_keeps_the_web_session_in_its_own_cookie(
    site: Site, backend: str, phone: Phone
) -> None:
    phone.login()
    page = WebPage(site)
    scan = page.begin()
    phone.ask("GET", f"/v1/scan/{scan}")
    assert phone.ask("POST", f"/v1/scan/{scan}/confirm").ok
    token = page.fetch()["token"]

    taken = call("POST", f"{backend}/signed-in", json={"token": token})
    assert taken.status_code == 204
    (cookie,) = taken.cookies
    flags = taken.headers["Set-Cookie"].lower().split("; ")
    assert cookie.value == token
    assert {"httponly", "secure", "samesite=lax", f"max-age={LIFE}"} <= set(flags)
    held = {"Cookie": f"other=1; session={token}"}
    assert call("GET", f"{backend}/me", headers=held).json() == {"user": phone.user_id}

    for body in ({"token": "forged"}, {"token": ""}, {"token": 1}, {"token": {}}):
        assert call("POST", f"{backend}/signed-in", json=body).status_code in (400, 401), body
    assert call("POST", f"{backend}/signed-in", data={"token": token}).status_code in (401, 415)
    assert call("GET", f"{backend}/me").status_code == 401
    page.logout()
    assert call("GET", f"{backend}/me", headers=held).status_code == 401
