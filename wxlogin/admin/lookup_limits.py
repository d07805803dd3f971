"""Limits of what one admin or API token may look up of users, and the alert when one is reached."""

from __future__ import annotations

from typing import Literal, NamedTuple

from wxlogin.admin.access_events import report
from wxlogin.guard.admin_gate import actor, is_allowed, operator_id
from wxlogin.limits.errors import RateLimited
from wxlogin.limits.rate_limits import RateLimits
from wxlogin.watch.audit import Actor
from wxlogin.watch.events import Kind
from wxlogin.watch.recorder import Recorder

KINDS: dict[Literal["export", "search"], Kind] = {
    "export": Kind.ADMIN_EXPORT_LIMITED,
    "search": Kind.ADMIN_SEARCH_LIMITED,
}


class Requester(NamedTuple):
    """The admin or API token that looks users up, and whether it may search by phone number.

    Limits count it by `id`, the audit trail names it by `actor`.
    """

    id: str
    actor: Actor
    may_search_phone: bool


def current_requester() -> Requester:
    """Return who makes this request."""
    return Requester(operator_id(), actor(), is_allowed("users.search_phone"))


def masks_more() -> bool:
    """Return whether to mask more of users: the admin or API token may not reveal them."""
    return not is_allowed("users.reveal")


def hit_lookup_limit(
    rates: RateLimits, recorder: Recorder, limit: Literal["export", "search"], who: Requester
) -> None:
    """Count an export or a search; RATE_LIMITED, and an alert, over the limit."""
    try:
        rates.hit(who.id, limit)
    except RateLimited:
        report(recorder, KINDS[limit], who.actor)
        raise
