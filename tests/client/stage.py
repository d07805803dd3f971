"""What the tests in Node ask of this process over HTTP: sites, their Redis, the time."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from tests.harness.clock import SettableClock
from tests.harness.site import Site
from wxlogin.development.valkey import ValkeyServer

SIGNED = {"WXLOGIN_REQUEST_SIGNING": "required", "WXLOGIN_AUTH_SIGNING": "required"}
"""As in production."""


class Stage:
    """A server of the test run's own; `act` does one thing by its name."""

    def __init__(
        self, make_site: Callable[..., Site], valkey: ValkeyServer, clock: SettableClock
    ) -> None:
        self._make_site = make_site
        self._valkey = valkey
        self._clock = clock
        self._sites: dict[str, Site] = {}
        # In one thread: a Valkey dies with the thread that started it.
        self._server = HTTPServer(("127.0.0.1", 0), _handler(self))
        self.base = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> Stage:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._valkey.restart()

    def act(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        """Do what a test asks for; KeyError for what there is not."""
        acts = {
            "site": self._site,
            "forward": self._forward,
            "kill": self._kill,
            "restart": lambda _: self._valkey.restart(),
        }
        return {**(acts[name](body) or {}), "now": self._clock()}

    def _site(self, settings: dict[str, Any]) -> dict[str, Any]:
        """A server with these settings; one for all tests that want the same."""
        key = json.dumps(settings, sort_keys=True)
        if key not in self._sites:
            given = SIGNED | settings | {"WXLOGIN_REDIS_URL": self._valkey.url}
            self._sites[key] = self._make_site(**given)
        site = self._sites[key]
        return {"base": site.base, "sandbox": site.sandbox.base}

    def _kill(self, _: dict[str, Any]) -> None:
        # A count of failures that is sent at this moment can end redis-py in an AttributeError.
        for site in self._sites.values():
            site.services.limits.failures.flush()
        self._valkey.kill()

    def _forward(self, body: dict[str, Any]) -> None:
        self._clock.forward(float(body["seconds"]))


def _handler(stage: Stage) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """POST /NAME with a JSON object."""

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer = json.dumps(stage.act(self.path.strip("/"), body)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    return Handler
