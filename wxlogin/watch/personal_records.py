"""What the watch has written down of a user, for the one who asks what is held of them."""

from __future__ import annotations

from wxlogin.accounts.personal_data import Records
from wxlogin.outbox.history import History
from wxlogin.watch.audit_acts import ActFilter, AuditActs
from wxlogin.watch.event_log import EventFilter
from wxlogin.watch.recorder import Recorder
from wxlogin.watch.timeline import Timeline


def records_of_users(
    recorder: Recorder, timeline: Timeline, acts: AuditActs, webhooks: History
) -> Records:
    """Return what reads a user's ended sessions, events, alerts, acts, and what webhooks tell."""
    return Records(
        ends=lambda user: timeline.list_ends(user.row_id, user.id),
        events=lambda user: recorder.log.page(wanted=EventFilter(user=user)),
        alerts=lambda user: recorder.alerts.latest(subject=user),
        acts=lambda user: [one.entry for one in acts.page(wanted=ActFilter(target=f"user:{user}"))],
        webhooks=webhooks.of_user,
    )
