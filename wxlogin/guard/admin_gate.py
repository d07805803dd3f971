"""The admin gate: authenticates admins and API tokens, and checks what they may do."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, g, request
from structlog.contextvars import bind_contextvars

from config import Settings
from wxlogin import errors
from wxlogin.clock import Clock, milliseconds
from wxlogin.errors import ApiError
from wxlogin.extensions import limiter
from wxlogin.guard.api_token_gate import authenticate_token
from wxlogin.guard.bodies import MAX_FORM_BYTES, require_json
from wxlogin.guard.gate import refuse_large_body
from wxlogin.guard.request_context import bearer_token, request_info
from wxlogin.limits.key_functions import setting
from wxlogin.limits.rate_limits import RateLimits
from wxlogin.models import Admin
from wxlogin.operators import Operators
from wxlogin.operators.admin_sessions import AdminSession
from wxlogin.operators.api_tokens import TokenHolder
from wxlogin.operators.credentials import credentials_fingerprint, has_second_factor
from wxlogin.operators.permissions import PERMISSIONS, PUBLIC, Permission
from wxlogin.services import services
from wxlogin.sessions import TokenRef
from wxlogin.sessions.tokens import csrf_token
from wxlogin.watch.audit import Actor

COOKIE = "wxlogin_admin"
COOKIE_PATH = "/admin"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

SIGN_IN_BYTES = 8_192
"""Bytes of a body that comes before anybody is signed in."""

NOBODY = Permission("", frozenset())
"""The permission of a view that is not marked: nobody has it."""

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class SignedIn:
    """An admin with a session."""

    ref: TokenRef
    session: AdminSession
    admin: Admin
    is_fresh: bool
    """Whether the password was entered in the last minutes."""

    @property
    def csrf_token(self) -> str:
        """Return what every unsafe call of this session must send along."""
        return csrf_token(self.ref)


Operator = SignedIn | TokenHolder
"""An admin, or the holder of an API token."""


def permitted(name: str) -> Callable[[View], View]:
    """Mark a view with the one permission that it needs; `guard_admin` checks it."""
    if name not in PERMISSIONS and name != PUBLIC:
        raise LookupError(f"{name} is no permission")

    def mark(view: View) -> View:
        view.permission = name  # type: ignore[attr-defined]
        return view

    return mark


def background_poll(view: View) -> View:
    """Mark a view that pages ask for by themselves: it keeps no session alive."""
    view.background_poll = True  # type: ignore[attr-defined]
    return view


def guard_admin(blueprint: Blueprint, *, json: bool = True) -> None:
    """Guard a blueprint whose views are each marked by `permitted`.

    Address limit, session or token, CSRF, permission, body; a page takes forms instead of JSON.
    """
    limiter.shared_limit(setting("api_ip"), scope="api_ip", exempt_when=_is_public)(blueprint)
    if not json:
        blueprint.before_request(_limit_form)
    blueprint.before_request(_authorize)
    if json:
        blueprint.before_request(require_json)


def permission_of(endpoint: str | None) -> str | None:
    """Return the permission that an endpoint is marked with."""
    return getattr(current_app.view_functions.get(endpoint or ""), "permission", None)


def _is_background_poll(endpoint: str | None) -> bool:
    return getattr(current_app.view_functions.get(endpoint or ""), "background_poll", False)


def operator() -> Operator:
    """Return the admin or token holder of the request, behind `guard_admin`."""
    found: Operator = g.operator
    return found


def is_allowed(name: str) -> bool:
    """Return whether the operator has a permission, by role or by scope."""
    found, permission = operator(), PERMISSIONS[name]
    if isinstance(found, SignedIn):
        return found.admin.role in permission.roles
    return bool(found.scopes & permission.scopes)


def operator_id() -> str:
    """Return what limits count an admin or an API token by."""
    found = operator()
    return f"admin {found.admin.public_id}" if isinstance(found, SignedIn) else f"token {found.id}"


def signed_in() -> SignedIn:
    """Return the admin who is signed in; FORBIDDEN for an API token, which has no account."""
    found = operator()
    if not isinstance(found, SignedIn):
        raise ApiError(errors.FORBIDDEN, "This is for admins who are signed in.")
    return found


def actor() -> Actor:
    """Return the name of the operator for the audit trail."""
    found = operator()
    name = f"admin:{found.admin.name}" if isinstance(found, SignedIn) else f"token:{found.id}"
    return Actor(name, request_info().address, request_info().request_id)


def must_enrol(settings: Settings, admin: Admin) -> bool:
    """Return whether an admin may do nothing but enrol a second factor."""
    return settings.admin_require_totp and not has_second_factor(admin)


def require_fresh(who: SignedIn) -> None:
    """Raise FORBIDDEN, with the member `reauth`, unless the password was entered just before."""
    if not who.is_fresh:
        raise ApiError(
            errors.FORBIDDEN,
            "Give your password again: POST /admin/api/me/reauth.",
            members={"reauth": True},
        )


def is_from_own_page() -> bool:
    """Return whether no browser made this call for another site's page.

    Browsers say so themselves, in headers that no page can write; other clients send neither.
    """
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        return site in ("same-origin", "none")
    return origin is None or urlsplit(origin).netloc == request.host


def keep_cookie(response: Response, token: str) -> Response:
    """Set the session's cookie; an empty token deletes it."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=None if token else 0,
        path=COOKIE_PATH,
        secure=services.settings.secure_cookies,
        httponly=True,
        samesite="Strict",
    )
    return response


def _limit_form() -> None:
    request.max_content_length = MAX_FORM_BYTES


def _is_public() -> bool:
    return permission_of(request.endpoint) == PUBLIC


def _authorize() -> None:
    if _is_public():
        _require_own_page()
        request.max_content_length = SIGN_IN_BYTES
        refuse_large_body()
        return
    who = g.operator = _authenticate(services.operators, services.limits.rates, services.clock)
    permission = PERMISSIONS.get(permission_of(request.endpoint) or "", NOBODY)
    if isinstance(who, SignedIn):
        _authorize_admin(services.settings, who, permission)
    elif not who.scopes & permission.scopes:
        raise ApiError(errors.FORBIDDEN, "This token's scopes do not allow this.")


def _authorize_admin(settings: Settings, who: SignedIn, permission: Permission) -> None:
    if request.method not in SAFE:
        _require_own_page()
        _require_csrf(who)
    if who.admin.role not in permission.roles:
        raise ApiError(errors.FORBIDDEN, "Your role does not allow this.")
    if who.admin.must_change_password:
        _require_renewal(permission)
    elif must_enrol(settings, who.admin) and not permission.enrolling:
        raise ApiError(
            errors.FORBIDDEN,
            "Enrol a second factor first: POST /admin/api/me/totp.",
            members={"enrol": True},
        )
    if permission.reauth:
        require_fresh(who)


def _require_renewal(permission: Permission) -> None:
    if not permission.renewing:
        raise ApiError(
            errors.FORBIDDEN,
            "Change your password first: POST /admin/api/me/password.",
            members={"change_password": True},
        )


def _authenticate(operators: Operators, rates: RateLimits, clock: Clock) -> Operator:
    if bearer_token() is not None:
        holder = authenticate_token(operators.tokens)
        rates.hit(holder.id, "api_token")
        return holder
    cookie, *others = request.cookies.getlist(COOKIE) or [""]
    if others:  # another host of the domain set one, and must not choose the session
        raise ApiError(errors.TOKEN_INVALID, "Two cookies of this name came. Delete both.")
    if not cookie:
        raise ApiError(errors.TOKEN_MISSING, "Sign in: POST /admin/api/login.")
    ref = operators.sessions.verify(cookie)
    request_info().is_proven = True
    session = operators.sessions.get(ref, renew=not _is_background_poll(request.endpoint))
    admin = operators.admins.get_or_none(ref.owner)
    if (
        admin is None
        or admin.disabled_at
        or credentials_fingerprint(admin) != session.credentials_fingerprint
    ):
        raise ApiError(errors.SESSION_REVOKED, "Sign in again: POST /admin/api/login.")
    bind_contextvars(admin=admin.name)
    return SignedIn(ref, session, admin, milliseconds(clock) < session.reauth_until)


def _require_csrf(who: SignedIn) -> None:
    given = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token", "")
    if not hmac.compare_digest(given.encode(), who.csrf_token.encode()):
        raise ApiError(errors.CSRF_FAILED)


def _require_own_page() -> None:
    """Raise CSRF_FAILED for an unsafe call that a browser made for another site's page."""
    if request.method not in SAFE and not is_from_own_page():
        raise ApiError(errors.CSRF_FAILED, "This call came from another site's page.")
