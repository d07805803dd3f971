"""The way from a team's backend to wxlogin: it counts what is asked, and can be cut."""

from __future__ import annotations

from tests.harness.loopback import LoopbackServer, QuietHandler
from tests.harness.site import Site


class Switch(LoopbackServer):
    """Passes introspection on to a site while it is `on`; else it answers 503 itself."""

    def __init__(self, site: Site) -> None:
        self.on = True
        self.asked = 0
        self._site = site
        super().__init__()

    def _handler(self) -> type[QuietHandler]:
        switch = self

        class Handler(QuietHandler):
            def do_POST(self) -> None:  # noqa: N802  the library's name
                body = self.rfile.read(int(self.headers["Content-Length"]))
                switch.asked += 1
                status, text = switch._told(self.path, dict(self.headers), body)
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

        return Handler

    def _told(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        if not self.on:
            return 503, b"{}"
        given = {name.lower(): value for name, value in headers.items()}
        passed = {name: given[name] for name in ("authorization", "content-type")}
        answer = self._site.request("POST", path, headers=passed, data=body)
        return answer.status_code, answer.content
