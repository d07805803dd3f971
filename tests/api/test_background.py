"""A process that serves does its background work, whichever server it runs under."""

from __future__ import annotations

import sys
import threading

import pytest
import requests
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from tests.harness import forked
from tests.harness.crowd import together
from tests.harness.gunicorn_server import environment
from tests.harness.redis_process import free_port, until
from tests.harness.rings import keyring
from tests.harness.site import Site
from wxlogin import background
from wxlogin.app import create_app
from wxlogin.guard.fast_path import FastPathMiddleware

PLAIN = ("gunicorn", "--worker-class", "gthread", "--threads", "2", "--no-control-socket")


def test_a_worker_of_plain_gunicorn_notes_its_keys_with_its_first_request(site: Site) -> None:
    port = free_port()
    command = [sys.executable, "-m", *PLAIN, "--bind", f"127.0.0.1:{port}", "wsgi:app"]
    server = forked.start(command, environment(site))
    hosts = keyring(site).hosts
    try:
        until(lambda: _answers(port), "gunicorn answers nothing")
        until(lambda: bool(hosts.all()), "no worker notes its keys")
    finally:
        server.terminate()
        server.wait(30)


@pytest.fixture
def starts(monkeypatch: pytest.MonkeyPatch) -> list[Flask]:
    """Whose background is started: of nobody in truth."""
    found: list[Flask] = []
    monkeypatch.setattr(background, "_start", found.append)
    return found


@pytest.fixture
def app(site: Site) -> Flask:
    """An app that nobody has asked yet."""
    app = create_app(site.settings, site.clock)
    background.start_with_first_request(app)
    return app


def test_of_several_first_requests_at_once_one_starts_it(app: Flask, starts: list[Flask]) -> None:
    answers = together([lambda: app.test_client().get("/healthz").status_code] * 8)
    assert answers == [200] * 8
    assert starts == [app]


def test_a_server_s_own_hook_comes_before_the_first_request(
    app: Flask, starts: list[Flask]
) -> None:
    background.start(app)
    assert isinstance(app.wsgi_app, FastPathMiddleware)
    assert app.test_client().get("/healthz").status_code == 200
    assert len(starts) == 1


def test_it_starts_once_though_a_team_s_own_middleware_stands_before_it(
    app: Flask, starts: list[Flask]
) -> None:
    app.wsgi_app = ProxyFix(app.wsgi_app)  # type: ignore[method-assign]
    for _ in range(3):
        assert app.test_client().get("/healthz").status_code == 200
    background.start(app)
    assert len(starts) == 1


def test_a_request_that_needs_no_store_does_not_wait_for_one_that_hangs(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    hangs = threading.Event()
    monkeypatch.setattr(background, "WAIT_SECONDS", 0.05)
    monkeypatch.setattr(background, "_start", lambda _app: hangs.wait(60))
    try:
        assert app.test_client().get("/healthz").status_code == 200
    finally:
        hangs.set()


def _answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/healthz", timeout=30).ok
    except requests.ConnectionError:
        return False
