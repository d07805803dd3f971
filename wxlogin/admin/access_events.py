"""Events about access to the console: given, guessed at, or used for looking many users up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from wxlogin.operators.errors import SecondFactorGuessed
from wxlogin.watch.audit import Actor
from wxlogin.watch.events import AdminEvent, Kind
from wxlogin.watch.recorder import Recorder


def report(recorder: Recorder, kind: Kind, actor: Actor, target: str = "") -> None:
    """Record an event, which also alerts the operators."""
    recorder.record(AdminEvent(kind=kind, by=actor.name, target=target, address=actor.address))


@contextmanager
def reporting_guesses(recorder: Recorder, actor: Actor) -> Iterator[None]:
    """Report a second factor that is guessed at by somebody who knows the password."""
    try:
        yield
    except SecondFactorGuessed:
        report(recorder, Kind.ADMIN_CODE_GUESSED, actor)
        raise
