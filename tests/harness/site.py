"""One wxlogin over real HTTP, on a real Valkey, with a sandbox in WeChat's place."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import redis
import requests
from argon2 import PasswordHasher
from redis import Redis

import config
from tests.harness.clock import SettableClock
from tests.harness.leaks import LogRecorder, found
from tests.harness.stores import servers
from tests.harness.wsgi_server import wsgi_server
from wxlogin.app import create_app
from wxlogin.extensions import db
from wxlogin.redisdb import key_table
from wxlogin.sandbox import SandboxServer
from wxlogin.services import Services

APPID = "wx0123456789abcdef"
SECRET = "5f4dcc3b5aa765d61d8327deb882cf99"  # made up
# Hashing is the subject of tests/unit/test_passwords.py; here it would only take time.
CHEAP_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Site:
    """A running server, the stores behind it, and a record of all it answered and logged."""

    def __init__(self, directory: Path, clock: SettableClock, settings: Mapping[str, str]) -> None:
        self.directory = directory
        self.clock = clock
        self.sandbox = SandboxServer({APPID: SECRET}, clock=clock)
        self.sandbox.start()
        self.settings = config.load(
            {
                "WXLOGIN_ENV": "testing",
                "WXLOGIN_DATABASE_URL": f"sqlite:///{directory / 'wxlogin.sqlite3'}",
                "WXLOGIN_WX_APPID": APPID,
                "WXLOGIN_WX_SECRET": SECRET,
                "WXLOGIN_WX_API_BASE": self.sandbox.base,
                "WXLOGIN_SANDBOX": "on",
                "WXLOGIN_AVATAR_HOSTS": "none",
                # Tests of ranks ask: in others nothing goes on behind a first login.
                "WXLOGIN_RISK_RANK": "off",
                # Wide, so that a test of something else never meets them.
                "WXLOGIN_LIMIT_LOGIN_OPENID": "1000/minute",
                "WXLOGIN_LIMIT_DECRYPT_OPENID": "1000/minute",
                "WXLOGIN_LIMIT_PROFILE_OPENID": "1000/minute",
                "WXLOGIN_LIMIT_FAIL_IP": "1000/minute",
                **settings,
            },
            instance=directory,
        )
        self.redis = servers(self.settings.redis_url)[0]
        self.log = LogRecorder()
        logging.getLogger().addHandler(self.log)
        logging.getLogger().setLevel(logging.DEBUG)
        try:
            self.app = create_app(self.settings, clock)
        except BaseException:  # what tests of a refused start expect
            self.sandbox.stop()
            logging.getLogger().removeHandler(self.log)
            raise
        self.services = cast("Services", self.app.extensions["wxlogin"])
        self.services.operators.admins._passwords._hasher = CHEAP_HASHER
        self.answers: list[bytes] = []
        self.secrets = {SECRET}
        self.tokens: set[str] = set()
        self._server = wsgi_server(self.app)
        self.base = f"http://127.0.0.1:{self._server.port}"
        self.verify: bool | str = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        """Stop serving; the stores stay for a look."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self.sandbox.stop()
        self.services.limits.failures.stop()
        self.services.operators.tokens.flush()
        self.services.accounts.reset_task.stop()
        self.services.accounts.first_logins.stop()
        self.services.accounts.nickname_checks.stop()
        self.services.sessions.id_propagation.stop()
        self.services.watch.recorder.stop()
        self.services.webhooks.stop()
        self.services.redis.close()
        with self.app.app_context():
            db.engine.dispose()
        logging.getLogger().removeHandler(self.log)

    def forget(self) -> None:
        """Empty Redis for the next test, where there is one."""
        for server in self._redis():
            with server:
                server.flushdb()
        self.redis.close()

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        """Send one request over a connection of its own and keep its answer for the search."""
        with requests.Session() as http:
            http.trust_env, http.verify = False, self.verify
            answer = http.request(method, self.base + path, **{"timeout": 30, **options})
        answer.encoding = answer.encoding or "utf-8"  # else `text` is guessed, byte for byte
        self.answers.append(repr(answer.headers).encode() + answer.content)
        return answer

    def problem(self, answer: requests.Response) -> str:
        """The code of a refusal, once its form is checked."""
        body = answer.json()
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["X-Request-Id"] == body["request_id"]
        assert answer.headers["X-Wxlogin-Error"] == body["code"]
        assert answer.status_code == body["status"]
        assert {"type", "title", "detail", "action"} < set(body)
        assert ("Retry-After" in answer.headers) == (body["action"] == "retry")
        return str(body["code"])

    def guard(self, user: str) -> None:
        """Watch for what names this user at WeChat."""
        world = self.sandbox.world
        self.secrets |= {
            world.openid(user),
            world.session_key(user),
            *filter(None, [world.unionid(user)]),
        }

    def leaks(self) -> list[str]:
        """The secrets that stand in an answer, a log line, the database or Redis."""
        logged = [line.encode() for line in self.log.lines]
        kept = [path.read_bytes() for path in self.directory.glob("wxlogin.sqlite3*")]
        stored = [*logged, *kept, self._redis_dump()]
        return found(self.secrets, [*self.answers, *stored]) + found(self.tokens, stored)

    def _redis(self, *, text: bool = True) -> list[Redis]:
        """The servers of the site's Redis; none where it does not answer: tests take it away."""
        try:
            found = servers(self.settings.redis_url, text=text)
            return [server for server in found if server.ping()]
        except (redis.ConnectionError, redis.TimeoutError):
            return []

    def _redis_dump(self) -> bytes:
        lines = []
        for server in self._redis(text=False):
            with server:
                lines += [
                    name + b" " + (dump or b"") for name, dump in _of_each_key(server, "DUMP")
                ]
        return b"\n".join(lines)

    def broken_keys(self) -> list[str]:
        """Keys in Redis that never expire or that the table of keys does not know."""
        known = [re.escape(row.pattern) for row in key_table.TABLE]
        # A counter's name has an address in it, and that of IPv6 has colons.
        known = [name.replace("<limit>", ".+") for name in known]
        shapes = [re.sub(r"(\\{tag\\}|<\w+>)", "[^:]+", name) for name in known]
        broken = []
        for server in self._redis():
            with server:
                # -1: immortal. One that expired since it was listed has -2.
                broken += [
                    name
                    for name, left in _of_each_key(server, "PTTL")
                    if left == -1 or not any(re.fullmatch(s, name) for s in shapes)
                ]
        return broken


def _of_each_key(server: Redis, command: str) -> list[tuple[Any, Any]]:
    """Each key with what a command says of it; all are asked about in one round trip."""
    names = cast("list[Any]", server.keys("*"))
    with server.pipeline(transaction=False) as asked:
        for name in names:
            asked.execute_command(command, name)
        return list(zip(names, asked.execute(), strict=True))
