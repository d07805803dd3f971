"""What operators see of mini-programs and do to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from structlog.contextvars import bind_contextvars

from wxlogin import errors
from wxlogin.accounts import Apps, MiniProgram
from wxlogin.accounts.app_access import Step
from wxlogin.accounts.phone_number_usage import Calls
from wxlogin.admin.apps.schemas import (
    AppItem,
    NewAppBody,
    PayKeyBody,
    PhoneCallsItem,
    PushKeysBody,
    ScanPageBody,
    ScanPageItem,
)
from wxlogin.admin.paging import Part, Position
from wxlogin.admin.schemas import Ended
from wxlogin.admin.short_lists import ShortQuery, part_of
from wxlogin.clock import iso_time
from wxlogin.errors import ApiError
from wxlogin.services import Accounts
from wxlogin.watch.audit import Act, Actor, Audit
from wxlogin.wechat import Credentials, ScanPage
from wxlogin.wechat.message_crypto import PushKeys


def list_apps(
    accounts: Accounts, query: ShortQuery, limit: int, after: Position | None = None
) -> Part[AppItem]:
    """Return up to `limit` mini-programs, newest first unless the query says so."""
    apps = accounts.apps.all()
    calls = accounts.phone_calls.read(list(apps))

    def item(app: MiniProgram) -> AppItem:
        return _item(app, calls.get(app.appid))

    return part_of(apps.values(), query, limit, after, item, lambda app: app.id)


def get(accounts: Accounts, appid: str) -> AppItem:
    """Return one mini-program; NOT_FOUND if it is not registered."""
    app = accounts.apps.all().get(appid)
    if app is None:
        raise ApiError(errors.NOT_FOUND, "No mini-program of this appid is registered.")
    return _item(app, accounts.phone_calls.read([appid]).get(appid))


def require_registered(apps: Apps, appids: Sequence[str]) -> None:
    """Raise INVALID_REQUEST for the field `apps` unless all appids are registered."""
    for appid in apps.unregistered(appids):
        raise ApiError(errors.INVALID_REQUEST, fields=[("apps", f"{appid} is not registered")])


def add(audit: Audit, accounts: Accounts, actor: Actor, body: NewAppBody) -> AppItem:
    """Register a mini-program once WeChat takes its AppSecret; INVALID_REQUEST if it is already."""
    credentials, app_admin = Credentials(body.appid, body.secret), accounts.app_admin
    bind_contextvars(app=body.appid)
    with audit.act(actor, "app.add", _target(body.appid)):
        app_admin.require_new(body.appid)
        app_admin.try_secret(credentials)
        app_admin.create(credentials, body.name)
    return get(accounts, body.appid)


def rename(audit: Audit, accounts: Accounts, actor: Actor, appid: str, name: str) -> AppItem:
    """Give a mini-program another name."""
    before = get(accounts, appid).name
    with audit.act(actor, "app.rename", _target(appid), detail={"from": before, "to": name}):
        accounts.app_admin.rename(appid, name)
    return get(accounts, appid)


def set_secret(audit: Audit, accounts: Accounts, actor: Actor, appid: str, secret: str) -> AppItem:
    """Replace the AppSecret once WeChat has accepted it; no session ends."""
    get(accounts, appid)
    bind_contextvars(app=appid)
    with audit.act(actor, "app.set_secret", _target(appid)):
        accounts.app_admin.set_secret(Credentials(appid, secret))
    return get(accounts, appid)


def set_push_keys(
    audit: Audit, accounts: Accounts, actor: Actor, appid: str, body: PushKeysBody
) -> AppItem:
    """Replace the keys of the message push."""
    get(accounts, appid)
    with audit.act(actor, "app.set_push_keys", _target(appid)):
        accounts.app_admin.set_push_keys(appid, PushKeys(body.token, body.aes_key))
    return get(accounts, appid)


def set_pay_key(
    audit: Audit, accounts: Accounts, actor: Actor, appid: str, body: PayKeyBody
) -> AppItem:
    """Replace an AppKey of virtual payment."""
    get(accounts, appid)
    with audit.act(actor, "app.set_pay_key", _target(appid), detail={"sandbox": body.sandbox}):
        accounts.app_admin.set_pay_key(appid, body.key, sandbox=body.sandbox)
    return get(accounts, appid)


def set_scan_page(
    audit: Audit, accounts: Accounts, actor: Actor, appid: str, body: ScanPageBody
) -> AppItem:
    """Set the page that a scan opens."""
    get(accounts, appid)
    with audit.act(actor, "app.set_scan_page", _target(appid)) as act:
        act.detail = body.model_dump()
        page_ = ScanPage(body.page, body.env_version, body.check_path)
        accounts.app_admin.set_scan_page(appid, page_)
    return get(accounts, appid)


def end_sessions(audit: Audit, accounts: Accounts, actor: Actor, appid: str) -> Ended:
    """End the sessions of all users of the mini-program, who can log in again."""
    get(accounts, appid)
    with audit.act(actor, "app.end_sessions", _target(appid)) as act:
        return Ended(ended=_finish(accounts.app_access.end_sessions(appid, actor.name), act))


def disable(audit: Audit, accounts: Accounts, actor: Actor, appid: str) -> Ended:
    """Refuse its logins and end its sessions."""
    get(accounts, appid)
    with audit.act(actor, "app.disable", _target(appid)) as act:
        return Ended(ended=_finish(accounts.app_access.disable(appid, actor.name), act))


def enable(audit: Audit, accounts: Accounts, actor: Actor, appid: str) -> AppItem:
    """Let its users log in again, at once."""
    get(accounts, appid)
    with audit.act(actor, "app.enable", _target(appid)):
        for _ in accounts.app_access.enable(appid):
            pass
    return get(accounts, appid)


def _finish(steps: Iterator[Step], act: Act) -> int:
    """Run all steps; return how many sessions ended.

    The audit entry holds the progress, also of a run that failed.
    """
    for step in steps:
        act.detail = {"users": step.seen, "ended": step.done}
    return int(act.detail.get("ended", 0))


def _item(app: MiniProgram, calls: Calls | None) -> AppItem:
    return AppItem(
        id=app.appid,
        appid=app.appid,
        name=app.name,
        status=app.status,
        push_keys=app.push_keys,
        pay_key=bool(app.pay.live),
        sandbox_pay_key=bool(app.pay.sandbox),
        phone_calls=PhoneCallsItem(**calls._asdict()) if calls else None,
        scan=ScanPageItem(
            page=app.scan_page.path,
            env_version=app.scan_page.env_version,
            check_path=app.scan_page.check_path,
        ),
        created_at=iso_time(app.created_at),
    )


def _target(appid: str) -> str:
    return f"app:{appid}"
