"""A process that serves does its background work, whichever server it runs under."""

from __future__ import annotations

import sys

import pytest
import requests

from tests.harness import forked
from tests.harness.gunicorn_server import environment
from tests.harness.redis_process import free_port, until
from tests.harness.rings import keyring
from tests.harness.site import Site
from wxlogin import background
from wxlogin.app import create_app

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


def test_a_server_s_own_hook_comes_before_the_first_request(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(site.settings, site.clock)
    inner, starts = app.wsgi_app, []
    watch = app.extensions["wxlogin"].watch
    monkeypatch.setattr(watch.statistics, "start", lambda: starts.append(1))
    background.start_with_first_request(app)
    background.start(app)
    assert app.wsgi_app == inner
    assert app.test_client().get("/healthz").status_code == 200
    assert starts == [1]
    app.extensions["wxlogin"].keyring.hosts.stop()


def _answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/healthz", timeout=30).ok
    except requests.ConnectionError:
        return False
