"""What was ended for good, on the databases of production: it is kept, and read batch by batch."""

from __future__ import annotations

import pytest

from tests.harness.command_line import CommandLine
from tests.harness.console import Operator
from tests.harness.phone import Phone
from tests.harness.site import APPID, Site
from wxlogin.accounts import reconciliation_queries
from wxlogin.redisdb import keys

ASIDE = "~"


@pytest.fixture
def site(migrated_site: Site) -> Site:
    """A running wxlogin on each database in turn."""
    return migrated_site


def set_aside(site: Site, phones: list[Phone]) -> list[str]:
    """Copy the sessions in Redis, and return the names of their keys."""
    slots = [keys.slot(phone.user_id) for phone in phones]
    names = [name for slot in slots for name in site.redis.keys(f"{slot}[is]*")]
    for name in names:
        site.redis.copy(name, name + ASIDE)
    return names


def bring_back(site: Site, names: list[str]) -> None:
    """Put the copies in their places again."""
    for name in names:
        site.redis.rename(name + ASIDE, name)


def test_sessions_that_redis_has_again_are_ended_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciliation_queries, "BATCH", 2)
    owner, reconcile = Operator(site, "owner").sign_in(), CommandLine(site, "sessions")
    phones = [Phone(site, f"user-{n}") for n in range(6)]
    for phone in phones:
        phone.login()
    banned, unbanned, erased, kicked, left, untouched = phones
    names = set_aside(site, phones)
    for phone in (banned, unbanned):
        owner.done("POST", f"/users/{phone.user_id}/ban", json={"reason": "spam"})
    owner.done("DELETE", f"/users/{unbanned.user_id}/ban")
    owner.done("DELETE", f"/users/{erased.user_id}")
    owner.done("POST", f"/users/{kicked.user_id}/kick")
    assert left.logout("all") == 1
    bring_back(site, names)
    assert [phone.refusal() for phone in phones] == [""] * 6
    said = reconcile.done("reconcile")
    assert said == (
        "Looked at 5 users whose sessions were ended for good; 5 sessions of theirs ended again.\n"
    )
    assert [bool(phone.refusal()) for phone in phones] == [True] * 5 + [False]
    names = set_aside(site, [untouched])
    owner.done("POST", f"/apps/{APPID}/end-sessions")
    bring_back(site, names)
    site.redis.delete(next(keys.applied_changes()))  # an older copy does not have it
    assert "1 session of theirs ended again" in reconcile.done("reconcile")
    assert untouched.refusal() == "SESSION_REVOKED"
    untouched.login()
    assert "; 0 sessions of theirs ended again" in reconcile.done("reconcile")
