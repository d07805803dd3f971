"""A team's web site and a phone's page, both made of the blocks of docs/scan.md."""

from __future__ import annotations

import threading
from typing import Any

from flask import Flask
from playwright.sync_api import BrowserContext, Page

from tests.harness.doc_pages import written
from tests.harness.phone import Phone
from tests.harness.wsgi_server import wsgi_server
from tests.house.source import ROOT

PAGE = ROOT / "docs/scan.md"
NAMED = "https://login.example.com"
"""Where wxlogin is, on the page."""
POPUP, OWN = (block.text for block in written(PAGE, "html"))
(BACKEND,) = (block.text for block in written(PAGE, "python"))
ON_THE_PHONE = written(PAGE, "js")[0].text
FRAME = '<!doctype html><title>Framed</title><iframe src="{}" width="320" height="440"></iframe>'
SHIM = """
let shown = {};
const app = { base: "", session: {} };
const getApp = () => app;
const call = (base, target, method, body, session, done) =>
  send(method, target).then(([status, answer]) => done(status, answer));
const Page = (page) => {
  window.phone = { ...page, setData: (data) => { shown = { ...shown, ...data }; } };
};
window.shown = () => shown;
"""


class WebSite:
    """The site, on an origin of its own; wxlogin stands at `base` once it is known."""

    def __init__(self) -> None:
        given: dict[str, Any] = {"__name__": __name__}
        exec(compile(BACKEND, "docs/scan.md", "exec"), given)
        self._names = given
        self._app: Flask = given["app"]
        self.base = ""
        self._app.add_url_rule("/own", "own", lambda: self._page(OWN))
        self._app.add_url_rule("/popup", "popup", lambda: f"<!doctype html>{self._page(POPUP)}")
        self._app.add_url_rule("/framed", "framed", lambda: FRAME.format(f"{self.base}/scan/"))
        self._server = wsgi_server(self._app)
        self.origin = f"http://127.0.0.1:{self._server.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def trust(self, base: str, api_token: str) -> None:
        """Learn where wxlogin is, and the token that asks it."""
        self.base = base
        self._names |= {"WXLOGIN": base, "API_TOKEN": api_token}

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _page(self, text: str) -> str:
        assert NAMED in text
        return text.replace(NAMED, self.base)


class ScanningPhone:
    """The page of the mini-program, in a browser of its own; what it sends goes by a real phone."""

    def __init__(self, context: BrowserContext, phone: Phone) -> None:
        self._page: Page = context.new_page()
        self._page.expose_function("send", self._send)
        self._page.add_script_tag(content=SHIM + ON_THE_PHONE)
        self._phone = phone

    def scan(self, scene: str) -> dict[str, Any]:
        """Scan a picture; what the page shows then."""
        return self._do(f"phone.onLoad({{ scene: {scene!r} }})")

    def press(self, word: str) -> dict[str, Any]:
        """Press `confirm` or `refuse`; what the page shows then."""
        return self._do(f"phone.{word}()")

    def _do(self, act: str) -> dict[str, Any]:
        self._page.evaluate(f"shown = {{}}; {act}; undefined")
        self._page.wait_for_function("'failed' in shown")
        return dict(self._page.evaluate("shown"))

    def _send(self, method: str, target: str) -> tuple[int, Any]:
        answer = self._phone.ask(method, target)
        return answer.status_code, answer.json()
