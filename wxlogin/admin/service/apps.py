"""What operators see of mini-programs and do to them."""

from __future__ import annotations

from collections.abc import Iterator

from structlog.contextvars import bind_contextvars

from wxlogin import errors
from wxlogin.accounts import MiniProgram
from wxlogin.accounts.registry import Step
from wxlogin.admin.paging import Page, PageQuery, page
from wxlogin.admin.schemas.apps import AppItem, NewAppBody, PushKeysBody
from wxlogin.admin.schemas.shared import Ended
from wxlogin.clock import iso
from wxlogin.engines import Engines
from wxlogin.errors import ApiError
from wxlogin.watch.audit import Act, Actor
from wxlogin.wechat import Credentials


def listed(engines: Engines, query: PageQuery) -> Page[AppItem]:
    """A page of the mini-programs, newest first."""
    position = query.position(int)
    apps = sorted(engines.apps.all().values(), key=lambda app: app.id, reverse=True)
    rows = [app for app in apps if position is None or app.id < int(position[0])]
    return page(rows, query.limit, _item, lambda app: (app.id,))


def add(engines: Engines, actor: Actor, body: NewAppBody) -> AppItem:
    """Register a mini-program; INVALID_REQUEST if it is registered."""
    with engines.audit.act(actor, "app.add", _target(body.appid)):
        engines.registry.add(Credentials(body.appid, body.secret), body.name)
    return shown(engines, body.appid)


def set_secret(engines: Engines, actor: Actor, appid: str, secret: str) -> AppItem:
    """Replace the AppSecret once WeChat has taken it; no session ends."""
    shown(engines, appid)
    bind_contextvars(app=appid)
    with engines.audit.act(actor, "app.set_secret", _target(appid)):
        engines.registry.set_secret(Credentials(appid, secret))
    return shown(engines, appid)


def set_push_keys(engines: Engines, actor: Actor, appid: str, body: PushKeysBody) -> AppItem:
    """Keep the keys of the message push in place of those before."""
    shown(engines, appid)
    with engines.audit.act(actor, "app.set_push_keys", _target(appid)):
        engines.registry.set_push_keys(appid, body.token, body.aes_key)
    return shown(engines, appid)


def end_sessions(engines: Engines, actor: Actor, appid: str) -> Ended:
    """End the sessions of all users of the mini-program, who can log in again."""
    shown(engines, appid)
    with engines.audit.act(actor, "app.end_sessions", _target(appid)) as act:
        return Ended(ended=_to_the_end(engines.registry.end_sessions(appid), act))


def disable(engines: Engines, actor: Actor, appid: str) -> Ended:
    """Refuse its logins and end its sessions."""
    shown(engines, appid)
    with engines.audit.act(actor, "app.disable", _target(appid)) as act:
        return Ended(ended=_to_the_end(engines.registry.disable(appid), act))


def enable(engines: Engines, actor: Actor, appid: str) -> AppItem:
    """Let its users in again, at once."""
    shown(engines, appid)
    with engines.audit.act(actor, "app.enable", _target(appid)):
        for _ in engines.registry.enable(appid):
            pass
    return shown(engines, appid)


def shown(engines: Engines, appid: str) -> AppItem:
    """One mini-program; NOT_FOUND if it is not registered."""
    app = engines.apps.all().get(appid)
    if app is None:
        raise ApiError(errors.NOT_FOUND, "No mini-program of this appid is registered.")
    return _item(app)


def _to_the_end(steps: Iterator[Step], act: Act) -> int:
    """How many sessions ended; the audit trail tells how far it came, also where it broke off."""
    for step in steps:
        act.detail = {"users": step.seen, "ended": step.done}
    return int(act.detail.get("ended", 0))


def _item(app: MiniProgram) -> AppItem:
    return AppItem(
        id=app.appid,
        appid=app.appid,
        name=app.name,
        status=app.status,
        push_keys=app.push_keys,
        created_at=iso(int(app.created_at.timestamp() * 1000)),
    )


def _target(appid: str) -> str:
    return f"app:{appid}"
