"""The page of the keys."""

from __future__ import annotations

from flask import Response, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from wxlogin.admin.console.actions import Question, Subject, action
from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.layout import page
from wxlogin.admin.console.notices import done
from wxlogin.admin.keys import service
from wxlogin.admin.paging import MAX_LIMIT, PageQuery
from wxlogin.guard.admin_gate import actor, permitted
from wxlogin.services import services

KEYS = Subject(name=lambda: "", back=lambda: url_for("console.key_rings"))


@console.get("/keys")
@permitted("keys.read")
def key_rings() -> str:
    """List the keys by name."""
    found = service.list_keys(services.keyring.reports, PageQuery(limit=MAX_LIMIT))
    return page("keys", rings=found)


@action(
    "/keys/rotate",
    "keys.rotate",
    KEYS,
    Question(
        _("Rotate the keys?"),
        _(
            "Everything is sealed and indexed under the newest keys, while the service runs. "
            "Nobody is signed out."
        ),
        _("Rotate the keys"),
        danger=False,
    ),
)
def rotate_keys() -> Response:
    """Rotate the keys in the background."""
    service.rotate(services.watch.audit, services.keyring.rotation, actor())
    return done(url_for("console.key_rings"), gettext("The keys are being rotated."))
