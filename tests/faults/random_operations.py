"""Random acts on the stores of two servers while Redis loses keys, is restored and fails over.

Everything that ends sessions is remembered. A token that was ended for good is never let in again;
one that was ended by itself may be, once Redis knows nothing of its end.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from flask.ctx import AppContext
from redis.exceptions import RedisError

from tests.faults.copied_redis import CopiedRedis
from tests.harness.owner import DRAFT
from tests.harness.redis_process import until
from tests.harness.redis_topologies import ask, follows
from tests.harness.site import APPID, Site
from wxlogin.accounts import Ban
from wxlogin.accounts.errors import UserNotFound
from wxlogin.development.valkey import ValkeyServer
from wxlogin.redisdb import keys
from wxlogin.service_error import ServiceError
from wxlogin.services import Services

USERS = 24
REMEMBERED = 40
"""The tokens of one user that are asked about; older ones are forgotten."""

Fate = Literal["live", "unsure", "ended alone", "ended for good"]


@dataclass
class Token:
    """A token that was given out, and what became of its session."""

    text: str
    public_id: str
    sid: str
    device: str
    fate: Fate = "live"
    ended: int = 0
    """The number of the act that ended it."""


class RandomOperations:
    """Acts of users, operators and accidents, drawn by `seed`."""

    def __init__(
        self, sites: Sequence[Site], copied: CopiedRedis, replica: ValkeyServer, seed: int
    ) -> None:
        self.counts: Counter[str] = Counter()
        self.let_in: list[str] = []
        """Tokens that were let in after they had been ended for good."""
        self._sites = sites
        self._copied = copied
        self._replica = replica
        self._random = random.Random(seed)
        self._number = self._copied_at = self._lags_since = 0
        self._tokens: dict[int, list[Token]] = {user: [] for user in range(USERS)}
        self._acts: dict[Callable[[], None], float] = {
            self.sign_in: 25,
            self.ask: 45,
            self.sign_out: 6,
            self.sign_out_everywhere: 3,
            self.kick: 3,
            self.ban: 3,
            self.lift_ban: 4,
            self.erase: 1,
            self.evict: 6,
            self.wait: 2,
            self.end_app: 0.2,
            self.disable_app: 0.2,
            self.enable_app: 0.6,
            self.copy: 0.5,
            self.restore: 0.2,
            self.lag: 0.3,
            self.fail_over: 0.15,
        }

    def run(self, count: int) -> None:
        """Draw so many acts; each by one of the servers."""
        self.copy()
        acts, weights = list(self._acts), list(self._acts.values())
        for act in self._random.choices(acts, weights, k=count):
            self._number += 1
            self.counts[act.__name__] += 1
            act()
        for user in self._tokens:
            for token in self._tokens[user]:
                self._ask(token)

    @property
    def _services(self) -> Services:
        return self._random.choice(self._sites).services

    # Users

    def sign_in(self) -> None:
        """A user signs in, on one of two devices or on one that has no name."""
        user, services = self._random.randrange(USERS), self._services
        device = self._random.choice(["", "", "a", "b"])
        try:
            with self._context():
                app = services.accounts.apps.get_active(APPID)
                found = services.accounts.users.get_or_create(app, f"openid-of-{user:03}-000000000")
                if found.ban:
                    return
                text, ref = services.sessions.tokens.mint(found.public_id)
                void_before = max(found.void_before, app.void_before)
                draft = replace(DRAFT, device=device)
                services.sessions.store.create(ref, draft, None, void_before)
        except (RedisError, ServiceError):
            return
        for token in self._tokens[user]:
            if device and token.device == device and token.fate == "live":
                token.fate = "unsure"  # it is replaced, and works for a moment
        self._tokens[user].append(Token(text, ref.owner, ref.sid, device))
        del self._tokens[user][:-REMEMBERED]

    def ask(self) -> None:
        """Somebody calls with a token."""
        if token := self._some_token():
            self._ask(token)

    def sign_out(self) -> None:
        """A user ends one session."""
        token = self._some_token()
        if token and token.fate in ("live", "unsure"):
            self._end(
                "ended alone",
                [token],
                lambda it: it.sessions.store.end(token.public_id, "one", token.sid),
            )

    def sign_out_everywhere(self) -> None:
        """A user ends all sessions."""
        if token := self._some_token():
            self._end_user(
                token,
                lambda it: it.accounts.session_revocation.revoke_all(token.public_id, token.sid),
            )

    # Operators

    def kick(self) -> None:
        """An operator ends all sessions of a user."""
        if token := self._some_token():
            self._end_user(
                token, lambda it: it.accounts.session_revocation.revoke_all(token.public_id)
            )

    def ban(self) -> None:
        """An operator bans a user."""
        if token := self._some_token():
            self._end_user(
                token, lambda it: it.accounts.bans.impose(token.public_id, Ban("spam", None))
            )

    def lift_ban(self) -> None:
        """An operator lifts a ban."""
        if token := self._some_token():
            self._done(lambda it: it.accounts.bans.lift(token.public_id))

    def erase(self) -> None:
        """An operator erases a user."""
        if token := self._some_token():
            self._end_user(token, lambda it: it.accounts.erasure.erase(token.public_id))

    def end_app(self) -> None:
        """An operator ends all sessions of the mini-program."""
        self._end(
            "ended for good",
            self._all(),
            lambda it: _all(it.accounts.app_access.end_sessions(APPID)),
        )

    def disable_app(self) -> None:
        """An operator disables the mini-program."""
        self._end(
            "ended for good", self._all(), lambda it: _all(it.accounts.app_access.disable(APPID))
        )

    def enable_app(self) -> None:
        """An operator enables the mini-program."""
        self._done(lambda it: _all(it.accounts.app_access.enable(APPID)))

    # Accidents

    def wait(self) -> None:
        """Time passes."""
        self._sites[0].clock.forward(self._random.choice([0.001, 1, 61, 3600]))

    def evict(self) -> None:
        """Redis loses a key of a user."""
        if token := self._some_token():
            own = [
                keys.index(token.public_id),
                keys.tombstones(token.public_id),
                keys.mark(token.public_id),
            ]
            name = self._random.choice([*own, keys.session(token.public_id, token.sid)])
            ask(self._copied.server, "DEL", name)

    def copy(self) -> None:
        """Somebody makes a copy of Redis."""
        self._copied.copy()
        self._copied_at = self._number

    def restore(self) -> None:
        """Redis dies and starts from the copy."""
        self._copied.restore()
        self._back_to(self._copied_at)

    def lag(self) -> None:
        """The replica stops to follow."""
        if not self._lags_since:
            self._replica.pause()
            self._lags_since = self._number

    def fail_over(self) -> None:
        """Redis dies, and what the replica knows takes its place."""
        self._copied.server.kill()
        self._replica.resume()
        ask(self._replica, "SAVE")
        shutil.copy(self._replica.directory / "dump.rdb", self._copied.server.directory)
        self._copied.server.start()
        until(lambda: follows(self._replica), "a replica that follows again")
        self._back_to(self._lags_since or self._number - 1)

    def _back_to(self, number: int) -> None:
        """Redis knows of the acts up to this one; single ends after it may be undone."""
        self._lags_since = 0
        self._replica.resume()
        for token in self._all():
            if token.fate == "ended alone" and token.ended >= number:
                token.fate = "unsure"
        for site in self._sites:
            until(lambda site=site: site.services.redis.ping() or True, "a Redis that is used")  # type: ignore[misc]

    # What becomes of tokens

    def _ask(self, token: Token) -> None:
        site = self._random.choice(self._sites)
        bearer = {"Authorization": f"Bearer {token.text}"}
        status = site.app.test_client().get("/v1/auth", headers=bearer).status_code
        self.counts[f"{token.fate}: {status}"] += 1
        if status < 300 and token.fate.startswith("ended"):
            self.let_in.append(
                f"act {self._number}: {token.fate} by act {token.ended}: {token.sid}"
            )

    def _end_user(self, token: Token, act: Callable[[Services], object]) -> None:
        self._end(
            "ended for good", [one for one in self._all() if one.public_id == token.public_id], act
        )

    def _end(self, fate: Fate, tokens: list[Token], act: Callable[[Services], object]) -> None:
        done = self._done(act)
        for token in tokens:
            if token.fate != "ended for good":
                token.fate, token.ended = fate if done else "unsure", self._number

    def _done(self, act: Callable[[Services], object]) -> bool:
        """Whether an act was answered. A user who was erased before is none whose sessions end."""
        try:
            with self._context():
                act(self._services)
        except UserNotFound:
            return False
        except (RedisError, ServiceError):
            self.counts["not answered"] += 1
            return False
        return True

    def _context(self) -> AppContext:
        return self._sites[0].app.app_context()

    def _all(self) -> list[Token]:
        return [token for tokens in self._tokens.values() for token in tokens]

    def _some_token(self) -> Token | None:
        tokens = self._tokens[self._random.randrange(USERS)]
        return self._random.choice(tokens) if tokens else None


def _all(steps: Iterable[object]) -> None:
    for _ in steps:
        pass
