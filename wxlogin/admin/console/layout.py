"""Pages: a template, and the context that every template gets."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, g, render_template, request

from wxlogin.admin.console import (
    errcode_labels,
    event_labels,
    findings,
    name_labels,
    session_end_labels,
)
from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.filtering import filter_is_set, filter_url, list_filter
from wxlogin.admin.console.formats import FILTERS
from wxlogin.admin.console.labels import LABELS
from wxlogin.admin.console.language import NAMES, bind_language, language
from wxlogin.admin.console.navigation import is_current, navigation
from wxlogin.admin.console.notices import current_notice, delete_notice, safe_path
from wxlogin.admin.console.page_links import SIZES, page_links, page_size
from wxlogin.admin.console.people import app_name
from wxlogin.admin.console.typed import delete_typed, typed, was_ticked
from wxlogin.database.counting import MOST_COUNTED
from wxlogin.guard.admin_gate import SignedIn, is_allowed
from wxlogin.languages import TAGS
from wxlogin.services import services


def bind_console(app: Flask, timezone: ZoneInfo) -> None:
    """Serve the console: its pages in its languages."""
    bind_language(app, timezone)
    app.jinja_env.globals["timezone_name"] = timezone.key
    app.jinja_env.filters.update(FILTERS | LABELS)
    for module in (session_end_labels, errcode_labels, event_labels, findings, name_labels):
        app.jinja_env.filters.update(module.FILTERS)
    app.register_blueprint(console)
    app.after_request(delete_notice)
    app.after_request(delete_typed)


def page(name: str, /, **context: Any) -> str:
    """Render the page of this name; `context` may replace what every page gets."""
    return render_template(f"console/{name}.html", **{**_page_context(), **context})


def _page_context() -> dict[str, Any]:
    """Return the context of every page; there is more of it if an admin is signed in."""
    path = request.full_path.rstrip("?") if request.method == "GET" else request.path
    always = {
        "language": language(),
        "language_tags": TAGS,
        "languages_by_name": NAMES,
        "current_path": safe_path(path),
        "notice": current_notice(),
        "typed": typed,
        "was_ticked": was_ticked,
    }
    who = g.get("operator")
    if not isinstance(who, SignedIn):
        return always
    return {
        **always,
        "admin": who.admin,
        "csrf_token": who.csrf_token,
        "is_allowed": is_allowed,
        "navigation": navigation,
        "is_current": is_current,
        "list_filter": list_filter,
        "filter_is_set": filter_is_set,
        "filter_url": filter_url,
        "app_name": app_name,
        "page_links": page_links,
        "page_size": page_size,
        "page_sizes": SIZES,
        "most_counted": MOST_COUNTED,
        "open_alerts": _open_alerts,
    }


def _open_alerts() -> int:
    """Return how many alerts are open, counted once a page."""
    if "open_alerts" not in g:
        g.open_alerts = services.watch.alert_history.count_open()
    return int(g.open_alerts)
