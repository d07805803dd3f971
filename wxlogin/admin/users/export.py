"""The export of everything that is stored of a user, unmasked, for the person who asks for it."""

from __future__ import annotations

from wxlogin.accounts import UserDirectory
from wxlogin.accounts.personal_data import PersonalData
from wxlogin.admin.lookup_limits import Requester, hit_lookup_limit
from wxlogin.admin.users.actions import target
from wxlogin.admin.users.schemas import Export
from wxlogin.limits.rate_limits import RateLimits
from wxlogin.services import Watch


def export(
    watch: Watch,
    rates: RateLimits,
    directory: UserDirectory,
    personal_data: PersonalData,
    who: Requester,
    user_id: str,
) -> Export:
    """Return everything of a user; NOT_FOUND for an unknown id.

    This counts towards the limit of `who`.
    """
    hit_lookup_limit(rates, watch.recorder, "export", who)
    directory.get(user_id)
    with watch.audit.act(who.actor, "user.export", target(user_id)):
        return Export(**vars(personal_data.collect(user_id)))
