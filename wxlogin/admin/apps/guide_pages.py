"""Guides for operators whose AppSecret leaked, or is refused by WeChat: step by step."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from wxlogin.admin.apps import service
from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.layout import page
from wxlogin.guard.admin_gate import permitted
from wxlogin.services import services

REFUSALS = (
    ("40125", _("The AppSecret is wrong, or was reset: copy it anew and replace it here.")),
    ("40013", _("The AppID is wrong, or is not that of a mini-program.")),
    ("40164", _("This server's address is not on the IP allow list: add it there.")),
    ("61004", _("This server's address is not on the IP allow list: add it there.")),
    ("40243", _("The AppSecret is frozen: unfreeze it there, then reset it.")),
    ("89503", _("An administrator of the mini-program has to confirm this server's address.")),
    ("50002, 50007", _("The mini-program is restricted or frozen: see the notices there.")),
)
"""What WeChat's errcodes mean for whoever sees one, and what to do."""


@console.get("/apps/<appid>/leaked-secret")
@permitted("apps.read")
def leaked_secret(appid: str) -> str:
    """Tell what to do about an AppSecret that leaked."""
    return page("guide_leaked", app=service.get(services.accounts, appid))


@console.get("/apps/<appid>/wrong-secret")
@permitted("apps.read")
def wrong_secret(appid: str) -> str:
    """Tell what to do about an AppSecret that WeChat refuses."""
    return page("guide_wrong", app=service.get(services.accounts, appid), refusals=REFUSALS)
