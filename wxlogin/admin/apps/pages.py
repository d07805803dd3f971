"""The pages of mini-programs: adding one, its secrets, and switching it off and on."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Response, url_for
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from wxlogin import errors
from wxlogin.admin.apps import service
from wxlogin.admin.apps.schemas import (
    APPS,
    DisableForm,
    NameBody,
    NewAppBody,
    PayKeyForm,
    PushKeysBody,
    ScanPageForm,
    SecretBody,
)
from wxlogin.admin.console.actions import Question, Subject, action
from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.filtering import list_query
from wxlogin.admin.console.forms import form_data
from wxlogin.admin.console.layout import page
from wxlogin.admin.console.notices import done, sessions_ended
from wxlogin.admin.list_answers import list_file
from wxlogin.admin.short_lists import ShortQuery
from wxlogin.errors import ApiError
from wxlogin.guard.admin_gate import actor, permitted
from wxlogin.services import services

APP = Subject(
    name=lambda appid: service.get(services.accounts, appid).name,
    back=lambda _appid: url_for("console.apps"),
)


@console.get("/apps")
@permitted("apps.read")
def apps() -> str:
    """List the mini-programs."""
    query = list_query(ShortQuery)
    found = service.list_apps(services.accounts, query, query.limit, query.position(int)).page()
    return page("apps", apps=found)


@console.post("/apps.csv")
@permitted("apps.read")
def apps_csv() -> Response:
    """Return the mini-programs as a file."""
    query = list_query(ShortQuery)
    read = partial(service.list_apps, services.accounts, query)
    return list_file(APPS, query, read, services.watch, services.limits.rates)


@console.get("/apps/new")
@permitted("apps.secrets")
def new_app() -> str:
    """Ask for appid, name and AppSecret."""
    return page("new_app")


@console.post("/apps/new")
@permitted("apps.secrets")
def add_app() -> Response:
    """Register a mini-program."""
    body, audit = form_data(NewAppBody), services.watch.audit
    name = service.add(audit, services.accounts, actor(), body).name
    return _done(gettext("%(name)s is registered.", name=name))


@action(
    "/apps/<appid>/name",
    "apps.rename",
    APP,
    Question(
        _("Rename %(name)s"),
        _("The name is for operators: lists, alerts and the audit trail. Users do not see it."),
        _("Rename"),
        danger=False,
        template="rename",
        context=lambda appid: {"name": service.get(services.accounts, appid).name},
    ),
    ask_endpoint="ask_rename",
)
def rename_app(appid: str) -> Response:
    """Give a mini-program another name."""
    name, audit = form_data(NameBody).name, services.watch.audit
    service.rename(audit, services.accounts, actor(), appid, name)
    return _done(gettext("The mini-program is now called %(name)s.", name=name))


@action(
    "/apps/<appid>/secret",
    "apps.secrets",
    APP,
    Question(
        _("Replace the AppSecret of %(name)s?"),
        _("It is tried at WeChat before it is kept. Nobody is signed out."),
        _("Replace the AppSecret"),
        danger=False,
        template="app_secret",
        context=lambda appid: {"appid": appid},
    ),
    ask_endpoint="ask_secret",
)
def set_secret(appid: str) -> Response:
    """Replace the AppSecret."""
    secret, audit = form_data(SecretBody).secret, services.watch.audit
    name = service.set_secret(audit, services.accounts, actor(), appid, secret).name
    return _done(
        gettext("WeChat has taken the new AppSecret of %(name)s, and it is kept.", name=name)
    )


@action(
    "/apps/<appid>/push",
    "apps.secrets",
    APP,
    Question(
        _("Set the message push keys of %(name)s"),
        _("They stand in WeChat's console, where the message push is set up."),
        _("Save keys"),
        danger=False,
        template="push_keys",
    ),
    ask_endpoint="ask_push_keys",
)
def set_push_keys(appid: str) -> Response:
    """Replace the keys of the message push."""
    body, audit = form_data(PushKeysBody), services.watch.audit
    name = service.set_push_keys(audit, services.accounts, actor(), appid, body).name
    return _done(gettext("The message push keys of %(name)s are kept.", name=name))


def _scan_page(appid: str) -> dict[str, Any]:
    return {"scan": service.get(services.accounts, appid).scan}


@action(
    "/apps/<appid>/scan",
    "apps.scan_page",
    APP,
    Question(
        _("Set the page of scans of %(name)s"),
        _("Users who scan a code on the web to sign in come to this page of the mini-program."),
        _("Set the page"),
        danger=False,
        template="scan_page",
        context=_scan_page,
    ),
    ask_endpoint="ask_scan_page",
)
def set_scan_page(appid: str) -> Response:
    """Set the page that a scan opens."""
    body, audit = form_data(ScanPageForm).body(), services.watch.audit
    name = service.set_scan_page(audit, services.accounts, actor(), appid, body).name
    return _done(gettext("The page of scans of %(name)s is set.", name=name))


@action(
    "/apps/<appid>/pay-key",
    "apps.secrets",
    APP,
    Question(
        _("Set an AppKey of virtual payment of %(name)s"),
        _("Both stand in WeChat's console, in the settings of virtual payment."),
        _("Save AppKey"),
        danger=False,
        template="pay_key",
    ),
    ask_endpoint="ask_pay_key",
)
def set_pay_key(appid: str) -> Response:
    """Replace an AppKey of virtual payment."""
    body, audit = form_data(PayKeyForm), services.watch.audit
    name = service.set_pay_key(audit, services.accounts, actor(), appid, body).name
    return _done(gettext("The AppKey of %(name)s is kept.", name=name))


def _about_sessions(appid: str) -> dict[str, Any]:
    ends, appids = services.sessions.store.live.count(), services.accounts.apps.all()
    text = ngettext("At most %(num)s session ends.", "At most %(num)s sessions end.", ends)
    if len(appids) > 1:
        text = ngettext(
            "At most %(num)s session ends: so many are live in all mini-programs together.",
            "At most %(num)s sessions end: so many are live in all mini-programs together.",
            ends,
        )
    return {"about": [f"AppID {appid}", text], "name": appids[appid].name}


def require_name(name: str, typed: str) -> None:
    """Raise INVALID_REQUEST unless what was typed is the name."""
    if typed != name:
        fields = [("typed_name", "should be the name as it stands above")]
        raise ApiError(errors.INVALID_REQUEST, fields=fields)


@action(
    "/apps/<appid>/end-sessions",
    "apps.end_sessions",
    APP,
    Question(
        _("End all sessions of %(name)s?"),
        _("Every user of the mini-program is signed out and can sign in again."),
        _("End all sessions"),
        context=_about_sessions,
    ),
)
def end_app_sessions(appid: str) -> Response:
    """End all sessions of a mini-program."""
    ended = service.end_sessions(services.watch.audit, services.accounts, actor(), appid)
    return sessions_ended(url_for("console.apps"), ended.ended)


@action(
    "/apps/<appid>/disable",
    "apps.switch",
    APP,
    Question(
        _("Disable %(name)s?"),
        _("Every user is signed out, and nobody signs in until you enable it again."),
        _("Disable the mini-program"),
        template="disable_app",
        context=_about_sessions,
    ),
)
def disable_app(appid: str) -> Response:
    """Disable a mini-program whose name was typed."""
    require_name(service.get(services.accounts, appid).name, form_data(DisableForm).typed_name)
    ended = service.disable(services.watch.audit, services.accounts, actor(), appid)
    return sessions_ended(url_for("console.apps"), ended.ended)


@action(
    "/apps/<appid>/enable",
    "apps.switch",
    APP,
    Question(
        _("Enable %(name)s?"),
        _("Its users can sign in again at once."),
        _("Enable the mini-program"),
        danger=False,
    ),
)
def enable_app(appid: str) -> Response:
    """Enable a mini-program."""
    name = service.enable(services.watch.audit, services.accounts, actor(), appid).name
    return _done(gettext("%(name)s is enabled.", name=name))


def _done(text: str) -> Response:
    return done(url_for("console.apps"), text)
