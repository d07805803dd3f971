"""Refusals as pages: the errors of the catalogue, worded for people."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Response, current_app, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from wxlogin import errors
from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.error_messages import field_error
from wxlogin.admin.console.layout import page
from wxlogin.admin.console.notices import HOME, Notice, set_notice
from wxlogin.admin.console.typed import keep_form_input
from wxlogin.errors import ApiError
from wxlogin.guard.request_context import request_info
from wxlogin.responses import mark_refusal, render

SHOWN = (
    errors.INVALID_REQUEST,
    errors.APP_UNKNOWN,
    errors.SESSION_EXPIRED,
    errors.SESSION_KEY_EXPIRED,
    errors.RATE_LIMITED,
    errors.WX_RATE_LIMITED,
    errors.WX_UNAVAILABLE,
    errors.WX_MISCONFIGURED,
    errors.STORE_UNAVAILABLE,
    errors.HTTPS_REQUIRED,
    errors.CREDENTIALS_INVALID,
    errors.CSRF_FAILED,
    errors.FORBIDDEN,
    errors.NOT_FOUND,
    errors.METHOD_NOT_ALLOWED,
    errors.PAYLOAD_TOO_LARGE,
    errors.INTERNAL,
)
"""The errors that a page of the console can meet; these are translated."""

PLAIN_DETAILS = {
    errors.INVALID_REQUEST.code: _("Something in the form is not as it should be."),
    errors.SESSION_KEY_EXPIRED.code: _("No session_key is kept for this user."),
    errors.RATE_LIMITED.code: _("Too many attempts. Please wait a minute and try again."),
    errors.WX_RATE_LIMITED.code: _("WeChat's quota is used up. Try again in a minute."),
    errors.WX_UNAVAILABLE.code: _("WeChat could not be asked. Try again in a moment."),
    errors.STORE_UNAVAILABLE.code: _(
        "Redis or the database does not answer. Nothing is lost; try again in a moment."
    ),
    errors.HTTPS_REQUIRED.code: _("Open this page over https://."),
    errors.CSRF_FAILED.code: _("The form was too old. Please send it once more."),
    errors.FORBIDDEN.code: _("Your role does not allow this."),
    errors.NOT_FOUND.code: _("There is nothing here. It may have been removed."),
    errors.METHOD_NOT_ALLOWED.code: _("This address is for a form. Start at the overview."),
    errors.PAYLOAD_TOO_LARGE.code: _("The form is too large."),
    errors.INTERNAL.code: _("It is logged under the request below; tell that to the operators."),
}
"""Details for people, for entries whose detail addresses a program."""

CORRECTABLE = frozenset({400, 401, 403, 409, 422, 429, 502, 503})
"""Statuses of refused forms that lead back to the form, with the reason."""


@console.app_errorhandler(ApiError)
def answer_refusal(error: ApiError) -> Response:
    """Answer a refusal below /admin/ with a page, any other with problem+json.

    The path decides: Flask knows no blueprint of a request for which it found no view.
    """
    if not request.path.startswith("/admin/") or request.path.startswith("/admin/api/"):
        return render(error)
    path = _next_page(error)
    response = mark_refusal(_redirect(path, error) if path else _refusal_page(error), error)
    if path:
        del response.headers["WWW-Authenticate"]
    return response


def message(error: ApiError) -> str:
    """Return what went wrong, for a person: the wrong fields, else the detail of the refusal."""
    fields = "; ".join(field_error(name, reason) for name, reason in error.fields)
    is_usual = error.detail == error.entry.detail
    plain = PLAIN_DETAILS.get(error.entry.code) if is_usual else None
    # An errcode of WeChat's stands behind the words that are translated.
    words, sign, errcode = error.detail.partition(" (errcode ")
    return fields or str(plain or gettext(words) + sign + errcode)


def _refusal_page(error: ApiError) -> Response:
    # The page of INTERNAL repeats nothing of the request: the guard may have stopped the answer
    # because of a secret in just that.
    own = {"current_path": HOME, "notice": None} if error.entry is errors.INTERNAL else {}
    problem = error.document(request_info().request_id)
    text = page("refusal", problem=problem, message=message(error), **own)
    return Response(text, error.entry.status, mimetype="text/html")


def _next_page(error: ApiError) -> str:
    """Return the page on which the admin can go on, empty if there is none."""
    if error.members.get("change_password"):
        return url_for("console.password")
    if error.members.get("enrol"):
        return url_for("console.second_factor")
    if error.members.get("reauth"):
        return _with_return("console.confirm_identity")
    status = error.entry.status
    if status == 401 and error.entry is not errors.CREDENTIALS_INVALID:
        return _with_return("console.sign_in")
    return _current_url() if status in CORRECTABLE and _is_form() else ""


def _with_return(endpoint: str) -> str:
    """Return the URL of a page that leads back to this one, where a form starts empty."""
    return f"{url_for(endpoint)}?{urlencode({'back': _current_url()})}"


def _current_url() -> str:
    return request.full_path.rstrip("?")


def _is_form() -> bool:
    """Return whether a form was sent to the path of its own page."""
    adapter = current_app.create_url_adapter(request)
    return request.method == "POST" and bool(adapter and adapter.test(request.path, "GET"))


def _redirect(path: str, error: ApiError) -> Response:
    response = Response("", 303, {"Location": path}, mimetype="text/html")
    if path == _current_url():
        set_notice(response, Notice("refused", message(error)))
    if _is_form():
        keep_form_input(response)
    return response
