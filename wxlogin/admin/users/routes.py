"""Users: parse, one call, reply."""

from __future__ import annotations

from functools import partial

from flask import Response

from wxlogin import errors
from wxlogin.admin.blueprints import admin_blueprint
from wxlogin.admin.list_answers import list_answer
from wxlogin.admin.lookup_limits import current_requester, masks_more
from wxlogin.admin.paging import Page, PageQuery
from wxlogin.admin.schemas import ById, Ended, NoBody
from wxlogin.admin.sessions.schemas import LiveItem
from wxlogin.admin.users import actions, export, schemas, service, timeline
from wxlogin.guard.admin_gate import actor, is_allowed, permitted
from wxlogin.guard.audited_reads import audited_read
from wxlogin.openapi import optional_body, refusals
from wxlogin.responses import answer
from wxlogin.services import services

api = admin_blueprint("users", "The users of all mini-programs.")
MISSING = refusals(errors.NOT_FOUND)


@api.get("/users", responses={200: Page[schemas.UserItem]})
@permitted("users.read")
@audited_read("user.list")
def list_users(query: schemas.UserQuery) -> Response:
    """List the users, newest first."""
    directory, narrow = services.accounts.directory, masks_more()
    read = partial(service.list_users, directory, query, narrow=narrow)
    return list_answer(schemas.USERS, query, read, services.watch, services.limits.rates)


@api.post("/users/search", responses={200: Page[schemas.UserItem]})
@permitted("users.read")
def search_users(body: schemas.SearchBody) -> Response:
    """Find users by a whole id, openid, phone number or external id."""
    return answer(
        service.search(
            services.watch,
            services.limits.rates,
            services.accounts.directory,
            current_requester(),
            body,
            narrow=masks_more(),
        )
    )


@api.get("/users/<id>", responses={200: schemas.UserAnswer, **MISSING})
@permitted("users.read")
@audited_read("user.read")
def show_user(path: ById) -> Response:
    """Show a user, with masked personal data."""
    return _shown(path.id)


@api.get("/users/<id>/sessions", responses={200: Page[LiveItem], **MISSING})
@permitted("users.read")
@audited_read("user.read_sessions")
def list_user_sessions(path: ById, query: PageQuery) -> Response:
    """List a user's live sessions, newest first."""
    return answer(
        service.list_sessions(services.accounts.directory, services.sessions.store, path.id, query)
    )


@api.get("/users/<id>/logins", responses={200: Page[schemas.LoginItem], **MISSING})
@permitted("users.read")
@audited_read("user.read_logins")
def list_user_logins(path: ById, query: PageQuery) -> Response:
    """List a user's logins, newest first."""
    return answer(service.list_logins(services.accounts.directory, path.id, query))


@api.get("/users/<id>/timeline", responses={200: Page[schemas.TimelineItem], **MISSING})
@permitted("users.read")
@audited_read("user.read_timeline")
def list_user_timeline(path: ById, query: PageQuery) -> Response:
    """List what happened to a user, newest first: logins, ends of sessions, events, acts.

    One item for each session that ended. Acts of operators are for whom may read the audit trail.
    """
    return answer(
        timeline.list_timeline(
            services.watch.timeline,
            services.accounts.directory,
            services.sessions.store,
            path.id,
            query,
            acts=is_allowed("audit.read"),
        )
    )


@api.post(
    "/users/<id>/kick",
    request_body=optional_body(NoBody),
    responses={200: Ended, **MISSING},
)
@permitted("users.kick")
def kick_user(path: ById, body: NoBody) -> Response:  # noqa: ARG001  its fields are refused
    """End all sessions of a user."""
    return answer(
        actions.kick(
            services.watch.audit,
            services.accounts.directory,
            services.accounts.session_revocation,
            actor(),
            path.id,
        )
    )


@api.post("/users/<id>/ban", responses={200: Ended, **MISSING})
@permitted("users.ban")
def ban_user(path: ById, body: schemas.BanBody) -> Response:
    """Ban a user, which replaces an earlier ban, and end their sessions.

    With `linked` this holds for the same person's users in other mini-programs too.
    """
    audit, accounts, clock = services.watch.audit, services.accounts, services.clock
    directory, bans = accounts.directory, accounts.bans
    return answer(actions.ban(audit, directory, bans, clock, actor(), path.id, body))


@api.delete("/users/<id>/ban", responses={200: schemas.UserItem, **MISSING})
@permitted("users.ban")
def unban_user(path: ById) -> Response:
    """Lift a user's ban, if there is one."""
    return answer(
        actions.unban(
            services.watch.audit,
            services.accounts.directory,
            services.accounts.bans,
            actor(),
            path.id,
            narrow=masks_more(),
        )
    )


@api.post("/users/<id>/unlink", responses={200: schemas.UserAnswer, **MISSING})
@permitted("users.unlink")
def unlink_user(path: ById, body: schemas.UnlinkBody) -> Response:
    """Unlink a user from their person: they get another, and nothing joins them again."""
    accounts, audit = services.accounts, services.watch.audit
    actions.unlink(audit, accounts.directory, accounts.persons, actor(), path.id, body)
    return _shown(path.id)


@api.delete("/users/<id>/unlink", responses={200: schemas.UserAnswer, **MISSING})
@permitted("users.unlink")
def allow_joining(path: ById) -> Response:
    """Let a user be joined again, which their next login does."""
    accounts, audit = services.accounts, services.watch.audit
    actions.allow_joining(audit, accounts.directory, accounts.persons, actor(), path.id)
    return _shown(path.id)


@api.post(
    "/users/<id>/reset-session-key",
    request_body=optional_body(NoBody),
    responses={200: schemas.KeyReset, **refusals(errors.NOT_FOUND, errors.SESSION_KEY_EXPIRED)},
)
@permitted("users.reset_key")
def reset_session_key(path: ById, body: NoBody) -> Response:  # noqa: ARG001  fields are refused
    """Let WeChat replace a user's session_key."""
    return answer(
        actions.reset_session_key(
            services.watch.audit,
            services.accounts.directory,
            services.accounts.user_keys,
            actor(),
            path.id,
        )
    )


@api.post("/users/<id>/reveal", responses={200: schemas.Revealed, **MISSING})
@permitted("users.reveal")
def reveal_user(path: ById, body: schemas.RevealBody) -> Response:
    """Reveal a user's openid, unionid and phone number."""
    return answer(
        actions.reveal(
            services.watch,
            services.limits.rates,
            services.accounts.directory,
            current_requester(),
            path.id,
            body,
        )
    )


@api.get("/users/<id>/export", responses={200: schemas.Export, **MISSING})
@permitted("users.export")
def export_user(path: ById) -> Response:
    """Export all stored data of a user."""
    return answer(
        export.export(
            services.watch,
            services.limits.rates,
            services.accounts.directory,
            services.accounts.personal_data,
            current_requester(),
            path.id,
        )
    )


@api.delete("/users/<id>", responses={200: Ended, **MISSING})
@permitted("users.erase")
def erase_user(path: ById) -> Response:
    """Delete all stored data of a user."""
    return answer(
        actions.erase(
            services.watch.audit,
            services.accounts.directory,
            services.accounts.erasure,
            actor(),
            path.id,
        )
    )


def _shown(user_id: str) -> Response:
    directory, store = services.accounts.directory, services.sessions.store
    acts = services.watch.acts
    return answer(service.show(directory, store, acts, user_id, narrow=masks_more()))
