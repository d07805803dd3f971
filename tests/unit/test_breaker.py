"""The bulkhead and circuit breaker around WeChat, on a clock that stands still."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress

import pytest

from tests.harness.clock import SettableClock
from tests.harness.crowd import together
from wxlogin import errors
from wxlogin.error_mapping import api_error, entry_of
from wxlogin.wechat import NothingSent
from wxlogin.wechat import breaker as module
from wxlogin.wechat.breaker import FAILURES, OPEN_SECONDS, Breaker
from wxlogin.wechat.errors import NotAttempted

MOST = 4


class WeChatFails(Exception):
    """What a call meets."""


@pytest.fixture
def breaker(clock: SettableClock) -> Breaker:
    """A worker's breaker that lets four calls out at a time."""
    return Breaker(clock, MOST)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for a place waits for as long as a test may take."""
    monkeypatch.setattr(module, "WAIT_SECONDS", 20.0)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a place."""
    monkeypatch.setattr(module, "WAIT_SECONDS", 0.0)


def answered(breaker: Breaker) -> str:
    """Make a call that WeChat answers: `""`, or the code of the refusal."""
    try:
        with breaker.call():
            return ""
    except NotAttempted as error:
        return entry_of(error).code


def fail(breaker: Breaker, times: int = 1) -> None:
    """Make calls that fail."""
    for _ in range(times):
        with pytest.raises(WeChatFails), breaker.call():
            raise WeChatFails


def is_open(breaker: Breaker) -> bool:
    """Whether a call is refused; one that is let out is answered."""
    return answered(breaker) == errors.WX_UNAVAILABLE.code


class HangingCall:
    """A call on a thread of its own that hangs at WeChat until it is told how it ends."""

    def __init__(self, breaker: Breaker, pool: ThreadPoolExecutor) -> None:
        self._out = threading.Event()
        self._end = threading.Event()
        self._fails = False
        self.ended: Future[None] = pool.submit(self._make, breaker)

    def is_out(self) -> bool:
        """Wait until the call is let out; False where it never is."""
        return self._out.wait(20)

    def end(self, *, fails: bool = False) -> None:
        """Let WeChat answer or fail."""
        self._fails = fails
        self._end.set()
        assert self.ended.exception(20) is None

    def _make(self, breaker: Breaker) -> None:
        with suppress(WeChatFails), breaker.call():
            self._out.set()
            assert self._end.wait(20)
            if self._fails:
                raise WeChatFails


@pytest.fixture
def hang(breaker: Breaker) -> Iterator[Callable[[], HangingCall]]:
    """Makes calls that hang."""
    with ThreadPoolExecutor(32) as pool:

        def hang() -> HangingCall:
            return HangingCall(breaker, pool)

        yield hang


@contextmanager
def full(hang: Callable[[], HangingCall]) -> Iterator[None]:
    """Every place taken by a call that hangs, to the end of the block."""
    calls = [hang() for _ in range(MOST)]
    assert all(call.is_out() for call in calls)
    yield
    for call in calls:
        call.end()


# The circuit


def test_faults_below_the_limit_leave_the_circuit_closed(breaker: Breaker) -> None:
    fail(breaker, FAILURES - 1)
    assert not is_open(breaker)


def test_faults_in_a_row_open_the_circuit(breaker: Breaker) -> None:
    fail(breaker, FAILURES)
    assert is_open(breaker)


def test_an_answer_between_faults_starts_the_count_anew(breaker: Breaker) -> None:
    fail(breaker, FAILURES - 1)
    assert answered(breaker) == ""
    fail(breaker, FAILURES - 1)
    assert not is_open(breaker)


def test_an_open_circuit_tells_that_nothing_was_sent_and_when_to_come_again(
    breaker: Breaker, clock: SettableClock
) -> None:
    fail(breaker, FAILURES)
    told = []
    for _ in range(int(OPEN_SECONDS)):
        with pytest.raises(NothingSent) as refused, breaker.call():
            pytest.fail("the call is let out")
        told.append(refused.value.retry_after)
        clock.forward(1)
    assert told == [5, 4, 3, 2, 1]


def test_a_circuit_stays_open_to_its_last_moment(breaker: Breaker, clock: SettableClock) -> None:
    fail(breaker, FAILURES)
    clock.forward(OPEN_SECONDS - 0.001)
    assert is_open(breaker)
    clock.forward(0.001)
    assert not is_open(breaker)


def test_a_clock_that_is_set_back_does_not_keep_the_circuit_open(
    breaker: Breaker, clock: SettableClock
) -> None:
    fail(breaker, FAILURES)
    clock.forward(-3600)
    assert not is_open(breaker)


def test_a_trial_that_is_answered_closes_the_circuit(
    breaker: Breaker, clock: SettableClock
) -> None:
    fail(breaker, FAILURES)
    clock.forward(OPEN_SECONDS)
    assert answered(breaker) == ""
    fail(breaker, FAILURES - 1)
    assert not is_open(breaker)


def test_a_trial_that_fails_opens_the_circuit_for_the_whole_time(
    breaker: Breaker, clock: SettableClock
) -> None:
    fail(breaker, FAILURES)
    for _ in range(3):
        clock.forward(OPEN_SECONDS)
        fail(breaker)
        clock.forward(OPEN_SECONDS - 0.001)
        assert is_open(breaker)
        clock.forward(0.001)
    assert not is_open(breaker)


def test_of_many_calls_at_once_one_is_the_trial(
    breaker: Breaker, clock: SettableClock, patient: None
) -> None:
    """The trial ends when all others are refused; a second call let out would wait for ever."""
    fail(breaker, FAILURES)
    clock.forward(OPEN_SECONDS)
    others = threading.Semaphore(0)

    def ask() -> str:
        try:
            with breaker.call():
                return "trial" if all(others.acquire(timeout=20) for _ in range(19)) else "alone"
        except NotAttempted:
            others.release()
            return "refused"

    assert sorted(together([ask] * 20)) == ["refused"] * 19 + ["trial"]
    assert not is_open(breaker)


def test_during_a_trial_calls_are_refused_however_long_it_takes(
    breaker: Breaker, clock: SettableClock, hang: Callable[[], HangingCall]
) -> None:
    fail(breaker, FAILURES)
    clock.forward(OPEN_SECONDS)
    trial = hang()
    assert trial.is_out()
    clock.forward(OPEN_SECONDS * 10)
    with pytest.raises(NotAttempted) as refused, breaker.call():
        pytest.fail("the call is let out")
    assert api_error(refused.value).retry_after == errors.WX_UNAVAILABLE.retry_after
    trial.end(fails=True)
    assert is_open(breaker)


@pytest.mark.parametrize("fails", [False, True])
def test_what_went_out_before_the_circuit_opened_does_not_decide(
    breaker: Breaker, clock: SettableClock, hang: Callable[[], HangingCall], *, fails: bool
) -> None:
    late, later = hang(), hang()
    assert late.is_out()
    assert later.is_out()
    fail(breaker, FAILURES)
    clock.forward(OPEN_SECONDS - 1)
    late.end(fails=fails)
    assert is_open(breaker)
    clock.forward(1)
    trial = hang()
    assert trial.is_out()
    later.end(fails=fails)
    assert is_open(breaker)
    trial.end()
    assert not is_open(breaker)


def test_what_is_no_error_of_ours_counts_too(breaker: Breaker) -> None:
    """A greenlet that is killed as it waits is a fault, and gives its place back."""
    for _ in range(FAILURES):
        with pytest.raises(KeyboardInterrupt), breaker.call():
            raise KeyboardInterrupt
    assert is_open(breaker)


# The bulkhead


def test_all_get_their_turn_and_no_more_than_the_limit_are_out_at_once(
    breaker: Breaker, patient: None
) -> None:
    """Four go out together each time; whoever is not woken for a free place comes too late."""
    lock, together_at_wechat = threading.Lock(), threading.Barrier(MOST)
    out = [0]

    def ask() -> None:
        with breaker.call():
            with lock:
                out.append(out[-1] + 1)
            together_at_wechat.wait(10)
            with lock:
                out.append(out[-1] - 1)

    together([ask] * (MOST * 10))
    assert max(out) == MOST


def test_a_call_too_many_is_refused_as_nothing_that_was_sent(
    breaker: Breaker, hang: Callable[[], HangingCall], impatient: None
) -> None:
    with full(hang):
        with pytest.raises(NothingSent) as refused, breaker.call():
            pytest.fail("the call is let out")
        assert entry_of(refused.value) is errors.WX_UNAVAILABLE
        assert api_error(refused.value).retry_after == errors.WX_UNAVAILABLE.retry_after


def test_refusals_of_the_bulkhead_are_no_faults(
    breaker: Breaker, hang: Callable[[], HangingCall], impatient: None
) -> None:
    with full(hang):
        assert all(is_open(breaker) for _ in range(FAILURES))
    assert not is_open(breaker)


def test_who_waits_for_a_place_is_refused_as_soon_as_the_circuit_opens(
    breaker: Breaker, hang: Callable[[], HangingCall], patient: None
) -> None:
    fail(breaker, FAILURES - 1)
    calls = [hang() for _ in range(MOST)]
    assert all(call.is_out() for call in calls)
    waiting = [hang() for _ in range(8)]
    calls[0].end(fails=True)
    refusals = [call.ended.exception(5) for call in waiting]
    assert {type(refusal) for refusal in refusals} == {NotAttempted}
    for call in calls[1:]:
        call.end()


def test_a_trial_on_the_last_place_keeps_nobody_waiting(
    breaker: Breaker, clock: SettableClock, hang: Callable[[], HangingCall], patient: None
) -> None:
    calls = [hang() for _ in range(MOST - 1)]
    assert all(call.is_out() for call in calls)
    fail(breaker, FAILURES)
    clock.forward(OPEN_SECONDS)
    calls.append(hang())
    assert calls[-1].is_out()
    assert type(hang().ended.exception(5)) is NotAttempted
    for call in calls:
        call.end()
