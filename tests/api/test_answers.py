"""What must never leave: answers with a secret that is held, sessions in cookies."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path

import flask
import pytest
from flask import Response

from tests.harness.phone import Phone
from tests.harness.site import APPID, SECRET, Site
from wxlogin.services import services
from wxlogin.vault.leak_guard import leak_guard

MADE_UP = f"57_{secrets.token_urlsafe(96)}"


def session_key(phone: Phone) -> str:
    """The key that is kept for the phone's user."""
    kept = services.sessions.keys.get(phone.user_id)
    assert kept is not None
    return kept.current


def access_token(_phone: Phone) -> str:
    """The token that WeChat gave."""
    return services.wechat.access_tokens.get(
        services.accounts.apps.get_active(None).credentials
    ).value


def serve(site: Site, view: Callable[[], Response]) -> None:
    """Add a careless call to the site, before its first request."""
    site.app.add_url_rule("/leak", "careless.leak", view)


def blocked(site: Site, kind: str) -> None:
    """The careless call is stopped, and told of."""
    answer = site.request("GET", "/leak", headers={"X-Request-Id": "of-this-test"})
    assert site.problem(answer) == "INTERNAL"
    assert answer.headers["X-Request-Id"] == "of-this-test"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    (line,) = [line for line in site.log.lines if "secret.leak_blocked" in line]
    assert f"'kind': '{kind}'" in line
    assert "'endpoint': 'careless.leak'" in line


@pytest.mark.parametrize(
    ("kind", "secret"),
    [
        ("AppSecret", lambda _phone: SECRET),
        ("access_token", access_token),
        ("session_key", session_key),
    ],
)
def test_an_answer_that_holds_a_secret_is_stopped(
    site: Site, phone: Phone, kind: str, secret: Callable[[Phone], str]
) -> None:
    serve(site, lambda: Response(f"<p>{secret(phone)}</p>", status=404))
    phone.login()
    blocked(site, kind)


@pytest.mark.parametrize("form", ["json", "slashes", "location", "header", "stream"])
def test_a_session_key_is_stopped_however_it_is_written(
    site: Site, phone: Phone, form: str
) -> None:
    key = "a+/WEygStjuLCnZ9IN2l4Q=="
    answers = {
        "json": lambda: flask.jsonify(profile={"k": key}),
        "slashes": lambda: Response('{"k": "a\\u002b\\/WEygStjuLCnZ9IN2l4Q\\u003d="}'),
        "location": lambda: Response(
            status=302, headers={"Location": "/x?k=a%2B%2FWEygStjuLCnZ9IN2l4Q%3D%3D"}
        ),
        "header": lambda: Response(headers={"X-Debug": f"key={key}"}),
        "stream": lambda: Response(part for part in ("<", key[:9], key[9:], ">")),
    }

    def careless() -> Response:
        leak_guard.track(key)
        return answers[form]()

    serve(site, careless)
    blocked(site, "session_key")


def test_a_refusal_that_holds_a_secret_is_stopped(site: Site) -> None:
    def careless() -> Response:
        leak_guard.register("access_token", APPID, MADE_UP)
        flask.abort(Response(f"failed with {MADE_UP}", status=418))

    serve(site, careless)
    blocked(site, "access_token")


def test_a_file_is_sent_as_it_lies(site: Site, tmp_path: Path) -> None:
    (tmp_path / "asset.js").write_text(MADE_UP)
    leak_guard.register("access_token", APPID, MADE_UP)
    serve(site, lambda: flask.send_from_directory(tmp_path, "asset.js"))
    assert site.request("GET", "/leak").text == MADE_UP


def test_the_session_keys_of_a_request_are_forgotten_with_it(site: Site) -> None:
    key = "a+/WEygStjuLCnZ9IN2l4Q=="
    site.app.add_url_rule("/touch", "touch", lambda: leak_guard.track(key) or "touched")
    site.app.add_url_rule("/ask", "ask", lambda: str(("session_key", key) in list(leak_guard)))
    with site.app.test_client() as client:  # one thread, as a worker has
        assert client.get("/touch").text == "touched"
        assert client.get("/ask").text == "False"


TOUCHES = [
    lambda: flask.session["user"],
    lambda: flask.session.get("user"),
    lambda: "user" in flask.session,
    lambda: list(flask.session),
    lambda: bool(flask.session),
    lambda: flask.session.permanent,
    lambda: flask.session.update(user="alice"),
    lambda: flask.session.pop("user"),
    lambda: flask.session.setdefault("user", "alice"),
    lambda: flask.flash("hello"),
]


def test_whoever_touches_flask_session_is_told_where_to_go(
    site: Site, subtests: pytest.Subtests
) -> None:
    for touched in TOUCHES:
        with (
            subtests.test(touched=touched),
            site.app.test_request_context(),
            pytest.raises(RuntimeError, match="would be kept in a cookie"),
        ):
            touched()


def test_no_answer_sets_a_cookie(site: Site, phone: Phone) -> None:
    answers = [phone.try_login(), phone.ask("GET", "/v1/session"), site.request("GET", "/docs")]
    answers.append(site.request("GET", "/v1/session", cookies={"session": "eyJ1IjoxfQ.x.y"}))
    assert [answer.headers.get("Set-Cookie") for answer in answers] == [None] * 4
