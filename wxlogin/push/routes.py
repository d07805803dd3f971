"""The calls that WeChat makes: parse, one call, reply."""

from __future__ import annotations

from flask import Response
from flask_openapi import APIBlueprint, Tag

from wxlogin import errors
from wxlogin.extensions import limiter
from wxlogin.guard.bodies import read_body
from wxlogin.guard.request_context import RequestInfo, request_info
from wxlogin.openapi import refusals
from wxlogin.push import service
from wxlogin.push.deadline import within_deadline
from wxlogin.push.schemas import AppPath, PushQuery, VerificationQuery
from wxlogin.services import services

REFUSALS = refusals(errors.FORBIDDEN)
TEXT = "text/plain"

push = APIBlueprint(
    "push",
    __name__,
    abp_tags=[Tag(name="Message push", description="What WeChat sends. Its own calls alone.")],
)
limiter.skip(push)


@push.get("/v1/push/<appid>", responses={200: {"content": {TEXT: {}}}, **REFUSALS})
def verify_url(path: AppPath, query: VerificationQuery) -> Response:
    """Answer WeChat's check of the address with its `echostr`."""
    apps, rule = services.accounts.apps, freshness()
    within_deadline(lambda: service.verify_address(apps, rule, path.appid, query))
    service.sender(request_info())
    return Response(query.echostr, mimetype=TEXT)


@push.post("/v1/push/<appid>", responses={200: {"content": {TEXT: {}}}, **REFUSALS})
def receive(path: AppPath, query: PushQuery) -> Response:
    """Take one message, plain or encrypted, JSON or XML; copies of it are taken once."""
    info, body = request_info(), read_body()
    within_deadline(lambda: take(info, path.appid, query, body))
    return Response("success", mimetype=TEXT)


def take(info: RequestInfo, appid: str, query: PushQuery, body: bytes) -> None:
    """Read a message and do what it says."""
    watch, accounts = services.watch, services.accounts
    message = service.read(accounts.apps, freshness(), appid, query, body)
    marks, require_aes = services.wechat.push_marks, services.settings.push_require_aes
    who = service.sender(info)
    service.handle(watch, accounts, marks, who, appid, message, require_aes=require_aes)


def freshness() -> service.Freshness:
    """Return how old a push may be, by the settings and the app's clock."""
    return service.Freshness(services.clock(), services.settings.push_max_age)
