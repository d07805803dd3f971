"""What nginx logs: why a request was refused or failed, and no query, in which secrets stand."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.harness.nginx import Nginx, bearer
from tests.harness.phone import Phone
from tests.harness.raw_server import RawServer, raw
from tests.harness.redis_process import free_port
from tests.harness.site import Site
from tests.harness.timing import eventually

ID = {"X-Request-Id": "of-this-test"}
SECRET = "in-the-query"
SOON = {
    "proxy_read_timeout 5s;": "proxy_read_timeout 500ms;",
    "proxy_read_timeout 30s;": "proxy_read_timeout 500ms;",
}


@contextmanager
def deaf() -> Iterator[str]:
    """A server that takes no connection: those that it has not accepted fill its backlog."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)  # noqa: FBT003  the library's word
            waiting.connect_ex(listener.getsockname())
        yield f"127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def mute() -> Iterator[str]:
    """A server that takes a request and says nothing."""
    ended = threading.Event()
    with RawServer(lambda _: ended.wait(30) and None) as server:
        yield server.base
        ended.set()


@contextmanager
def closing() -> Iterator[str]:
    """A server that closes the connection without an answer."""
    with RawServer(raw(b"")) as server:
        yield server.base


@contextmanager
def absent() -> Iterator[str]:
    """Where nobody listens."""
    yield f"127.0.0.1:{free_port()}"


@contextmanager
def without_socket() -> Iterator[str]:
    """A unix socket that is not there."""
    yield "unix:/nonexistent/wxlogin.sock"


Fault = Callable[[], AbstractContextManager[str]]
FAULTS: list[tuple[Fault, str]] = [
    (absent, "no connection"),
    (without_socket, "no connection"),
    (deaf, "no connection in time"),
    (closing, "it closed the connection"),
    (mute, "no answer in time"),
]


@pytest.mark.parametrize(("fault", "reason"), FAULTS)
def test_the_log_says_why_wxlogin_does_not_answer(
    site: Site, make_nginx: Callable[..., Nginx], fault: Fault, reason: str
) -> None:
    with fault() as wxlogin:
        nginx = make_nginx(wxlogin, SOON if fault is mute else {})
        for name, path in (("passed-on", "/v1/session"), ("judged", "/orders")):
            headers = {"X-Request-Id": name}
            answer = site.request("GET", f"{path}?token={SECRET}", headers=headers)
            assert site.problem(answer) == "STORE_UNAVAILABLE"
    own, asked = nginx.line_of("passed-on"), nginx.line_of("judged")
    for line in (own, asked):
        assert (line["status"], line["refused"]) == (503, "STORE_UNAVAILABLE")
        assert line["because"] == f"wxlogin: {reason}"
    assert own["upstream"] == asked["asked"] == wxlogin.removeprefix("http://")
    status = "504" if "in time" in reason else "502"
    assert own["upstream_status"] == asked["asked_status"] == status
    assert SECRET not in nginx.logged


@pytest.mark.parametrize(("fault", "reason"), FAULTS)
def test_the_log_says_why_the_backend_does_not_answer(
    site: Site, make_nginx: Callable[..., Nginx], direct: str, fault: Fault, reason: str
) -> None:
    with fault() as backend:
        soon = {"proxy_read_timeout 60s;": "proxy_read_timeout 500ms;"}
        nginx = make_nginx(direct, soon if fault is mute else {}, backend)
        phone = Phone(site)
        phone.login()
        answer = phone.ask("GET", f"/orders?token={SECRET}", headers=ID)
    assert answer.status_code in (502, 504)
    line = nginx.line_of("of-this-test")
    assert (line["because"], line["refused"]) == (f"backend: {reason}", "")
    assert line["asked_status"] == "204"
    assert SECRET not in nginx.logged


def test_what_was_answered_has_no_other_reason(site: Site, phone: Phone, nginx: Nginx) -> None:
    phone.ask("GET", "/orders", headers=ID)
    assert nginx.line_of("of-this-test")["because"] == ""


def test_the_log_has_the_code_of_every_refusal(site: Site, phone: Phone, nginx: Nginx) -> None:
    site.request("GET", "/v1/session", headers={"X-Request-Id": "direct"})
    site.request("GET", "/orders", headers={"X-Request-Id": "gate"})
    site.request("POST", "/v1/logout", data=b"x" * 262_145, headers={"X-Request-Id": "nginx"})
    refused = {name: nginx.line_of(name)["refused"] for name in ("direct", "gate", "nginx")}
    assert refused == {
        "direct": "TOKEN_MISSING",
        "gate": "TOKEN_MISSING",
        "nginx": "PAYLOAD_TOO_LARGE",
    }


def test_a_host_that_is_out_is_seen_though_another_answers(
    site: Site, make_nginx: Callable[..., Nginx], direct: str
) -> None:
    place = direct.removeprefix("http://")
    two = {f"server {place};": f"server 127.0.0.1:{free_port()}; server {place} backup;"}
    nginx = make_nginx(direct, two)
    site.request("GET", "/v1/session", headers={"X-Request-Id": "direct"})
    line = nginx.line_of("direct")
    assert (line["status"], line["upstream_status"]) == (401, "502, 401")


def test_the_log_has_no_query_and_no_token(site: Site, phone: Phone, nginx: Nginx) -> None:
    phone.ask("GET", f"/orders?secret={SECRET}", headers=ID)
    site.request("GET", f"/v1/session?secret={SECRET}", headers=bearer("wxs_" + "a" * 108))
    site.request("GET", f"/orders?secret={SECRET}", headers={"X-Request-Id": "no good"})
    eventually(lambda: len(nginx.told) == 4)
    lines = nginx.told[1:]
    assert [(line["path"], line["status"]) for line in lines] == [
        ("/orders", 200),
        ("/v1/session", 401),
        ("/orders", 401),
    ]
    assert re.fullmatch("[0-9a-f]{32}", lines[-1]["request_id"])
    assert SECRET not in nginx.logged
    assert "wxs_" not in nginx.logged


def test_a_request_that_is_none_leaves_no_query_either(site: Site, nginx: Nginx) -> None:
    for target in (f"/%00?token={SECRET}", f"/v1/session?{SECRET}={'a' * 9000}"):
        assert site.request("GET", target).status_code in (400, 414)
    assert SECRET not in nginx.logged


def test_the_error_log_stays_empty(site: Site, make_nginx: Callable[..., Nginx]) -> None:
    nginx = make_nginx("unix:/nonexistent/wxlogin.sock")
    site.request("GET", f"/v1/session?token={SECRET}")
    assert Path(nginx.directory / "wxlogin-error.log").read_text(encoding="utf-8") == ""
