"""wxlogin's answers kept by nginx: off as delivered, and what is kept for whom where it is on.

Most tests have them kept for an hour, so that it does not matter how long a test takes.
"""

from __future__ import annotations

import stat
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.deploy.nginx.raw_client import sent
from tests.harness.nginx import CONF, FOLDER, Backend, Nginx, bearer, hash_of
from tests.harness.phone import Phone
from tests.harness.signer import Signer
from tests.harness.site import Site
from tests.harness.timing import eventually
from tests.harness.wsgi_server import served

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SWITCHES = {
    "# proxy_cache_path ": "proxy_cache_path ",
    "# set $wxlogin_cache ": "set $wxlogin_cache ",
}
SECOND = {' $time_iso8601";': '";'}
AN_HOUR = {
    "proxy_cache_valid 200 204 1s;": "proxy_cache_valid 200 204 1h;",
    "inactive=2s": "inactive=1h",
    "proxy_cache_lock_timeout 20ms;": "proxy_cache_lock_timeout 1h; proxy_cache_lock_age 1h;",
}
ON = SWITCHES | AN_HOUR | SECOND
OTHER = "127.0.0.3"
UNKNOWN = bearer("wxs_" + "a" * 64 + "." + "a" * 43)
CALLERS = 8


class Counted:
    """An app that keeps the requests it gets, and answers none before it may."""

    def __init__(self, app: WSGIApplication) -> None:
        self.asked: list[str] = []
        self.may_answer = threading.Event()
        self.may_answer.set()
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        """Answer once it may."""
        self.asked.append(environ["PATH_INFO"])
        assert self.may_answer.wait(120)
        yield from self._app(environ, start_response)

    @property
    def about_calls(self) -> int:
        """How often it was asked about a call to the backend."""
        return self.asked.count("/v1/auth")


@pytest.fixture
def wxlogin(site: Site) -> Counted:
    """The site's app, counted."""
    return Counted(site.app)


@pytest.fixture
def place(wxlogin: Counted) -> Iterator[str]:
    """Where the counted app listens."""
    with served(wxlogin) as base:
        yield base


@pytest.fixture
def nginx(make_nginx: Callable[..., Nginx], place: str) -> Nginx:
    """nginx with both lines switched on."""
    return make_nginx(place, ON)


def test_it_is_off_as_delivered(
    site: Site, make_nginx: Callable[..., Nginx], place: str, wxlogin: Counted
) -> None:
    nginx = make_nginx(place, {"proxy_cache_valid 200 204 1s;": "proxy_cache_valid any 1h;"})
    phone = Phone(site)
    phone.login()
    for name in ("first", "second"):
        assert phone.ask("GET", "/orders", headers={"X-Request-Id": name}).ok
        assert nginx.line_of(name)["asked"] == place.removeprefix("http://")
    assert wxlogin.about_calls == 2
    assert not nginx.kept.exists()


def test_two_lines_switch_it_on() -> None:
    text = CONF.read_text(encoding="utf-8")
    assert [text.count(line) for line in SWITCHES] == [1, 1]
    server = (FOLDER / "server.conf").read_text(encoding="utf-8")
    assert [text.count("wxlogin_answers"), server.count("proxy_cache_valid")] == [2, 1]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_call_twice_is_asked_about_once(
    phone: Phone, wxlogin: Counted, backend: Backend, method: str
) -> None:
    for target in ("/orders?x=1", "/carts"):
        assert phone.ask(method, target, headers={"X-Wxlogin-User": "mallory"}).ok
    assert wxlogin.about_calls == 1
    first, second = ({n: v for n, v in got.headers.items() if "X-Wx" in n} for got in backend.got)
    assert first == second
    assert first["X-Wxlogin-User"] == phone.user_id
    assert first["X-Wxlogin-Session"] == phone.session_id
    assert "Authorization" not in backend.got[1].headers


@pytest.mark.settings(WXLOGIN_AUTH_STATUS="200")
def test_an_answer_of_200_is_kept_as_well(phone: Phone, wxlogin: Counted) -> None:
    assert [phone.ask("GET", "/orders").status_code for _ in range(2)] == [200, 200]
    assert wxlogin.about_calls == 1


def test_the_log_says_who_was_asked(phone: Phone, nginx: Nginx, place: str) -> None:
    for name in ("asked", "kept"):
        phone.ask("GET", "/orders", headers={"X-Request-Id": name})
    asked, kept = nginx.line_of("asked"), nginx.line_of("kept")
    assert (asked["asked"], asked["asked_status"]) == (place.removeprefix("http://"), "204")
    assert (kept["asked"], kept["asked_status"], kept["asked_seconds"]) == ("cache", "", "")
    assert [line["status"] for line in (asked, kept)] == [200, 200]
    assert [line["because"] for line in (asked, kept)] == ["", ""]
    assert nginx.line_of("kept")["upstream_status"] == "200"


def test_each_token_is_asked_about_on_its_own(
    site: Site, phone: Phone, wxlogin: Counted, backend: Backend
) -> None:
    other = Phone(site, "bob")
    other.login()
    for caller in (phone, other, phone, other):
        assert caller.ask("GET", "/orders").ok
    seen = [got.headers["X-Wxlogin-User"] for got in backend.got]
    assert seen == [phone.user_id, other.user_id] * 2
    assert wxlogin.about_calls == 2


def test_signed_calls_are_always_asked_about(phone: Phone, wxlogin: Counted) -> None:
    assert phone.ask("POST", "/orders", data=b"{}").ok
    signer = Signer(phone)
    signed = {**hash_of(b"{}"), **signer.sign("POST", "/orders", b"{}")}
    assert phone.ask("POST", "/orders", data=b"{}", headers=signed).ok
    again = phone.ask("POST", "/orders", data=b"{}", headers=signed)
    assert phone.site.problem(again) == "REQUEST_REPLAYED"
    for name in signed.keys() - hash_of(b"").keys():
        answer = phone.ask("POST", "/orders", data=b"{}", headers={name: signed[name]})
        assert phone.site.problem(answer) == "REQUEST_UNSIGNED"
    assert wxlogin.about_calls == 6


@pytest.mark.settings(WXLOGIN_AUTH_SIGNING="required")
def test_a_call_that_has_to_be_signed_never_passes_on_the_word_of_another(
    phone: Phone, wxlogin: Counted
) -> None:
    signed = {**hash_of(b"{}"), **Signer(phone).sign("POST", "/orders", b"{}")}
    assert phone.ask("GET", "/orders").ok
    assert phone.ask("POST", "/orders", data=b"{}", headers=signed).ok
    for method in ("POST", "PUT", "DELETE", "PATCH") * 2:
        answer = phone.ask(method, "/orders", data=b"{}")
        assert phone.site.problem(answer) == "REQUEST_UNSIGNED"
    assert phone.ask("GET", "/orders").ok
    assert wxlogin.about_calls == 10


def test_no_refusal_is_kept(site: Site, phone: Phone, wxlogin: Counted) -> None:
    for _ in range(2):
        assert site.problem(site.request("GET", "/orders", headers=UNKNOWN)) == "TOKEN_INVALID"
        assert site.problem(site.request("GET", "/orders")) == "TOKEN_MISSING"
    assert wxlogin.about_calls == 4
    site.app.extensions["wxlogin"].sessions.store.block(phone.user_id, "banned", 4_070_908_800_000)
    for _ in range(2):
        assert site.problem(phone.ask("GET", "/orders")) == "USER_BANNED"
    assert wxlogin.about_calls == 6


@pytest.mark.settings(WXLOGIN_LIMIT_API_OPENID="2/minute")
def test_a_call_on_a_kept_answer_is_not_counted(phone: Phone, wxlogin: Counted) -> None:
    assert [phone.ask("GET", "/orders").status_code for _ in range(4)] == [200] * 4
    assert phone.refusal() == ""
    assert phone.refusal() == "RATE_LIMITED"
    assert wxlogin.about_calls == 1


def test_a_session_that_ends_is_let_in_while_its_answer_is_kept(
    site: Site, phone: Phone, make_nginx: Callable[..., Nginx], place: str
) -> None:
    assert phone.ask("GET", "/orders").ok
    phone.logout()
    assert phone.ask("GET", "/orders").ok
    make_nginx(place)
    assert site.problem(phone.ask("GET", "/orders")) == "SESSION_REVOKED"


def test_no_answer_is_used_after_its_second(
    site: Site, make_nginx: Callable[..., Nginx], place: str
) -> None:
    make_nginx(place, SWITCHES | AN_HOUR)
    phone = Phone(site)
    phone.login()
    assert phone.ask("GET", "/orders").ok
    phone.logout()
    eventually(lambda: phone.ask("GET", "/orders").status_code == 401)


def test_each_address_and_each_scheme_is_asked_about(
    site: Site, make_nginx: Callable[..., Nginx], place: str, wxlogin: Counted
) -> None:
    nginx = make_nginx(place, ON | {"# listen 127": "listen 127"})
    phone = Phone(site)
    phone.login()
    token = bearer(phone.token).items()
    for source in ("127.0.0.1", OTHER, OTHER):
        assert sent(site, "GET", "/orders", token, source=source).status == 200
    assert wxlogin.about_calls == 2
    clear = f"http://127.0.0.1:{nginx.clear_port}"
    for _ in range(2):
        told = sent(site, "GET", "/orders", token, base=clear)
        assert told.document["code"] == "HTTPS_REQUIRED"
    assert wxlogin.about_calls == 4


def test_a_token_that_is_nearly_the_kept_one_is_asked_about(
    site: Site, phone: Phone, wxlogin: Counted
) -> None:
    assert phone.ask("GET", "/orders").ok
    body, _, mac = phone.token.partition(".")
    other = "B" if "B" not in (body[30], mac[10]) else "C"
    forged = [
        f"{body[:30]}{other}{body[31:]}.{mac}",
        f"{body}.{mac[:10]}{other}{mac[11:]}",
        f"{phone.token}A",
        phone.token[:-1],
        phone.token.removeprefix("wxs_"),
    ]
    for token in forged:
        answer = site.request("GET", "/orders", headers=bearer(token))
        assert site.problem(answer) == "TOKEN_INVALID"
    assert wxlogin.about_calls == 1 + len(forged)


def test_of_two_tokens_in_a_call_none_is_kept(site: Site, phone: Phone, wxlogin: Counted) -> None:
    good, forged = bearer(phone.token).items(), UNKNOWN.items()
    for headers in ([*good, *forged], [*forged, *good]):
        assert sent(site, "GET", "/orders", headers).status in (400, 401)
    asked = wxlogin.about_calls
    assert site.problem(site.request("GET", "/orders", headers=UNKNOWN)) == "TOKEN_INVALID"
    assert phone.ask("GET", "/orders").ok
    assert wxlogin.about_calls == asked + 2


def test_no_token_lies_where_answers_are_kept(phone: Phone, nginx: Nginx) -> None:
    assert phone.ask("GET", "/orders").ok
    files = [path for path in nginx.kept.rglob("*") if path.is_file()]
    assert len(files) == 1
    kept = files[0].read_bytes()
    assert phone.session_id.encode() in kept
    body, _, mac = phone.token.removeprefix("wxs_").partition(".")
    for part in (body[48:], mac[21:]):
        assert part.encode() not in kept
        assert part not in str(files)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (nginx.kept, *files)] == [0o700, 0o600]


def test_of_a_burst_one_call_is_asked_about(phone: Phone, wxlogin: Counted) -> None:
    wxlogin.may_answer.clear()
    with ThreadPoolExecutor(CALLERS) as callers:
        calls = [callers.submit(phone.ask, "GET", "/orders") for _ in range(CALLERS)]
        wxlogin.may_answer.set()
        assert {call.result().status_code for call in calls} == {200}
    assert wxlogin.about_calls == 1


def test_nginx_has_nothing_to_say_against_the_lines(nginx: Nginx) -> None:
    assert nginx.logged == ""
    assert "[warn]" not in nginx.check()
