"""Mini-programs: parse, one call, reply."""

from __future__ import annotations

from functools import partial

from flask import Response

from wxlogin import errors
from wxlogin.admin.apps import service
from wxlogin.admin.apps.schemas import (
    APPS,
    AppItem,
    AppPath,
    NameBody,
    NewAppBody,
    PayKeyBody,
    PushKeysBody,
    ScanPageBody,
    SecretBody,
)
from wxlogin.admin.blueprints import admin_blueprint
from wxlogin.admin.list_answers import list_answer
from wxlogin.admin.paging import Page
from wxlogin.admin.schemas import Ended, NoBody
from wxlogin.admin.short_lists import ShortQuery
from wxlogin.guard.admin_gate import actor, permitted
from wxlogin.openapi import WITH_WECHAT, optional_body, refusals
from wxlogin.responses import answer
from wxlogin.services import services

api = admin_blueprint("apps", "Mini-programs.")
ONE = {200: AppItem, **refusals(errors.NOT_FOUND)}
ENDED = {200: Ended, **refusals(errors.NOT_FOUND)}


@api.get("/apps", responses={200: Page[AppItem]})
@permitted("apps.read")
def list_apps(query: ShortQuery) -> Response:
    """List the mini-programs, newest first."""
    read = partial(service.list_apps, services.accounts, query)
    return list_answer(APPS, query, read, services.watch, services.limits.rates)


@api.post("/apps", responses={200: AppItem, **refusals(*WITH_WECHAT)})
@permitted("apps.secrets")
def add_app(body: NewAppBody) -> Response:
    """Register a mini-program, once WeChat has accepted its AppSecret."""
    return answer(service.add(services.watch.audit, services.accounts, actor(), body))


@api.put("/apps/<appid>/name", responses=ONE)
@permitted("apps.rename")
def rename(path: AppPath, body: NameBody) -> Response:
    """Give a mini-program another name."""
    return answer(
        service.rename(services.watch.audit, services.accounts, actor(), path.appid, body.name)
    )


@api.put(
    "/apps/<appid>/secret",
    responses={200: AppItem, **refusals(errors.NOT_FOUND, *WITH_WECHAT)},
)
@permitted("apps.secrets")
def set_secret(path: AppPath, body: SecretBody) -> Response:
    """Replace the AppSecret, once WeChat has accepted the new one."""
    return answer(
        service.set_secret(
            services.watch.audit, services.accounts, actor(), path.appid, body.secret
        )
    )


@api.put("/apps/<appid>/push", responses=ONE)
@permitted("apps.secrets")
def set_push_keys(path: AppPath, body: PushKeysBody) -> Response:
    """Replace the keys of the message push."""
    return answer(
        service.set_push_keys(services.watch.audit, services.accounts, actor(), path.appid, body)
    )


@api.put("/apps/<appid>/pay-key", responses=ONE)
@permitted("apps.secrets")
def set_pay_key(path: AppPath, body: PayKeyBody) -> Response:
    """Replace an AppKey of virtual payment: the live one, or that of WeChat's sandbox."""
    return answer(
        service.set_pay_key(services.watch.audit, services.accounts, actor(), path.appid, body)
    )


@api.put("/apps/<appid>/scan", responses=ONE)
@permitted("apps.scan_page")
def set_scan_page(path: AppPath, body: ScanPageBody) -> Response:
    """Set the page that a scan opens."""
    return answer(
        service.set_scan_page(services.watch.audit, services.accounts, actor(), path.appid, body)
    )


@api.post("/apps/<appid>/end-sessions", request_body=optional_body(NoBody), responses=ENDED)
@permitted("apps.end_sessions")
def end_sessions(path: AppPath, body: NoBody) -> Response:  # noqa: ARG001  its fields are refused
    """End the sessions of all its users, who can log in again."""
    return answer(
        service.end_sessions(services.watch.audit, services.accounts, actor(), path.appid)
    )


@api.post("/apps/<appid>/disable", request_body=optional_body(NoBody), responses=ENDED)
@permitted("apps.switch")
def disable(path: AppPath, body: NoBody) -> Response:  # noqa: ARG001  its fields are refused
    """Refuse its logins and end its sessions."""
    return answer(service.disable(services.watch.audit, services.accounts, actor(), path.appid))


@api.post("/apps/<appid>/enable", request_body=optional_body(NoBody), responses=ONE)
@permitted("apps.switch")
def enable(path: AppPath, body: NoBody) -> Response:  # noqa: ARG001  its fields are refused
    """Let its users log in again, at once."""
    return answer(service.enable(services.watch.audit, services.accounts, actor(), path.appid))
