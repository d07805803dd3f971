"""Guides for operators whose AppSecret leaked, or is refused by WeChat: step by step."""

from __future__ import annotations

from wxlogin.admin.apps import service
from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.layout import page
from wxlogin.guard.admin_gate import permitted
from wxlogin.services import services

REFUSALS = (40125, 40013, 40164, 61004, 40243, 89503, 50002, 50007)
"""The errcodes that whoever sets an AppSecret may see, the commonest first."""


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
