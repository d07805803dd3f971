"""The session store does what a simple model in Python does, whatever happens in what order."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)
from redis import Redis

from tests.harness.clock import SettableClock
from tests.harness.owner import Owner
from tests.unit.slots import Slots
from wxlogin.clock import milliseconds
from wxlogin.redisdb import Scripts, keys
from wxlogin.sessions import DevicePolicy, Lifetimes, SessionStore, TokenRef
from wxlogin.sessions.store import Scope
from wxlogin.wiring import SCRIPT_FOLDERS

IDLE, MAX_AGE, MOST = 600, 1800, 3
GRACE_MS, DAY_MS = 30_000, 86_400_000


@dataclass
class Known:
    """A session as the model sees it; `successor` once it is replaced."""

    created: int
    seen: int
    idle_deadline: int
    deadline: int
    device: str
    predecessor: str = ""
    successor: str = ""
    grace: int = 0


@dataclass
class Model:
    """One user: sessions with a record, why others ended, records that the index lost."""

    known: dict[str, Known] = field(default_factory=dict)
    graves: dict[str, tuple[str, int]] = field(default_factory=dict)
    stray: set[str] = field(default_factory=set)

    def live(self, now: int) -> dict[str, Known]:
        """The sessions that count."""
        return {
            sid: one
            for sid, one in self.known.items()
            if not one.successor and now < min(one.idle_deadline, one.deadline)
        }

    def current_sid(self, sid: str, now: int) -> str:
        """Return the id of the successor while this session is in its grace, else its own."""
        one = self.known.get(sid)
        return one.successor if one and one.successor and now < one.grace else sid

    def forget_all(self) -> None:
        """Forget every session; their records stay until somebody asks for them."""
        self.stray |= set(self.known)
        self.known.clear()

    def forget_orphans(self) -> None:
        """Forget the replaced sessions whose successor Redis evicted: its index entry goes now."""
        orphans = {sid for sid, one in self.known.items() if self._is_orphan(one)}
        self.stray |= orphans
        for sid in orphans:
            del self.known[sid]

    def _is_orphan(self, one: Known) -> bool:
        return bool(one.successor) and one.successor not in self.known

    def end(self, sid: str, reason: str, now: int) -> None:
        """End a session, and its predecessor with it."""
        self.forget_predecessor(sid, now)
        self.known.pop(sid)
        self.graves[sid] = (reason, now)

    def forget_predecessor(self, sid: str, now: int) -> None:
        """A predecessor in its grace goes at once; after that Redis collects its record."""
        before = self.known.get(self.known[sid].predecessor)
        if before and now < before.grace:
            del self.known[self.known[sid].predecessor]

    def create(self, sid: str, device: str, carried: str, now: int) -> int:
        """A login; how many sessions it ended."""
        self.forget_orphans()
        live = self.live(now)
        current = self.current_sid(carried, now)
        same = [other for other in live if device and live[other].device == device]
        taken = current if current in live else next(iter(same), "")
        ended = [other for other in same if other != taken]
        rest = sorted(
            (one.created, other) for other, one in live.items() if other not in {taken, *ended}
        )
        evicted = [other for _, other in rest[: max(0, len(rest) - MOST + 1)]]
        for other in [*ended, *evicted]:
            self.end(other, "SESSION_REPLACED", now)
        if taken:
            self.forget_predecessor(taken, now)
            self.known[taken].successor, self.known[taken].grace = sid, now + GRACE_MS
            self.graves[taken] = ("SESSION_REPLACED", now)
        deadline = now + MAX_AGE * 1000
        self.known[sid] = Known(now, now, now + IDLE * 1000, deadline, device, taken)
        return len(ended) + len(evicted) + bool(taken)

    def read(self, sid: str, now: int) -> set[str]:
        """What a request may be answered: one code, or two where tombstones are of one moment."""
        one = self.known.get(sid)
        if one and one.successor and now < min(one.grace, one.deadline):
            return {""}
        if one and sid in self.live(now):
            if now - one.seen >= 60_000:
                one.seen, one.idle_deadline = now, min(now + IDLE * 1000, one.deadline)
            return {""}
        return self._epitaph(sid, now)

    def _epitaph(self, sid: str, now: int) -> set[str]:
        reason, at = self.graves.get(sid, ("", 0))
        others = [other for key, (_, other) in self.graves.items() if key != sid]
        if not reason or now - at >= DAY_MS or sum(other > at for other in others) >= 20:
            return {"SESSION_EXPIRED"}
        sure = sum(other >= at for other in others) < 20
        return {reason} if sure else {reason, "SESSION_EXPIRED"}

    def sign_out(self, scope: Scope, sid: str, now: int) -> int:
        """Sign out; how many sessions ended."""
        current, live = self.current_sid(sid, now), self.live(now)
        self.forget_orphans()
        wanted = {"one": {current} & set(live), "others": set(live) - {current}, "all": set(live)}
        for other in wanted[scope]:
            self.end(other, "SESSION_REVOKED", now)
        return len(wanted[scope])


class Machine(RuleBasedStateMachine):
    """One user's logins, requests and sign-outs, with time between them."""

    redis: Redis
    refs = Bundle("refs")

    def __init__(self) -> None:
        super().__init__()
        self.clock = SettableClock()
        lifetimes, devices = Lifetimes(IDLE, MAX_AGE), DevicePolicy("off", MOST, "evict")
        self.owner = Owner(
            SessionStore(Scripts(self.redis, SCRIPT_FOLDERS), self.clock, lifetimes, devices)
        )
        self.slots = Slots(self.redis)
        self.model = Model()

    @property
    def now(self) -> int:
        """The time in ms."""
        return milliseconds(self.clock)

    @rule(target=refs, device=st.sampled_from(["", "a", "b"]))
    def login(self, device: str) -> TokenRef:
        """Log in without a token."""
        return self._login(device, None)

    @rule(target=refs, device=st.sampled_from(["", "a", "b"]), carried=refs)
    def login_with_a_token(self, device: str, carried: TokenRef) -> TokenRef:
        """Log in and send an earlier token along, live or not."""
        return self._login(device, carried)

    @rule(ref=refs)
    def ask(self, ref: TokenRef) -> None:
        """Make a request."""
        assert self.owner.refusal(ref) in self.model.read(ref.sid, self.now)

    @rule(ref=refs, scope=st.sampled_from(["one", "others", "all"]))
    def sign_out(self, ref: TokenRef, scope: Scope) -> None:
        """End sessions."""
        expected = self.model.sign_out(scope, ref.sid, self.now)
        assert self.owner.end(scope, ref.sid) == expected

    @rule()
    def evict_the_index(self) -> None:
        """Redis evicts the index: what it named has ended."""
        self.redis.delete(keys.index(self.owner.public_id))
        self.model.forget_all()

    @rule(ref=refs)
    def evict_a_record(self, ref: TokenRef) -> None:
        """Redis evicts the record of a session, live or not."""
        self.redis.delete(keys.session(self.owner.public_id, ref.sid))
        self.model.known.pop(ref.sid, None)

    @rule()
    def evict_the_mark(self) -> None:
        """Redis evicts the mark: it is there for logins of this very moment alone."""
        self.redis.delete(keys.mark(self.owner.public_id))

    @rule()
    def evict_the_tombstones(self) -> None:
        """Redis evicts the tombstones: why a session ended is not known any more."""
        self.redis.delete(keys.tombstones(self.owner.public_id))
        self.model.graves.clear()

    @rule(seconds=st.sampled_from([0.001, 1, 29.999, 30, 60, 599, 600, 1200, 86_399, 86_400]))
    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.forward(seconds)

    @invariant()
    def list_and_index_are_the_live_sessions(self) -> None:
        """The list, the index and the model agree, and nobody holds too many."""
        live = self.model.live(self.now)
        listed = self.owner.store.list(self.owner.public_id)
        index = self.slots.index(self.owner.public_id)
        assert {session.sid for session in listed} == set(live)
        assert len(live) <= MOST
        records = self.slots.records(self.owner.public_id)
        named = {sid for sid, expires in index.items() if expires > self.now and sid in records}
        assert named == set(live)
        for session in listed:
            known = live[session.sid]
            assert (session.created, session.seen) == (known.created, known.seen)
            assert session.expires == index[session.sid] == known.idle_deadline
            assert session.deadline == known.deadline

    @invariant()
    def redis_holds_nothing_else(self) -> None:
        """No record is beside the index and the graces; every key expires."""
        records = self.slots.records(self.owner.public_id)
        live = set(self.model.live(self.now))
        assert live <= records <= set(self.model.known) | self.model.stray
        assert len(self.slots.tombstones(self.owner.public_id)) <= 20
        assert self.slots.immortal(self.owner.public_id) == set()

    def teardown(self) -> None:
        """Leave nothing behind."""
        for name in self.slots.names(self.owner.public_id):
            self.redis.delete(name)

    def _login(self, device: str, carried: TokenRef | None) -> TokenRef:
        ref = self.owner.token()
        expected = self.model.create(ref.sid, device, carried.sid if carried else "", self.now)
        return self.owner.login(device=device, carried=carried, ref=ref, ended=expected)


def test_the_store_behaves_as_its_model(redis: Redis) -> None:
    Machine.redis = redis
    run_state_machine_as_test(
        Machine, settings=settings(max_examples=60, stateful_step_count=40, deadline=None)
    )
