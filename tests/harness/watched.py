"""What the watch wrote down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select

from tests.harness.site import Site
from wxlogin.clock import milliseconds
from wxlogin.extensions import db
from wxlogin.models import Alert, SecurityEvent
from wxlogin.sessions.causes import Cause
from wxlogin.sessions.end_notes import EndedSession, Ending


def events(site: Site, kind: str = "") -> list[SecurityEvent]:
    """The rows of security events, oldest first, once the site has written all it took."""
    site.app.extensions["wxlogin"].watch.recorder.flush()
    return written(site, kind)


def written(site: Site, kind: str = "") -> list[SecurityEvent]:
    """As `events`, of what is written at this moment."""
    wanted = select(SecurityEvent).order_by(SecurityEvent.id)
    if kind:
        wanted = wanted.where(SecurityEvent.kind == kind)
    with site.app.app_context():
        return list(db.session.scalars(wanted))


def alerts(site: Site) -> list[Alert]:
    """The alerts that were raised, oldest first, once the site has judged all it took."""
    site.app.extensions["wxlogin"].watch.recorder.flush()
    with site.app.app_context():
        return list(db.session.scalars(select(Alert).order_by(Alert.id)))


def counted(site: Site) -> Counter[str]:
    """How many events of each kind there were."""
    found: Counter[str] = Counter()
    for row in events(site):
        found[row.kind] += row.count
    return found


def tell_end(site: Site, user: str, session: str, cause: Cause) -> None:
    """Tell the site that a session ended."""
    ended = EndedSession(session, milliseconds(site.clock), Ending(user, cause))
    site.services.watch.recorder.sessions_ended([ended])


@contextmanager
def held_back(site: Site) -> Iterator[None]:
    """Let the site write no event until the block ends."""
    with site.app.extensions["wxlogin"].watch.recorder._writing:
        yield
