"""Calls to WeChat against servers that answer wrongly, slowly or not at all."""

from __future__ import annotations

import base64
import gzip
import json
import logging
import socket
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import certifi
import pytest

from tests.harness.certificates import certificate
from tests.harness.leaks import LogRecorder
from tests.harness.raw_server import RawServer, TlsServer, raw, reply
from wxlogin import errors
from wxlogin.error_mapping import entry_of
from wxlogin.wechat import NothingSent, Transport
from wxlogin.wechat.errors import Unavailable, WeChatError

APPSECRET = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
CODE = "033NN2l22Y2H9Y0VeTl22NX0l22NN2lt"
HANG_SECONDS = 60
"""A server that hangs closes the connection then: a fault of another kind than a timeout."""
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"


def call(base: str, connect: float = 1.0, read: float = 1.0) -> dict[str, object]:
    """One call that carries both secrets."""
    params = {"appid": "wx0123456789abcdef", "secret": APPSECRET, "js_code": CODE}
    return Transport(base, (connect, read)).call("GET", "/sns/jscode2session", params=params)


def fault(base: str, connect: float = 1.0, read: float = 1.0, cause: str = "") -> WeChatError:
    """What the call raises, once it is sure that nothing about it tells a secret.

    The log names `cause`, the type of the HTTP library's exception.
    """
    log = LogRecorder()
    logging.getLogger().addHandler(log)
    try:
        with pytest.raises(WeChatError) as raised:
            call(base, connect, read)
    finally:
        logging.getLogger().removeHandler(log)
    assert entry_of(raised.value) is errors.WX_UNAVAILABLE
    assert f"did not answer /sns/jscode2session: {cause}" in "\n".join(log.lines)
    said = "\n".join(log.lines) + told_by(raised.value)
    for secret in (APPSECRET, CODE, "js_code=", "secret="):
        assert secret not in said
    return raised.value


def told_by(error: BaseException | None) -> str:
    """All that an exception shows, with everything that hangs on it."""
    if error is None:
        return ""
    shown = "".join(traceback.format_exception(error)) + f"{error!r} {error.args!r} {vars(error)!r}"
    return shown + told_by(error.__cause__) + told_by(error.__context__)


# Replies that count


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/json; encoding=utf-8", "image/png", "x"]
)
def test_a_reply_is_judged_by_its_body_alone(content_type: str) -> None:
    body = json.dumps({"openid": "o", "nickname": "微信"}, ensure_ascii=False).encode()
    with RawServer(reply(body, content_type=content_type)) as server:
        assert call(server.base) == {"openid": "o", "nickname": "微信"}


def test_a_reply_of_64_kib_counts() -> None:
    with RawServer(reply(b'{"openid":"o"}'.ljust(65_536))) as server:
        assert call(server.base) == {"openid": "o"}


def test_a_reply_in_pieces_counts() -> None:
    pieces = b'7\r\n{"openi\r\n7\r\nd":"o"}\r\n0\r\n\r\n'
    with RawServer(raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + pieces)) as server:
        assert call(server.base) == {"openid": "o"}


def test_parameters_are_sent_once_and_as_they_are() -> None:
    with RawServer(reply(b"{}")) as server:
        Transport(server.base, (1, 1)).call("GET", "/sns/x", params={"js_code": "a+b/c=&d 微"})
        (request,) = server.requests
    line = request.splitlines()[0]
    assert line == b"GET /sns/x?js_code=a%2Bb%2Fc%3D%26d+%E5%BE%AE HTTP/1.1"


def test_a_body_goes_as_json() -> None:
    with RawServer(reply(b"{}")) as server:
        Transport(server.base, (1, 1)).call("POST", "/wxa/x", params={}, body={"code": "c"})
        (request,) = server.requests
    assert b"\r\nContent-Type: application/json\r\n" in request


def test_the_machines_proxy_and_cookies_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with RawServer(reply(b"{}", Set_Cookie="a=b")) as server:
        transport = Transport(server.base, (1, 1))
        for _ in range(2):
            transport.call("GET", "/x", params={})
        assert len(server.requests) == 2
        assert all(b"cookie" not in request.lower() for request in server.requests)


# Replies that do not


NOT_REPLIES = {
    "over 64 KiB": reply(b'{"openid":"o"}'.ljust(65_537)),
    "over 64 KiB in pieces": raw(
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"8000\r\n%b\r\n" % (b" " * 0x8000) * 3
    ),
    "over 64 KiB without a length": raw(HEAD + b"Connection: close\r\n\r\n" + b" " * 70_000),
    "empty": reply(b""),
    "not JSON": reply(b"<html>busy</html>"),
    "half of JSON": reply(b'{"openid":"o"'),
    "not UTF-8": reply(b'{"openid":"\xff"}'),
    "a list": reply(b"[]"),
    "text": reply(b'"ok"'),
    "a number": reply(b"0"),
    "null": reply(b"null"),
    "deeply nested": reply(b"[" * 60_000),
    "a huge number": reply(b'{"errcode":%b}' % (b"9" * 5000)),
    "500": reply(b'{"openid":"o"}', "500 Internal Server Error"),
    "502": reply(b"<html></html>", "502 Bad Gateway"),
    "404": reply(b'{"openid":"o"}', "404 Not Found"),
    "204": raw(b"HTTP/1.1 204 No Content\r\n\r\n"),
    "gzip": reply(gzip.compress(b'{"openid":"o"}'), Content_Encoding="gzip"),
    "no HTTP": raw(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "no status": raw(b"HTTP/1.1\r\n\r\n"),
    "a header without end": raw(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000),
    "1000 headers": raw(b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 1000 + b"\r\n{}"),
    "a wrong length": raw(HEAD + b"Content-Length: many\r\n\r\n["),
    "a wrong chunk": raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n"),
    "less than was said": raw(HEAD + b"Content-Length: 99\r\nConnection: close\r\n\r\n{}"),
    "closed at once": raw(b""),
    "closed in the head": raw(b"HTTP/1.1 200 OK\r\nContent-"),
}


@pytest.mark.parametrize("answer", NOT_REPLIES.values(), ids=NOT_REPLIES.keys())
def test_what_is_no_reply_of_wechat_is_wechat_being_unavailable(
    answer: Callable[[socket.socket], None],
) -> None:
    with RawServer(answer) as server:
        assert not isinstance(fault(server.base), NothingSent)
        assert len(server.requests) == 1


@pytest.mark.parametrize("status", ["301 Moved Permanently", "302 Found", "307 Temporary Redirect"])
def test_a_redirect_is_not_followed(status: str) -> None:
    with RawServer(reply(b"{}")) as elsewhere:
        with RawServer(reply(b"", status, Location=elsewhere.base)) as server:
            fault(server.base)
        assert elsewhere.requests == []


# Time


def test_a_reply_that_does_not_come_is_cut_off() -> None:
    with RawServer(lambda _: server.stopping.wait(HANG_SECONDS) and None) as server:
        assert not isinstance(fault(server.base, read=0.2, cause="ReadTimeout"), NothingSent)


@pytest.mark.parametrize(
    "start",
    [HEAD + b"Content-Length: 60000\r\n\r\n", HEAD + b"X-Slow: "],
    ids=["body", "head"],
)
def test_a_reply_that_drips_is_cut_off(start: bytes) -> None:
    def drip(connection: socket.socket) -> None:
        connection.sendall(start)
        while not server.stopping.wait(0.05):
            connection.sendall(b" ")

    with RawServer(drip) as server:
        assert not isinstance(fault(server.base, read=0.3, cause="ReadTimeout"), NothingSent)


def test_the_callers_time_limits_the_wait_for_a_reply() -> None:
    with RawServer(lambda _: server.stopping.wait(HANG_SECONDS) and None) as server:
        log = LogRecorder()
        logging.getLogger().addHandler(log)
        transport = Transport(server.base, (3600, 3600))
        with pytest.raises(WeChatError):
            transport.call("GET", "/x", params={}, timeout=0.2)
        logging.getLogger().removeHandler(log)
    assert any("did not answer /x: ReadTimeout" in line for line in log.lines)


def test_a_full_backlog_is_a_connection_that_was_not_made() -> None:
    with ExitStack() as stack:
        full = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        port = full.getsockname()[1]
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.settimeout(0)
            waiting.connect_ex(("127.0.0.1", port))
        unmade = fault(f"http://127.0.0.1:{port}", connect=0.2, cause="ConnectTimeout")
        assert isinstance(unmade, NothingSent)


# Whether the code is spent


def test_a_refused_connection_sent_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert isinstance(fault(f"http://127.0.0.1:{port}"), NothingSent)


def test_a_host_that_is_not_found_got_nothing() -> None:
    assert isinstance(fault("http://wechat.invalid"), NothingSent)


def test_a_connection_that_is_reset_after_the_request_may_have_sent_it() -> None:
    def reset(connection: socket.socket) -> None:
        linger = (1).to_bytes(4, "little") + (0).to_bytes(4, "little")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

    with RawServer(reset) as server:
        assert not isinstance(fault(server.base), NothingSent)
        assert len(server.requests) == 1


def answer_then_close(connection: socket.socket) -> None:
    """Answer one request and leave the next without an answer."""
    connection.sendall(HEAD + b"Content-Length: 2\r\n\r\n{}")
    connection.recv(65536)


def test_a_call_is_sent_once_whatever_happens() -> None:
    """A kept connection that dies as the call is sent is not made good by a second call."""
    with RawServer(answer_then_close) as server:
        transport = Transport(server.base, (1, 1))
        transport.call("GET", "/first", params={})
        with pytest.raises(Unavailable):
            transport.call("GET", "/second", params={})
        assert len(server.requests) == 1


def test_calls_go_through_the_proxy_of_the_settings_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(reply(b'{"errcode":0}')) as proxy:
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
        transport = Transport("http://api.weixin.example", (60, 60), proxy=proxy.base)
        assert transport.call("GET", "/sns/jscode2session", params={}) == {"errcode": 0}
        assert proxy.requests[0].startswith(b"GET http://api.weixin.example/sns/jscode2session")


def test_the_proxy_gets_its_user_and_password() -> None:
    with RawServer(reply(b'{"errcode":0}')) as proxy:
        named = proxy.base.replace("http://", "http://us%40er:pass%3Aword@")
        Transport("http://api.weixin.example", (60, 60), proxy=named).call("GET", "/x", params={})
        basic = base64.b64encode(b"us@er:pass:word")
        assert b"\r\nproxy-authorization: Basic " + basic + b"\r\n" in proxy.requests[0]
        assert proxy.requests[0].startswith(b"GET http://api.weixin.example/x HTTP/1.1\r\n")


def test_a_user_of_the_proxy_without_a_password_has_an_empty_one() -> None:
    with RawServer(reply(b'{"errcode":0}')) as proxy:
        named = proxy.base.replace("http://", "http://user@")
        Transport("http://api.weixin.example", (60, 60), proxy=named).call("GET", "/x", params={})
        assert base64.b64encode(b"user:") in proxy.requests[0]


def test_a_server_that_nobody_vouches_for_gets_no_secret(tmp_path: Path) -> None:
    with TlsServer(reply(b"{}"), certificate(tmp_path, "stranger")) as server:
        fault(server.base, cause="SSLError")
        assert server.requests == []


def test_a_server_that_an_authority_vouches_for_is_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    trusted = certificate(tmp_path, "authority")
    monkeypatch.setattr(certifi, "where", lambda: str(trusted))
    with TlsServer(reply(b'{"errcode":0}'), trusted) as server:
        assert call(server.base) == {"errcode": 0}
