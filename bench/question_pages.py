"""Every page of the console that grows with an installation, and every filter of its lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import urlencode

from flask import Flask

from bench.contestants import PROXY

NAME, PASSWORD = "bench", "Quiet-otter-46-lanterns"
DAY = 86_400


class Known(NamedTuple):
    """What is asked for: a user in the middle, one with a long story, and what they left."""

    now: float
    user: str
    storied: str
    appid: str
    openid: str
    phone: str
    external_id: str
    session: str
    request: str
    busy: str
    webhook: str


class Asked(NamedTuple):
    """A page, and how it is asked for."""

    title: str
    ask: Callable[[], None]


class Reader:
    """An owner at the console, who has signed in."""

    def __init__(self, app: Flask) -> None:
        self._client = app.test_client()
        body = {"username": NAME, "password": PASSWORD}
        answer = self._client.post("/admin/api/login", json=body, headers=PROXY)
        assert answer.status_code == 200, answer.text
        self._csrf = answer.get_json()["csrf_token"]

    def get(self, path: str, **query: str) -> Callable[[], None]:
        """Return what reads a page."""
        target = f"/admin{path}?{urlencode(query)}" if query else f"/admin{path}"

        def read() -> None:
            answer = self._client.get(target, headers=PROXY)
            assert answer.status_code == 200, answer.text

        return read

    def send(self, path: str, **form: str) -> Callable[[], None]:
        """Return what sends a form and reads the page that it leads to."""
        data = {**form, "csrf_token": self._csrf}

        def send() -> None:
            answer = self._client.post(
                f"/admin{path}", data=data, headers=PROXY, follow_redirects=True
            )
            assert answer.status_code == 200, answer.text

        return send

    def first_rows(self, path: str, **query: str) -> Callable[[], None]:
        """Return what asks for a file and reads its beginning."""
        target = f"/admin{path}?{urlencode(query)}"
        form = {"csrf_token": self._csrf}

        def read() -> None:
            answer = self._client.post(target, data=form, headers=PROXY, buffered=False)
            assert answer.status_code == 200, answer.text
            next(iter(answer.response))
            answer.close()

        return read


def pages(reader: Reader, known: Known) -> Iterator[Asked]:
    """Yield the pages behind the questions of docs/console-questions.md, then the lists."""
    someone, get = f"/users/{known.user}", reader.get
    month = {"since": _ago(known, 31), "until": _ago(known, 1)}
    yield Asked("overview", get("/"))
    yield Asked("overview, 30 days", get("/", span="month"))
    yield Asked("find by openid", reader.send("/find", q=known.openid))
    yield Asked("user", get(someone))
    yield Asked("user with a long story", get(f"/users/{known.storied}"))
    yield Asked("ban", get(f"{someone}/ban"))
    yield Asked("mini-programs", get("/apps"))
    yield Asked("replace the AppSecret", get(f"/apps/{known.appid}/secret"))
    yield Asked("now", get("/status"))
    yield Asked("open alerts", get("/alerts", open="true"))
    yield Asked("find by phone", reader.send("/find", q=known.phone))
    warnings = {"app": known.appid, "severity": "warning"}
    yield Asked("warnings of an app, month", get("/events", **warnings, **month))
    yield Asked("acts about a user", get("/audit", target=f"user:{known.user}"))
    for found in (_found(reader, known), _lists(reader, known), _files(reader, month)):
        yield from (Asked(*one) for one in found)


def _found(reader: Reader, known: Known) -> Iterator[tuple[str, Callable[[], None]]]:
    """Yield a search by each other kind of id."""
    for name in ("user", "external_id", "session", "request", "appid"):
        yield f"find by {name}", reader.send("/find", q=getattr(known, name))
    yield "find by a busy address", reader.send("/find", q=known.busy)
    yield "find nothing", reader.send("/find", q="nobody-has-this")


def _lists(reader: Reader, known: Known) -> Iterator[tuple[str, Callable[[], None]]]:
    """Yield every list: whole, oldest first, of a month, and by each filter."""
    month = {"since": _ago(known, 31), "until": _ago(known, 1)}
    filters: dict[str, list[dict[str, str]]] = {
        "users": [{"app": known.appid}, {"banned": "true"}, {"banned": "false"}],
        "sessions": [
            {"app": known.appid},
            {"platform": "ios"},
            {"platform": "web"},
            {"region": "nowhere"},
            {"address": known.busy},
        ],
        "events": [
            {"kind": "login.succeeded"},
            {"severity": "warning"},
            {"refused": "true"},
            {"user": known.storied},
            {"address": known.busy},
            {"subject": known.busy},
        ],
        "alerts": [{"rule": "fail_ip"}, {"open": "false"}],
        "audit": [
            {"actor": "admin:operator-1"},
            {"act": "user.ban"},
            {"target": f"user:{known.storied}"},
            {"outcome": "done"},
            {"outcome": "intent"},
        ],
    }
    for name, found in filters.items():
        ordered = [{"order": "oldest"}] if name in ("users", "events", "audit") else []
        for query in ({}, *ordered, month, *found, *({**one, **month} for one in found)):
            yield _named(name, query), reader.get(f"/{name}", **query)
    yield "200 live sessions", reader.get("/sessions", limit="200")
    yield "deliveries of a webhook", reader.get(f"/webhooks/{known.webhook}")
    for name in ("webhooks", "admins", "tokens", "keys", "account", "doctor"):
        yield name, reader.get(f"/{name}")
    yield "own sign-ins", reader.get("/account/sign-ins")
    yield "statistics (API)", reader.get("/api/overview")


def _files(reader: Reader, month: dict[str, str]) -> Iterator[tuple[str, Callable[[], None]]]:
    """Yield the beginning of each file."""
    for name in ("users", "sessions", "events", "audit"):
        yield f"{name}.csv", reader.first_rows(f"/{name}.csv")
        yield f"{name}.csv of a month", reader.first_rows(f"/{name}.csv", **month)


def _named(name: str, query: dict[str, str]) -> str:
    told = [key for key in query if key != "until"]
    values = [query[key] for key in told if key in ("severity", "platform", "banned", "outcome")]
    words = " ".join("month" if key == "since" else key for key in told)
    return " ".join([name, words, *values]).replace("  ", " ").strip()


def _ago(known: Known, days: int) -> str:
    return datetime.fromtimestamp(known.now - DAY * days, UTC).isoformat()
