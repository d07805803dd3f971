"""Rings of keys for hosts that disagree, and sites of two hosts on the same stores."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import update

from tests.harness.site import Site
from wxlogin.extensions import db
from wxlogin.models import KnownKey
from wxlogin.services import Keyring, Services

SIGNING = ("Zr7mQ1xW9vT4kN6bY2sF8pL3hD5gJ0cA", "n4Kq8Wc2Rz6Jv0Xf5Ty9Bm3Hd7Lp1Gs-")
DATA = (
    "d1:q83vEjRWeJq8TXhQ2ZFmP0Lw5nKb7tXy1oCe9uVgHaM=",
    "d2:Yk3sVn8QeLr0WzTb5Hc1Jm9Xp4Gu6Fd2Ai7KoRtMvBw=",
)
INDEX = (
    "i1:Tn4Vx0PzK2mWb6QyR8sLd1Fh3Jc5GaEu7oNiMvXkBtw=",
    "i2:Cw9Hr5TyMn2Kx7Qb0Zs4Vf8Ld1Jg3Pe6Uo5AiXtRvNk=",
)
KINDS = {
    "signing": ("SECRET_KEYS", SIGNING),
    "data": ("DATA_KEYS", DATA),
    "index": ("INDEX_KEYS", INDEX),
}


def rings(*order: int, **other: tuple[int, ...]) -> dict[str, str]:
    """The settings of a host: the keys of each ring by number, `other` for one kind."""
    return {
        f"WXLOGIN_{name}": ",".join(ring[number - 1] for number in other.get(kind, order))
        for kind, (name, ring) in KINDS.items()
    }


def of_command(site: Site, *order: int, **other: tuple[int, ...]) -> dict[str, str]:
    """The settings of a command on the site's stores, with these rings."""
    return {
        "WXLOGIN_ENV": "testing",
        "WXLOGIN_DATABASE_URL": site.settings.database_url,
        "WXLOGIN_REDIS_URL": site.settings.redis_url,
        **rings(*order, **other),
    }


def keyring(site: Site) -> Keyring:
    """The site's services of keys."""
    services: Services = site.app.extensions["wxlogin"]
    return services.keyring


def give_up(site: Site, kind: str, key_id: str) -> None:
    """Say that a key is lost, whether or not the site still has it."""
    with site.app.app_context():
        lost = KnownKey.kind == kind, KnownKey.key_id == key_id
        now = datetime.fromtimestamp(site.clock(), UTC)
        db.session.execute(update(KnownKey).where(*lost).values(given_up_at=now))
        db.session.commit()
