"""Mini-programs: adding one, its secrets, and switching it off and on."""

from __future__ import annotations

from flask import Response, url_for
from flask_babel import gettext

from wxlogin.admin.console.acts import Question, ask
from wxlogin.admin.console.answers import done, ended
from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.forms import asked, sent
from wxlogin.admin.console.pages import page
from wxlogin.admin.paging import PageQuery
from wxlogin.admin.schemas.apps import NewAppBody, PushKeysBody, SecretBody
from wxlogin.admin.service import apps as service
from wxlogin.engines import engines
from wxlogin.guard.operators import actor, permitted


@console.get("/apps")
@permitted("apps.read")
def apps() -> str:
    """List the mini-programs."""
    return page("apps", apps=service.listed(engines, asked(PageQuery)))


@console.get("/apps/new")
@permitted("apps.secrets")
def new_app() -> str:
    """Ask for appid, name and AppSecret."""
    return page("new_app")


@console.post("/apps/new")
@permitted("apps.secrets")
def add_app() -> Response:
    """Register a mini-program."""
    name = service.add(engines, actor(), sent(NewAppBody)).name
    return done(url_for("console.apps"), gettext("%(name)s is registered.", name=name))


@console.get("/apps/<appid>/secret")
@permitted("apps.secrets")
def ask_secret(appid: str) -> str:
    """Ask for another AppSecret."""
    question = _question(
        gettext("Replace the AppSecret of %(name)s?", name=_name(appid)),
        gettext("It is tried against WeChat before it is kept. Nobody is signed out."),
        gettext("Replace the AppSecret"),
        danger=False,
    )
    return ask(question, "app_secret")


@console.post("/apps/<appid>/secret")
@permitted("apps.secrets")
def set_secret(appid: str) -> Response:
    """Replace the AppSecret."""
    name = service.set_secret(engines, actor(), appid, sent(SecretBody).secret).name
    text = gettext("WeChat has taken the new AppSecret of %(name)s, and it is kept.", name=name)
    return done(url_for("console.apps"), text)


@console.get("/apps/<appid>/push")
@permitted("apps.secrets")
def ask_push_keys(appid: str) -> str:
    """Ask for the keys of the message push."""
    question = _question(
        gettext("Set the message push keys of %(name)s", name=_name(appid)),
        gettext("They stand in WeChat's console, where the message push is set up."),
        gettext("Keep the keys"),
        danger=False,
    )
    return ask(question, "push_keys")


@console.post("/apps/<appid>/push")
@permitted("apps.secrets")
def set_push_keys(appid: str) -> Response:
    """Keep the keys of the message push."""
    name = service.set_push_keys(engines, actor(), appid, sent(PushKeysBody)).name
    text = gettext("The message push keys of %(name)s are kept.", name=name)
    return done(url_for("console.apps"), text)


@console.get("/apps/<appid>/end-sessions")
@permitted("apps.end_sessions")
def ask_end_app_sessions(appid: str) -> str:
    """Ask whether to end all sessions of a mini-program."""
    return ask(
        _question(
            gettext("End all sessions of %(name)s?", name=_name(appid)),
            gettext("Every user of the mini-program is signed out and can sign in again."),
            gettext("End all sessions"),
        )
    )


@console.post("/apps/<appid>/end-sessions")
@permitted("apps.end_sessions")
def end_app_sessions(appid: str) -> Response:
    """End all sessions of a mini-program."""
    return ended(url_for("console.apps"), service.end_sessions(engines, actor(), appid).ended)


@console.get("/apps/<appid>/disable")
@permitted("apps.switch")
def ask_disable_app(appid: str) -> str:
    """Ask whether to switch a mini-program off."""
    return ask(
        _question(
            gettext("Disable %(name)s?", name=_name(appid)),
            gettext("Every user is signed out, and nobody signs in until you enable it again."),
            gettext("Disable the mini-program"),
        )
    )


@console.post("/apps/<appid>/disable")
@permitted("apps.switch")
def disable_app(appid: str) -> Response:
    """Switch a mini-program off."""
    return ended(url_for("console.apps"), service.disable(engines, actor(), appid).ended)


@console.get("/apps/<appid>/enable")
@permitted("apps.switch")
def ask_enable_app(appid: str) -> str:
    """Ask whether to switch a mini-program on."""
    return ask(
        _question(
            gettext("Enable %(name)s?", name=_name(appid)),
            gettext("Its users can sign in again at once."),
            gettext("Enable the mini-program"),
            danger=False,
        )
    )


@console.post("/apps/<appid>/enable")
@permitted("apps.switch")
def enable_app(appid: str) -> Response:
    """Switch a mini-program on."""
    name = service.enable(engines, actor(), appid).name
    return done(url_for("console.apps"), gettext("%(name)s is enabled.", name=name))


def _name(appid: str) -> str:
    return service.shown(engines, appid).name


def _question(title: str, text: str, button: str, *, danger: bool = True) -> Question:
    return Question(title, text, button, url_for("console.apps"), danger)
