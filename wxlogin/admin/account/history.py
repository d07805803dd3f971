"""What an admin should know of their own account: where it was signed in to, and notices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from wxlogin.admin.account.schemas import NoticeItem, OwnSession, SignInItem
from wxlogin.admin.account.sign_in import NEW_ADDRESS, SIGN_INS, target
from wxlogin.admin.paging import Page, PageQuery, page
from wxlogin.admin.times import iso_time
from wxlogin.clock import Clock, iso, utc_now
from wxlogin.guard.admin_gate import SignedIn
from wxlogin.models import Admin
from wxlogin.operators import Operators
from wxlogin.operators.credentials import has_second_factor
from wxlogin.services import Watch
from wxlogin.watch.audit_acts import ActFilter, AuditAct

NOTICE_DAYS = 30
"""For how long a notice tells of what was done."""
MOST_ACTS = 200
FEW_CODES = 3
BY_OTHERS = (
    "admin.create",
    "admin.invite",
    "admin.change",
    "admin.reset_password",
    "admin.reset_totp",
)
NOTICED = ("admin.sign_in", *BY_OTHERS)
"""Acts of which a notice may tell."""


class Account(NamedTuple):
    """Where the account of the admin is looked at."""

    operators: Operators
    watch: Watch
    clock: Clock


def list_sessions(account: Account, who: SignedIn) -> list[OwnSession]:
    """Return the admin's live sessions, newest first."""
    return [
        OwnSession(
            id=session.sid,
            current=session.sid == who.session.sid,
            created_at=iso(session.created),
            last_seen_at=iso(session.seen),
            address=session.address,
            region=_region(account.watch, session.address),
            browser=session.browser,
            system=session.system,
        )
        for session in account.operators.sessions.list(who.admin.public_id)
    ]


def list_sign_ins(watch: Watch, who: SignedIn, query: PageQuery) -> Page[SignInItem]:
    """Return the sign-ins to the admin's account, newest first, as the audit trail has them."""
    wanted = ActFilter(target=target(who.admin), acts=SIGN_INS, outcome="done")
    found = watch.acts.page(query.limit + 1, before=query.before(), wanted=wanted)
    return page(found, query.limit, lambda act: _sign_in(watch, act), lambda act: (act.entry.id,))


def list_notices(account: Account, who: SignedIn) -> list[NoticeItem]:
    """Return what the admin should look at, newest first; what is so now comes before."""
    now = utc_now(account.clock)
    since = now - timedelta(days=NOTICE_DAYS)
    wanted = ActFilter(target=target(who.admin), acts=NOTICED, outcome="done", since=since)
    acts = account.watch.acts.page(MOST_ACTS, wanted=wanted)
    return [*_present(account.operators, who.admin, now), *_past(account.watch, who.admin, acts)]


def _sign_in(watch: Watch, act: AuditAct) -> SignInItem:
    return SignInItem(
        id=act.entry.number,
        at=iso_time(act.entry.at),
        address=act.entry.address,
        region=_region(watch, act.entry.address),
        browser=str(act.detail.get("browser", "")),
        system=str(act.detail.get("system", "")),
        new_address=bool(act.detail.get(NEW_ADDRESS)),
    )


def _present(operators: Operators, admin: Admin, now: datetime) -> Iterator[NoticeItem]:
    at = iso_time(now)
    left = len(admin.recovery_codes.split())
    if not has_second_factor(admin):
        yield NoticeItem(kind="no_second_factor", at=at)
    elif left <= FEW_CODES:
        yield NoticeItem(kind="few_recovery_codes", at=at, count=left)
    for token in operators.tokens.all():
        if (
            (token.keeper or token.made_by) == admin.name
            and token.revoked_at is None
            and operators.tokens.ends_soon(token.expires_at)
        ):
            ends = token.expires_at or now
            yield NoticeItem(kind="token_ends", at=iso_time(ends), name=token.name)


def _past(watch: Watch, admin: Admin, acts: Sequence[AuditAct]) -> Iterator[NoticeItem]:
    for act in acts:
        entry = act.entry
        told = {"at": iso_time(entry.at), "address": entry.address, "by": entry.actor}
        if entry.act == "admin.sign_in" and act.detail.get(NEW_ADDRESS):
            yield NoticeItem(kind="new_address", region=_region(watch, entry.address), **told)
        elif entry.act in BY_OTHERS and entry.actor != f"admin:{admin.name}":
            yield NoticeItem(kind="changed", act=entry.act, **told)


def _region(watch: Watch, address: str) -> str | None:
    region = watch.regions.of(address) if address else None
    return region.text if region else None
