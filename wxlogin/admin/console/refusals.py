"""Refusals as pages. The error catalogue says what is wrong; here it is said to somebody's face."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Response, current_app, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from wxlogin import errors
from wxlogin.admin.console.answers import Notice, leave
from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.pages import page
from wxlogin.admin.console.told import fault

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
"""What a page of the console can meet; these are translated."""

PLAINER = {
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
"""Where the catalogue's detail speaks to a program."""

MENDABLE = frozenset({400, 401, 403, 409, 422, 429, 502, 503})
"""Refusals of a form that lead back to the form, with the reason."""


@console.after_app_request
def show_refusal(response: Response) -> Response:
    """Turn a refusal of the console's pages into a page; the API's stay as they are."""
    if _ours(request.path) and response.mimetype == "application/problem+json":
        problem = response.get_json()
        way_out = _way_out(problem)
        if way_out:
            _send_on(response, way_out, problem)
        else:
            response.set_data(page("refusal", problem=problem, words=words(problem)))
            response.mimetype = "text/html"
    return response


def words(problem: dict[str, Any]) -> str:
    """What went wrong, for a reader: the fields that are wrong, else the detail of the refusal."""
    fields = [fault(one["field"], one["reason"]) for one in problem.get("errors", ())]
    code, detail = problem["code"], problem["detail"]
    usual = detail == errors.CATALOGUE[code].detail
    return "; ".join(fields) or str((usual and PLAINER.get(code)) or gettext(detail))


def _ours(path: str) -> bool:
    return path.startswith("/admin/") and not path.startswith("/admin/api/")


def _way_out(problem: dict[str, Any]) -> str:
    """The page that helps on; none where the refusal is the end of it."""
    if problem.get("enrol"):
        return url_for("console.second_factor")
    if problem.get("reauth"):
        return _with_way_back("console.confirm_identity")
    if problem["status"] == 401 and problem["code"] != errors.CREDENTIALS_INVALID.code:
        return _with_way_back("console.sign_in")
    return _here() if problem["status"] in MENDABLE and _from_a_form() else ""


def _with_way_back(endpoint: str) -> str:
    """A page with the one at hand to return to; what a form sent is asked for again there."""
    return f"{url_for(endpoint)}?{urlencode({'back': _here()})}"


def _here() -> str:
    return request.full_path.rstrip("?")


def _from_a_form() -> bool:
    """Whether a form was sent whose page stands at the same address."""
    adapter = current_app.create_url_adapter(request)
    return request.method == "POST" and bool(adapter and adapter.test(request.path, "GET"))


def _send_on(response: Response, path: str, problem: dict[str, Any]) -> None:
    response.set_data("")
    response.status_code = 303
    response.headers["Location"] = path
    del response.headers["WWW-Authenticate"]
    response.mimetype = "text/html"
    if path == _here():
        leave(response, Notice("refused", words(problem)))
