"""What the watch has written down of a user, for the one who asks what is held of them."""

from __future__ import annotations

from wxlogin.accounts.personal_data import Records
from wxlogin.watch.audit import Audit
from wxlogin.watch.recorder import Recorder


def records_of_users(recorder: Recorder, audit: Audit) -> Records:
    """Return what reads a user's events, alerts and the acts that the trail has of them."""
    return Records(
        events=lambda user: recorder.log.page(user=user),
        alerts=lambda user: recorder.alerts.latest(subject=user),
        acts=lambda user: audit.page(target=f"user:{user}"),
    )
