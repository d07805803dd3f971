"""The admin gate: who operates, and whether they may."""

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
from wxlogin.clock import milliseconds
from wxlogin.engines import engines
from wxlogin.errors import ApiError
from wxlogin.guard.authentication import bearer_token
from wxlogin.guard.bodies import require_json
from wxlogin.guard.passage import passage
from wxlogin.models import Admin
from wxlogin.operators.admin_sessions import AdminSession
from wxlogin.operators.admins import stamp
from wxlogin.operators.api_tokens import TokenHolder
from wxlogin.operators.permissions import PERMISSIONS, PUBLIC, Permission
from wxlogin.sessions import TokenRef
from wxlogin.sessions.tokens import csrf_token
from wxlogin.watch.audit import Actor

COOKIE = "wxlogin_admin"
COOKIE_PATH = "/admin"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

NOBODY = Permission("", frozenset())
"""What a view that is not marked is taken to need."""

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class SignedIn:
    """An admin with a session."""

    ref: TokenRef
    session: AdminSession
    admin: Admin

    @property
    def csrf_token(self) -> str:
        """What every unsafe call of this session must bring along."""
        return csrf_token(self.ref)

    @property
    def is_fresh(self) -> bool:
        """Whether the password was given just before."""
        return milliseconds(engines.clock) < self.session.reauth_until


Operator = SignedIn | TokenHolder
"""Who operates: an admin, or the holder of an API token."""


def permitted(name: str) -> Callable[[View], View]:
    """Mark a view with the one permission that it needs; `guard_admin` judges by it."""
    if name not in PERMISSIONS and name != PUBLIC:
        raise LookupError(f"{name} is no permission")

    def mark(view: View) -> View:
        view.permission = name  # type: ignore[attr-defined]
        return view

    return mark


def guard_admin(blueprint: Blueprint, *, json: bool = True) -> None:
    """Hang the gate of the admin: every view of the blueprint must be marked by `permitted`.

    Address limit, session or token, CSRF, permission, body; a page takes forms instead of JSON.
    """
    blueprint.before_request(_admit)
    if json:
        blueprint.before_request(require_json)


def permission_of(endpoint: str | None) -> str | None:
    """The permission that an endpoint is marked with."""
    return getattr(current_app.view_functions.get(endpoint or ""), "permission", None)


def operator() -> Operator:
    """Who operates, behind `guard_admin`."""
    found: Operator = g.operator
    return found


def signed_in() -> SignedIn:
    """The admin who is signed in; FORBIDDEN for an API token, which has no account."""
    found = operator()
    if not isinstance(found, SignedIn):
        raise ApiError(errors.FORBIDDEN, "This is for admins who are signed in.")
    return found


def actor() -> Actor:
    """Who the audit trail names."""
    found = operator()
    name = f"admin:{found.admin.name}" if isinstance(found, SignedIn) else f"token:{found.id}"
    return Actor(name, passage().address, passage().request_id)


def must_enrol(settings: Settings, admin: Admin) -> bool:
    """Whether an admin's sessions are good for enrolling a second factor alone."""
    return settings.admin_require_totp and admin.totp_since is None


def require_fresh(who: SignedIn) -> None:
    """FORBIDDEN, with the member `reauth`, unless the password was given just before."""
    if not who.is_fresh:
        raise ApiError(
            errors.FORBIDDEN,
            "Give your password again: POST /admin/api/me/reauth.",
            members={"reauth": True},
        )


def keep_cookie(response: Response, token: str) -> Response:
    """Give the browser its session; without a token take it away."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=None if token else 0,
        path=COOKIE_PATH,
        secure=engines.settings.require_https,
        httponly=True,
        samesite="Strict",
    )
    return response


def _admit() -> None:
    name = permission_of(request.endpoint)
    if name == PUBLIC:
        _require_own_page()
        return
    engines.limits.charge_address("api_ip", passage().address_key)
    who = _who()
    g.operator = who
    permission = PERMISSIONS.get(name or "", NOBODY)
    if isinstance(who, SignedIn):
        _judge_admin(who, permission)
    elif not who.scopes & permission.scopes:
        raise ApiError(errors.FORBIDDEN, "This token's scopes do not allow this.")


def _judge_admin(who: SignedIn, permission: Permission) -> None:
    if request.method not in SAFE:
        _require_own_page()
        _require_csrf(who)
    if who.admin.role not in permission.roles:
        raise ApiError(errors.FORBIDDEN, "Your role does not allow this.")
    if must_enrol(engines.settings, who.admin) and not permission.enrolling:
        raise ApiError(
            errors.FORBIDDEN,
            "Enrol a second factor first: POST /admin/api/me/totp.",
            members={"enrol": True},
        )
    if permission.reauth:
        require_fresh(who)


def _who() -> Operator:
    token = bearer_token()
    if token is not None:
        holder = engines.operators.tokens.verify(token)
        engines.limits.charge_subject("api_token", holder.id)
        bind_contextvars(token=holder.id)
        return holder
    cookie = request.cookies.get(COOKIE)
    if not cookie:
        raise ApiError(errors.TOKEN_MISSING, "Sign in: POST /admin/api/login.")
    ref = engines.operators.sessions.verify(cookie)
    session = engines.operators.sessions.read(ref)
    admin = engines.operators.admins.find(ref.tag)
    if admin is None or admin.disabled_at or stamp(admin) != session.stamp:
        raise ApiError(errors.SESSION_REVOKED, "Sign in again: POST /admin/api/login.")
    bind_contextvars(admin=admin.name)
    return SignedIn(ref, session, admin)


def _require_csrf(who: SignedIn) -> None:
    given = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token", "")
    if not hmac.compare_digest(given.encode(), who.csrf_token.encode()):
        raise ApiError(errors.CSRF_FAILED)


def _require_own_page() -> None:
    """CSRF_FAILED for an unsafe call that a browser made for another site's page.

    Browsers say so themselves, in headers that no page can write; other clients send neither.
    """
    if request.method in SAFE:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        foreign = site not in ("same-origin", "none")
    else:
        foreign = origin is not None and urlsplit(origin).netloc != request.host
    if foreign:
        raise ApiError(errors.CSRF_FAILED, "This call came from another site's page.")
