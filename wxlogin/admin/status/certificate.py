"""What the status says of the TLS certificate."""

from __future__ import annotations

from datetime import datetime

from wxlogin.admin.certificate_words import ADVICE, RENEW, WORDS, Reason
from wxlogin.admin.status.schemas import CertificateItem, State
from wxlogin.clock import iso_unix
from wxlogin.watch.certificate import CertificateWatch, Seen


def certificate(watch: CertificateWatch, now: datetime) -> CertificateItem:
    """Return what is known of the certificate."""
    seen, at = watch.latest() if watch.host else None, now.timestamp()
    reason = _reason(watch, seen)
    ending = seen is not None and seen.is_ending(at)
    return CertificateItem(
        state=_state(seen, ending=ending),
        host=watch.host or None,
        ends_at=iso_unix(seen.ends) if seen and seen.ends else None,
        days_left=seen.days_left(at) if seen else None,
        reason=reason,
        what=WORDS[reason] if reason else None,
        advice=ADVICE.get(reason) if reason else RENEW if ending else None,
        checked_at=iso_unix(seen.at) if seen else None,
    )


def _state(seen: Seen | None, *, ending: bool) -> State:
    if seen is None or (seen.ends is None and seen.fault is None):
        return "unknown"
    if seen.fault:
        return "wrong"
    return "ends_soon" if ending else "ok"


def _reason(watch: CertificateWatch, seen: Seen | None) -> Reason | None:
    if not watch.host:
        return "plain_http" if watch.url else "not_set"
    if seen is None:
        return "not_looked_yet"
    return seen.fault or (None if seen.ends else "no_answer")
