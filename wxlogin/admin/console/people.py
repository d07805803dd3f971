"""Names of people and mini-programs for lists, where ids alone would say little."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask import g

from wxlogin.accounts import MiniProgram, masks
from wxlogin.services import services


def nicknames(users: Iterable[str | None]) -> dict[str, str]:
    """Return the masked nicknames of users who have one, by id, for all rows in one query."""
    wanted = {one for one in users if one}
    known = services.accounts.directory.stored_profiles(wanted) if wanted else {}
    masked = {one: masks.masked_nickname(profile) for one, profile in known.items()}
    return {one: name for one, name in masked.items() if name}


def devices(users: Iterable[str]) -> dict[str, int]:
    """Return how many sessions each of these users has, in one round trip."""
    return services.sessions.store.live.count_each(list(dict.fromkeys(users)))


def app_name(appid: str) -> str:
    """Return what operators call a mini-program, its appid if it is not registered."""
    app = _apps().get(appid)
    return app.name if app else appid


def _apps() -> Mapping[str, MiniProgram]:
    """Return the mini-programs, asked for once a page."""
    if "apps" not in g:
        g.apps = services.accounts.apps.all()
    found: Mapping[str, MiniProgram] = g.apps
    return found
