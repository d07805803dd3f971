"""A key that somebody else has: what it signed or sealed ends, and what could have been read."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Engine, func, select, update

from wxlogin.accounts import Apps
from wxlogin.accounts.update_expressions import latest
from wxlogin.clock import Clock, milliseconds
from wxlogin.keyring.errors import KeyUnknown
from wxlogin.keyring.rings import SETTINGS
from wxlogin.models import Admin, App, User
from wxlogin.operators.admin_sessions import AdminSessions
from wxlogin.plural import plural
from wxlogin.sessions import SessionKeys, SessionStore
from wxlogin.sessions.causes import Cause
from wxlogin.vault.derivation import KeyKind
from wxlogin.wechat import AccessTokens
from wxlogin.wechat.errors import WeChatError

BATCH = 200
COMPROMISED = Cause("kicked", "cli", "keys.compromised")
EXPOSED: dict[KeyKind, str] = {
    "signing": (
        "The key alone makes no token that works. With it and a session's token or a copy of "
        "Redis, requests could be signed in the user's name. Take the key out of "
        "WXLOGIN_SECRET_KEYS now."
    ),
    "index": (
        "With the key and a copy of the database one could try whether an openid is a user's, and "
        "find the phone numbers of {users} by trying all there are. No session is affected. Take "
        "the key out of WXLOGIN_INDEX_KEYS once no row needs it."
    ),
    "data": (
        "With the key and a copy of the database one could read the AppSecrets and push keys of "
        "{apps}, the second factors of {admins}, the secrets of webhooks, and openid, unionid, "
        "phone number and profile of {users}, and forge the audit trail; with a copy of Redis, "
        "session_keys and access_tokens. Sealing anew protects later copies alone: replace every "
        "AppSecret (`apps set-secret`), the push keys (`apps set-push-keys`) and the secret of "
        "each webhook, have every admin enrol anew (`admin reset-totp`), and take the key out of "
        "WXLOGIN_DATA_KEYS."
    ),
}
"""What a key of each kind opens."""

logger = logging.getLogger(__name__)


class Ended(NamedTuple):
    """Users seen, users in all, sessions ended."""

    seen: int
    users: int
    sessions: int


class Ending(NamedTuple):
    """What ends sessions and tokens."""

    store: SessionStore
    session_keys: SessionKeys
    admin_sessions: AdminSessions
    apps: Apps
    access_tokens: AccessTokens


class Compromise:
    """Ends what a key signed or sealed in Redis; what lies in SQL is re-sealed by the rotation."""

    def __init__(
        self, sql: Engine, rings: Mapping[KeyKind, Sequence[str]], ending: Ending, clock: Clock
    ) -> None:
        self._sql = sql
        self._rings = rings
        self._ending = ending
        self._clock = clock

    def find(self, name: str) -> tuple[KeyKind, str]:
        """Return the kind and id of an older key by `KIND:ID`, or by an id that one ring has.

        KeyUnknown for any other, and for a newest one: what is new would be under it again.
        """
        wanted, _, key_id = name.rpartition(":")
        kinds = [
            kind for kind, ids in self._rings.items() if wanted in ("", kind) and key_id in ids
        ]
        if len(kinds) != 1:
            known = ", ".join(f"{kind}:{one}" for kind, ids in self._rings.items() for one in ids)
            raise KeyUnknown(fields=[("--compromised", f"should be one of {known}")])
        if self._rings[kinds[0]][0] == key_id:
            why = f"is the newest key; put another one first in {SETTINGS[kinds[0]]} before"
            raise KeyUnknown(fields=[("--compromised", why)])
        return kinds[0], key_id

    def end(self, kind: KeyKind, key_id: str) -> Iterator[Ended]:
        """End what a key signed or sealed; yield after each batch of users.

        It may be stopped and run again. An index key signs and seals nothing.
        """
        if kind == "index":
            return
        self._end_admins()
        with self._sql.connect() as connection:
            users = connection.scalar(select(func.count()).select_from(User)) or 0
        seen = ended = last = 0
        while rows := self._batch(last):
            public_ids = [public_id for _, public_id in rows]
            if kind == "signing":
                ended += self._ending.store.end_signed_by(public_ids, key_id, COMPROMISED)
            else:
                ended += self._end_sealed(public_ids, key_id)
            seen, last = seen + len(rows), rows[-1][0]
            yield Ended(seen, max(seen, users), ended)

    def replace_access_tokens(self) -> list[str]:
        """Have WeChat end every access_token; return the appids where it did not."""
        failed = []
        for app in self._ending.apps.all().values():
            try:
                self._ending.access_tokens.refresh(app.credentials)
            except WeChatError as fault:
                logger.warning("the access_token of %s was not renewed: %s", app.appid, fault)
                failed.append(app.appid)
        return failed

    def could_have_read(self, kind: KeyKind) -> str:
        """Return what somebody with an older key could have read or done, and what to do now."""
        with self._sql.connect() as connection:
            users, apps, admins = (
                connection.scalar(select(func.count()).select_from(model)) or 0
                for model in (User, App, Admin)
            )
        return EXPOSED[kind].format(
            users=plural(users, "user"),
            apps=plural(apps, "mini-program"),
            admins=plural(admins, "admin"),
        )

    def _batch(self, last: int) -> list[tuple[int, str]]:
        users = select(User.id, User.public_id).where(User.id > last)
        with self._sql.connect() as connection:
            rows = connection.execute(users.order_by(User.id).limit(BATCH)).all()
        return [(row.id, row.public_id) for row in rows]

    def _end_sealed(self, public_ids: Sequence[str], key_id: str) -> int:
        found = self._ending.session_keys.sealed_by(public_ids, key_id)
        if found:  # SQL first: a copy of Redis has these sessions again
            void = {"void_before": latest(User.void_before, milliseconds(self._clock))}
            with self._sql.begin() as connection:
                connection.execute(update(User).where(User.public_id.in_(found)).values(void))
        ended = self._ending.store.end_all(found, COMPROMISED) if found else 0
        self._ending.session_keys.delete_all(found)
        return ended

    def _end_admins(self) -> None:
        with self._sql.connect() as connection:
            admins = connection.scalars(select(Admin.public_id)).all()
        for admin in admins:
            self._ending.admin_sessions.end_all(admin)
