"""The store of scans by itself: who may move a scan whereto, and that it ends."""

from __future__ import annotations

from collections.abc import Callable

import pytest
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
from tests.harness.crowd import together
from wxlogin.limits.errors import RateLimited
from wxlogin.redisdb import Scripts, keys
from wxlogin.scan_store import Browser, Pictures, ScanStore
from wxlogin.scan_store.errors import ScanError, ScanExpired, ScanRefused, ScanSecretWrong
from wxlogin.scan_store.store import LIFE_MS

APP, OTHER_APP = "wx0123456789abcdef", "wxfedcba9876543210"
BROWSER = Browser("Chrome 142", "Windows", "192.0.2.1", "")


@pytest.fixture
def scans(scripts: Scripts, clock: SettableClock) -> ScanStore:
    """Scans on the test's clock."""
    return ScanStore(scripts, clock)


def outcome(call: Callable[[], object]) -> str:
    """The name of the error that a call raises, `""` for none."""
    try:
        call()
    except (ScanError, RateLimited) as error:
        return type(error).__name__
    return ""


def confirmed(scans: ScanStore, user: str = "alice") -> str:
    """A scan that a user confirmed."""
    scan = scans.begin(APP, BROWSER).scan.id
    scans.confirm(scan, APP, user, "s1")
    return scan


def test_a_confirmed_scan_is_claimed_once(scans: ScanStore) -> None:
    scan = confirmed(scans)
    claims = together([lambda: outcome(lambda: scans.claim(scan))] * 6)
    assert sorted(claims) == ["", *["ScanExpired"] * 5]


def test_a_claim_that_was_released_is_there_for_one_more(scans: ScanStore) -> None:
    scan = confirmed(scans)
    scans.release(scan, scans.claim(scan))
    assert (scans.get(scan).state, scans.get(scan).user) == ("confirmed", "alice")
    scans.claim(scan)
    assert outcome(lambda: scans.claim(scan)) == "ScanExpired"


def test_a_release_that_is_sent_again_takes_nobody_s_claim_away(scans: ScanStore) -> None:
    scan = confirmed(scans)
    first = scans.claim(scan)
    scans.release(scan, first)
    scans.release(scan, first)
    scans.claim(scan)
    assert outcome(lambda: scans.release(scan, first)) == "ScanExpired"
    assert outcome(lambda: scans.get(scan)) == "ScanExpired"


def test_a_beginning_that_is_sent_again_finds_its_own(scripts: Scripts, scans: ScanStore) -> None:
    scan = scans.begin(APP, BROWSER).scan
    scans.see(scan.id, APP, "alice")
    key = [keys.scan(scan.id)]
    assert scripts.call("begin_scan", key, scan.secret_digest, LIFE_MS, "state", "waiting") == 1
    assert scripts.call("begin_scan", key, "another", LIFE_MS, "state", "waiting") == 0
    assert scans.get(scan.id).state == "seen"


def test_a_scan_of_an_unknown_version_is_none(scans: ScanStore, redis: Redis) -> None:
    scan = scans.begin(APP, BROWSER).scan.id
    redis.hset(keys.scan(scan), "v", "2")
    assert outcome(lambda: scans.get(scan)) == "ScanExpired"


def test_a_secret_shows_in_no_repr(scans: ScanStore) -> None:
    scan, secret = scans.begin(APP, BROWSER)
    assert secret not in repr(scan)
    assert scan.secret_digest not in repr(scan)


def test_pictures_are_kept_within_their_bound_and_until_their_scan_ends(
    scans: ScanStore, clock: SettableClock
) -> None:
    pictures = Pictures(clock, most_bytes=10)
    first, second, third = (scans.begin(APP, BROWSER).scan for _ in range(3))
    pictures.keep(first, b"12345")
    pictures.keep(second, b"12345")
    assert pictures.get(first) == b"12345"
    pictures.keep(third, b"1")
    assert [pictures.get(one) for one in (first, second, third)] == [b"12345", None, b"1"]
    pictures.keep(second, b"12345678901")
    assert [pictures.get(one) for one in (first, second, third)] == [None, None, None]
    pictures.keep(first, b"1")
    clock.forward(180)
    pictures.keep(scans.begin(APP, BROWSER).scan, b"2")
    assert pictures.get(first) is None


class ScanMachine(RuleBasedStateMachine):
    """Scans against a model of a few lines: what the contract says of states, users and time."""

    scans: ScanStore
    clock: SettableClock
    ids = Bundle("ids")

    def __init__(self) -> None:
        super().__init__()
        self.model: dict[str, dict[str, str | float]] = {}
        self.sessions: dict[str, int] = {}

    def judged(self, scan: str, user: str, app: str = APP) -> str:
        """The error that the contract has for a user's word, `""` for none."""
        known = self.model[scan]
        if self.clock() >= known["end"] or app != APP or known["state"] == "used":
            return "ScanExpired"
        if known["state"] == "refused":
            return "ScanRefused"
        theirs = known["state"] != "confirmed" or known["user"] == user
        return "" if theirs else "ScanExpired"

    @rule(target=ids)
    def begin(self) -> str:
        """Begin a scan."""
        begun = self.scans.begin(APP, BROWSER)
        self.model[begun.scan.id] = {
            "state": "waiting",
            "user": "",
            "end": self.clock() + 180,
            "secret": begun.secret,
        }
        return begun.scan.id

    @rule(scan=ids, user=st.sampled_from("ab"), app=st.sampled_from((APP, APP, OTHER_APP)))
    def see(self, scan: str, user: str, app: str) -> None:
        """Look at it."""
        expected = self.judged(scan, user, app)
        assert outcome(lambda: self.scans.see(scan, app, user)) == expected
        if not expected and self.model[scan]["state"] == "waiting":
            self.model[scan]["state"] = "seen"

    @rule(scan=ids, user=st.sampled_from("ab"))
    def confirm(self, scan: str, user: str) -> None:
        """Say yes."""
        expected = self.judged(scan, user)
        assert outcome(lambda: self.scans.confirm(scan, APP, user, "s")) == expected
        if not expected:
            self.model[scan] |= {"state": "confirmed", "user": user}

    @rule(scan=ids, user=st.sampled_from("ab"))
    def refuse(self, scan: str, user: str) -> None:
        """Say no."""
        expected = self.judged(scan, user)
        assert outcome(lambda: self.scans.refuse(scan, APP, user)) == expected
        if not expected:
            self.model[scan]["state"] = "refused"

    @rule(scan=ids, right=st.booleans())
    def ask(self, scan: str, *, right: bool) -> None:
        """Ask with the secret, or with a wrong one, and claim what is confirmed."""
        known = self.model[scan]
        secret = str(known["secret"]) if right else "wxq_wrong"
        expected = self.judged(scan, str(known["user"]))
        if not right and self.clock() < known["end"]:
            expected = "ScanSecretWrong"
        found = outcome(lambda: self.scans.ask(scan, secret))
        if found == "RateLimited":
            return
        assert found == expected
        if not expected and known["state"] == "confirmed":
            self.scans.claim(scan)
            known["state"] = "used"
            self.sessions[scan] = self.sessions.get(scan, 0) + 1

    @rule(seconds=st.sampled_from((1, 30, 179, 180)))
    def wait(self, seconds: int) -> None:
        """Let time pass."""
        self.clock.forward(seconds)

    @invariant()
    def one_scan_makes_one_session_at_most(self) -> None:
        """The contract's word."""
        assert all(count == 1 for count in self.sessions.values())


def test_scans_do_what_the_contract_says_in_any_order(
    scans: ScanStore, clock: SettableClock
) -> None:
    ScanMachine.scans, ScanMachine.clock = scans, clock
    run_state_machine_as_test(
        ScanMachine, settings=settings(max_examples=60, stateful_step_count=30, deadline=None)
    )


def test_the_errors_are_told_apart(scans: ScanStore) -> None:
    scan, secret = scans.begin(APP, BROWSER)
    with pytest.raises(ScanSecretWrong):
        scans.ask(scan.id, secret + "x")
    scans.refuse(scan.id, APP, "alice")
    with pytest.raises(ScanRefused):
        scans.ask(scan.id, secret)
    with pytest.raises(ScanExpired):
        scans.ask("A" * 22, secret)
