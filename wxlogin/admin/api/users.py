"""Users: parse, one call, reply."""

from __future__ import annotations

from flask import Response

from wxlogin import errors
from wxlogin.admin.blueprints import admin_blueprint
from wxlogin.admin.paging import Page, PageQuery
from wxlogin.admin.schemas import users as schemas
from wxlogin.admin.schemas.sessions import LiveItem
from wxlogin.admin.schemas.shared import ById, Ended, NoBody
from wxlogin.admin.service import user_acts, user_export
from wxlogin.admin.service import users as service
from wxlogin.engines import engines
from wxlogin.guard.operators import actor, permitted
from wxlogin.openapi import optional_body, refusals
from wxlogin.replies import answer

api = admin_blueprint("users", "The users of all mini-programs.")
MISSING = refusals(errors.NOT_FOUND)


@api.get("/users", responses={200: Page[schemas.UserItem]})
@permitted("users.read")
def list_users(query: PageQuery) -> Response:
    """List the users, newest first."""
    return answer(service.newest(engines, query))


@api.post("/users/search", responses={200: Page[schemas.UserItem]})
@permitted("users.read")
def search_users(body: schemas.SearchBody) -> Response:
    """Find users by a whole id, openid or phone number."""
    return answer(service.search(engines, body))


@api.get("/users/<id>", responses={200: schemas.UserAnswer, **MISSING})
@permitted("users.read")
def show_user(path: ById) -> Response:
    """Show a user, with what names them masked."""
    return answer(service.show(engines, path.id))


@api.get("/users/<id>/sessions", responses={200: Page[LiveItem], **MISSING})
@permitted("users.read")
def list_user_sessions(path: ById, query: PageQuery) -> Response:
    """List a user's live sessions, newest first."""
    return answer(service.sessions(engines, path.id, query))


@api.get("/users/<id>/logins", responses={200: Page[schemas.LoginItem], **MISSING})
@permitted("users.read")
def list_user_logins(path: ById, query: PageQuery) -> Response:
    """List a user's logins, newest first."""
    return answer(service.logins(engines, path.id, query))


@api.post(
    "/users/<id>/kick",
    request_body=optional_body(NoBody),
    responses={200: Ended, **MISSING},
)
@permitted("users.kick")
def kick_user(path: ById, body: NoBody) -> Response:  # noqa: ARG001  its fields are refused
    """End all sessions of a user."""
    return answer(user_acts.kick(engines, actor(), path.id))


@api.post("/users/<id>/ban", responses={200: Ended, **MISSING})
@permitted("users.ban")
def ban_user(path: ById, body: schemas.BanBody) -> Response:
    """Ban a user, in place of any ban before, and end their sessions."""
    return answer(user_acts.ban(engines, actor(), path.id, body))


@api.delete("/users/<id>/ban", responses={200: schemas.UserItem, **MISSING})
@permitted("users.ban")
def unban_user(path: ById) -> Response:
    """Lift a user's ban, if there is one."""
    return answer(user_acts.unban(engines, actor(), path.id))


@api.post(
    "/users/<id>/reset-session-key",
    request_body=optional_body(NoBody),
    responses={200: schemas.KeyReset, **refusals(errors.NOT_FOUND, errors.SESSION_KEY_EXPIRED)},
)
@permitted("users.reset_key")
def reset_session_key(path: ById, body: NoBody) -> Response:  # noqa: ARG001  fields are refused
    """Let WeChat replace a user's session_key."""
    return answer(user_acts.reset_session_key(engines, actor(), path.id))


@api.post("/users/<id>/reveal", responses={200: schemas.Revealed, **MISSING})
@permitted("users.reveal")
def reveal_user(path: ById, body: schemas.RevealBody) -> Response:
    """Tell a user's openid, unionid and phone number whole."""
    return answer(user_acts.reveal(engines, actor(), path.id, body))


@api.get("/users/<id>/export", responses={200: schemas.Export, **MISSING})
@permitted("users.export")
def export_user(path: ById) -> Response:
    """Give everything that is held of a user."""
    return answer(user_export.export(engines, actor(), path.id))


@api.delete("/users/<id>", responses={200: Ended, **MISSING})
@permitted("users.erase")
def erase_user(path: ById) -> Response:
    """Remove everything that is held of a user."""
    return answer(user_acts.erase(engines, actor(), path.id))
