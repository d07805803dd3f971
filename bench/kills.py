"""Kills workers amid logins and sign-outs: do exactly the right events reach a bad receiver?

    python -m bench.kills                          20 kills amid 5,000 logins, some minutes
    python -m bench.kills --kills 2 --logins 200   fewer

Two workers as in production, on SQLite and a Valkey of its own, the sandbox in WeChat's place.
People log in on two phones in turn, of which each takes the place of the other, then sign out or
are kicked; the receiver fails every third request, and `kill -9` takes a worker again and again.
Afterwards time is moved ahead until nothing waits. Then each user must have been told as created,
each session as begun, each that ended as replaced or as logged out: all of them, each under one id,
those of one user in their order, and nothing else; and SQL must say of each how it ended. It exits
with 1 if that is not so. `TMPDIR` says where its files lie; in memory (/dev/shm) it takes half the
time.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import os
import secrets
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from bench.contestants import LIMIT, WORKERS, Wxlogin, recipes
from bench.people import People
from bench.servers import Server
from config import load
from wxlogin.app import create_app
from wxlogin.development.address import first_free
from wxlogin.development.valkey import ValkeyServer
from wxlogin.extensions import db
from wxlogin.models import SessionEnd, User, WebhookDelivery, WebhookEvent
from wxlogin.operators.api_tokens import Bounds
from wxlogin.outbox import EventType
from wxlogin.sandbox import SandboxServer
from wxlogin.services import Services

FIRST_PORT = 18_300
APPID = "wx0123456789abcdef"
STEP_SECONDS = 300
ROUNDS = 400
WAIT_SECONDS = 600.0
FREE = Bounds(None)
CREATED, LOGGED_IN, LOGGED_OUT, REPLACED = TYPES = (
    EventType.USER_CREATED,
    EventType.USER_LOGGED_IN,
    EventType.USER_LOGGED_OUT,
    EventType.SESSION_REPLACED,
)


class Clock:
    """The machine's time, and what it is moved ahead by."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@dataclass
class Told:
    """What the receiver accepted: by type, the subjects, and of each the `webhook-id`s.

    `early` are the sessions whose end was accepted before their begin; `disordered` those whose end
    was not that of the user's latest: each user has one session, which ends before the next begins
    or by it.
    """

    requests: int = 0
    accepted: int = 0
    ids: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    early: set[str] = field(default_factory=set)
    disordered: set[str] = field(default_factory=set)
    latest: dict[str, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, message: str, body: bytes) -> int:
        """Take a request and return the status: every third fails."""
        event = json.loads(body)
        subject = str(event["data"].get("session") or event["data"]["user"])
        with self.lock:
            self.requests += 1
            if self.requests % 3 == 0:
                return 500
            self.accepted += 1
            if event["type"] in (LOGGED_OUT, REPLACED) and subject not in self.of(LOGGED_IN):
                self.early.add(subject)
            same = self.ids.setdefault(event["type"], {}).setdefault(subject, set())
            if message not in same:
                self._note_order(event["type"], event["data"], subject)
            same.add(message)
        return 204

    def _note_order(self, type_: str, data: Mapping[str, str], subject: str) -> None:
        if type_ == LOGGED_IN:
            self.latest[data["user"]] = subject
        elif type_ in (LOGGED_OUT, REPLACED):
            ended_by_latest = data.get("by", subject) == self.latest.get(data["user"])
            if not ended_by_latest:
                self.disordered.add(subject)

    def of(self, type_: EventType) -> Set[str]:
        """Return whom or what a type was told of."""
        return self.ids.get(type_, {}).keys()

    def repeated(self) -> int:
        """Return how much was told under more than one id."""
        return sum(len(ids) > 1 for same in self.ids.values() for ids in same.values())


@contextmanager
def receiver(told: Told) -> Iterator[str]:
    """Receive webhooks until the block ends; the URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(told.take(self.headers["webhook-id"], body))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/events"
        server.shutdown()


def kill_amid(people: People, server: Server, kills: int, wanted: int) -> None:
    """Kill a worker each time when a further part of the logins was answered."""
    for number in range(kills):
        due = wanted * (number + 1) // (kills + 1)
        _wait(partial(_have_answered, people, due))
        victim = secrets.choice(sorted(server.children()))
        with contextlib.suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
        _wait(partial(_is_replaced, server, victim))
        print(f"kill {number + 1} of {kills} after {len(people.answered)} logins", flush=True)


def _have_answered(people: People, due: int) -> bool:
    return len(people.answered) >= due


def _is_replaced(server: Server, victim: int) -> bool:
    return len(server.children() - {victim}) == WORKERS


def settle(app: Flask, services: Services, clock: Clock) -> None:
    """Move time ahead until nothing waits."""
    for _ in range(ROUNDS):
        services.watch.recorder.end_sweeper.write_all()
        threads = [threading.Thread(target=services.webhooks.dispatcher.run) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with app.app_context():
            events = select(WebhookEvent.id).where(WebhookEvent.due_at.is_not(None)).limit(1)
            open_ = select(WebhookDelivery.id).where(WebhookDelivery.next_at.is_not(None)).limit(1)
            waits = db.session.scalar(events) or db.session.scalar(open_)
        if clock.ahead and not waits:
            return
        clock.ahead += STEP_SECONDS
    raise SystemExit("something still waits")


def faults(app: Flask, services: Services, people: People, told: Told) -> dict[str, int]:
    """Return how much is wrong, by what it is."""
    with app.app_context():
        users = set(db.session.scalars(select(User.public_id)))
        why = {row.session_id: row.why for row in db.session.scalars(select(SessionEnd))}
    store = services.sessions.store
    live = {session.sid for user in users for session in store.list(user)}
    logged_in, out, replaced = told.of(LOGGED_IN), told.of(LOGGED_OUT), told.of(REPLACED)
    ended = logged_in - live
    return {
        "logins that were answered and not told": len(people.answered - logged_in),
        "live sessions that were not told": len(live - logged_in),
        "users that were not told": len(users - told.of(CREATED)),
        "users that were made up": len(told.of(CREATED) - users),
        "ended sessions of which no end was told": len(ended - replaced - out),
        "live or unknown sessions of which an end was told": len((replaced | out) - ended),
        "sessions told as replaced and as logged out": len(replaced & out),
        "answered sign-outs not told": len(people.signed_out - out),
        "ends told before their begins": len(told.early),
        "ends told out of their order": len(told.disordered),
        "ends of which SQL says something else": len(
            [sid for sid in ended if (why.get(sid) == "replaced") != (sid in replaced)]
        ),
        "ends that SQL lacks or made up": len(ended ^ why.keys()),
        "told under more than one id": told.repeated(),
    }


def run(kills: int, logins: int) -> bool:
    """Do all of it and print the figures; return whether everything was right."""
    told, clock, began = Told(), Clock(), time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="wxlogin-bench-") as name,
        receiver(told) as url,
        SandboxServer({APPID: secrets.token_hex(16)}) as sandbox,
    ):
        directory = Path(name)
        (directory / "valkey").mkdir()
        with ValkeyServer(directory / "valkey", port=0) as valkey:
            wxlogin = Wxlogin(valkey.url, directory)
            limits = dict.fromkeys(("LIMIT_LOGIN_IP", "LIMIT_LOGIN_OPENID", "LIMIT_FAIL_IP"), LIMIT)
            single = {"SINGLE_DEVICE_LOGIN": "all", **limits}
            environment = wxlogin.environment_with(sandbox, APPID, **single)
            app = create_app(load(environment, instance=directory), clock)
            services: Services = app.extensions["wxlogin"]
            logging.disable(logging.WARNING)  # of each request that fails, as a third shall
            with app.app_context():
                db.create_all()
                services.webhooks.endpoints.create(url, TYPES, (), "bench")
                kicks = services.operators.tokens.create("bench", ["operate"], "bench", FREE)
            command = recipes(valkey.url, wxlogin, express=False)["wxlogin"].command
            port = first_free(FIRST_PORT).port
            log = directory / "wxlogin.log"
            with Server(command(port), port, environment, log) as server:
                people = People(sandbox, server.url, logins, kicks[0])
                with people.busy():
                    kill_amid(people, server, kills, logins)
            busy = time.monotonic() - began
            sent = told.requests
            settle(app, services, clock)
            wrong = faults(app, services, people, told)
            services.webhooks.stop()
            services.redis.close()
    _print(people, told, kills, busy, sent)
    for what, count in wrong.items():
        print(f"{count:6} {what}")
    return not any(wrong.values())


def _print(people: People, told: Told, kills: int, busy: float, sent: int) -> None:
    broken = ", ".join(f"{count} with {status}" for status, count in people.failures.items())
    print(
        f"\n{len(people.answered)} logins answered in {busy:.0f} s with {kills} kills; "
        f"calls not answered: {broken or 'none'} (0: the connection broke)"
    )
    for type_ in TYPES:
        print(f"{len(told.of(type_)):6} {type_} told")
    print(f"{told.requests:6} requests, {told.accepted} accepted, {sent} before time was moved\n")


def _wait(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise SystemExit(f"not within {WAIT_SECONDS:.0f} s")
        time.sleep(0.02)


def main() -> None:
    """Run it; exit with 1 if an event is lost, made up or told twice as another."""
    parser = argparse.ArgumentParser(prog="python -m bench.kills")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--logins", type=int, default=5_000)
    given = parser.parse_args()
    sys.exit(0 if run(given.kills, given.logins) else 1)


if __name__ == "__main__":
    main()
