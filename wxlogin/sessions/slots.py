"""Scripts on a user's slot, which declare every key that they touch.

A user's slot is the Redis hash slot of the user's public id, which is the hash tag of all keys of
that user: so one script may touch them all in a cluster too, which may require that they are
declared. The caller may not know which sessions a user has: a script that meets a session whose
record is not declared writes nothing and returns its id, and runs again with it. That costs a
second round trip for a logout or a scan of a user with other sessions, for a login only where they
changed since its session_key was stored, and none for an authenticated request.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from redis.exceptions import RedisError

from wxlogin.clock import Clock, milliseconds
from wxlogin.redisdb import keys
from wxlogin.redisdb.replies import Reply
from wxlogin.redisdb.scripts import Call, Scripts
from wxlogin.sessions.replies import undeclared

GRACE_MS = 30_000
"""How long a replaced session still works."""

ROUNDS = 128
"""How often a script is run again. Each time another login of the same user was faster."""


class SlotCall(NamedTuple):
    """A script to run on a user's slot, and the sessions that it is known to touch.

    `extra_keys` are further keys of the slot.
    """

    name: str
    public_id: str
    args: tuple[str | int, ...] = ()
    sids: tuple[str, ...] = ()
    extra_keys: tuple[str, ...] = ()


class Slots:
    """Runs scripts on slots: `call_once` sends them once, `call` again if no reply came."""

    def __init__(self, scripts: Scripts, clock: Clock) -> None:
        self._scripts = scripts
        self._clock = clock

    def call_once(self, slot_call: SlotCall) -> Reply:
        """Run a script that must not run twice."""
        return self._run([slot_call], self._send_once)[0]

    def call(self, slot_call: SlotCall) -> Reply:
        """Run a script that is safe to run twice."""
        return self.pipeline([slot_call])[0]

    def pipeline(self, slot_calls: Sequence[SlotCall]) -> list[Reply]:
        """Run scripts like `call` for several users, in one round trip."""
        return self._run(slot_calls, self._scripts.pipeline)

    def script_call(self, slot_call: SlotCall) -> Call:
        """Return the call of a script that declares all sessions it touches."""
        public_id, sids = slot_call.public_id, dict.fromkeys(slot_call.sids)
        fixed = [
            keys.index(public_id),
            keys.tombstones(public_id),
            keys.mark(public_id),
            keys.session_key(public_id),
        ]
        records = [keys.session(public_id, sid) for sid in sids]
        args = (milliseconds(self._clock), GRACE_MS, *slot_call.args)
        return Call(slot_call.name, [*fixed, *records, *slot_call.extra_keys], args)

    def _send_once(self, calls: list[Call]) -> list[Reply]:
        return [self._scripts.call_once(call.name, call.keys, *call.args) for call in calls]

    def _run(
        self, slot_calls: Sequence[SlotCall], send: Callable[[list[Call]], list[Reply]]
    ) -> list[Reply]:
        replies: dict[int, Reply] = {}
        due = dict(enumerate(slot_calls))
        for _ in range(ROUNDS):
            received = send([self.script_call(slot_call) for slot_call in due.values()])
            replies |= zip(due, received, strict=True)
            due = {
                n: slot_call._replace(sids=(*slot_call.sids, *sids))
                for n, slot_call in due.items()
                if (sids := undeclared(replies[n]))
            }
            if not due:
                return [replies[n] for n in range(len(slot_calls))]
        raise RedisError("the user's sessions change faster than they can be named")
