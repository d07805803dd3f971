"""The calls on scans: parse, one call, reply."""

from __future__ import annotations

from flask import Response, request
from flask_openapi import APIBlueprint, Tag

from wxlogin import errors
from wxlogin.extensions import limiter
from wxlogin.guard.bodies import require_json
from wxlogin.guard.gate import guard_account, refuse_large_body
from wxlogin.guard.request_context import caller, request_info
from wxlogin.limits.key_functions import setting
from wxlogin.limits.rate_limits import Limit
from wxlogin.openapi import BEARER, WITH_SESSION, WITH_WECHAT, optional_body, refusals
from wxlogin.responses import answer
from wxlogin.scan import schemas, service
from wxlogin.scan.schemas import ScanPath, SecretBody
from wxlogin.scan.sharing import share
from wxlogin.services import services
from wxlogin.session_creation import LoginAnswer

TAG = Tag(name="Scan", description="Sign in on the web by scanning a picture with the phone.")
OVER = (errors.SCAN_EXPIRED, errors.SCAN_REFUSED)
PNG = "image/png"
SHARED = {"scan.begin", "scan.fetch"}
"""The calls that pages of WXLOGIN_WEB_ORIGINS may make; a picture needs no leave."""


def limit_of(endpoint: str) -> Limit:
    """Return the limit of an address: it begins few scans, and asks about them often."""
    return "scan_ip" if endpoint == "scan.begin" else "scan_poll_ip"


def limit_value() -> str:
    """Return what the settings say of it for the call of this request."""
    return setting(limit_of(str(request.endpoint)))()


browser = APIBlueprint("scan", __name__, abp_tags=[TAG])
# On the blueprint, as a view would count an address only after it has looked at the body.
limiter.shared_limit(limit_value, scope=limit_of, methods=["GET", "POST"])(browser)
browser.before_request(refuse_large_body)
browser.before_request(require_json)

phone = APIBlueprint("scan_phone", __name__, abp_tags=[TAG], abp_security=BEARER)
guard_account(phone, "api_openid")
limiter.skip(phone)


@browser.after_request
def share_with_pages(response: Response) -> Response:
    """Let pages of the allowed origins read what they may ask."""
    if request.endpoint in SHARED:
        share(request, response, services.settings.web_origins)
    return response


@browser.post(
    "/v1/scan",
    request_body=optional_body(schemas.BeginBody),
    responses={200: schemas.BegunScan, **refusals(errors.APP_UNKNOWN)},
)
def begin(body: schemas.BeginBody) -> Response:
    """Begin a scan, in the browser that is to be signed in."""
    visitor = service.Visitor(request_info().address, request.headers.get("User-Agent", ""))
    apps, scans, regions = services.accounts.apps, services.scans.store, services.watch.regions
    return answer(service.begin(apps, scans, regions, visitor, body.appid))


@browser.get(
    "/v1/scan/<scan>/code.png",
    responses={200: {"content": {PNG: {}}}, **refusals(*OVER, *WITH_WECHAT)},
)
def picture(path: ScanPath) -> Response:
    """Draw the picture that the phone scans; the scan stands in it, the secret does not."""
    apps, scans, wechat = services.accounts.apps, services.scans, services.wechat
    drawn = service.picture(apps, scans, wechat, path.scan)
    # Pages of other sites show it, also those that ask whoever they embed for his leave.
    headers = {"Cache-Control": "no-store", "Cross-Origin-Resource-Policy": "cross-origin"}
    return Response(drawn, mimetype=PNG, headers=headers)


@browser.post(
    "/v1/scan/<scan>/token",
    responses={
        200: LoginAnswer,
        202: schemas.Pending,
        **refusals(
            *OVER, errors.NOT_FOUND, errors.APP_UNKNOWN, errors.USER_BANNED, errors.DEVICE_LIMIT
        ),
    },
)
def fetch(path: ScanPath, body: SecretBody) -> Response:
    """Ask for the token every `interval` seconds: 202 until the phone has said yes, then 200 once.

    Without the answer of that one call nobody is signed in: begin another scan.
    """
    accounts, sessions, scans = services.accounts, services.sessions, services.scans.store
    rates, watch = services.limits.rates, services.watch
    found = service.fetch(accounts, sessions, scans, rates, watch, path.scan, body.secret)
    return answer(found, 202 if isinstance(found, schemas.Pending) else 200)


@phone.get("/v1/scan/<scan>", responses={200: schemas.SeenScan, **refusals(*OVER, *WITH_SESSION)})
def show(path: ScanPath) -> Response:
    """Tell the phone who began the scan, and mark it seen."""
    scans, regions = services.scans.store, services.watch.regions
    return answer(service.show(scans, regions, caller(), request_info().address, path.scan))


@phone.post(
    "/v1/scan/<scan>/confirm",
    request_body=optional_body(schemas.NoBody),
    responses={200: schemas.ScanState, **refusals(*OVER, *WITH_SESSION)},
)
def confirm(path: ScanPath, body: schemas.NoBody) -> Response:  # noqa: ARG001  no fields
    """Let the browser in as the phone's user."""
    scans, watch, address = services.scans.store, services.watch, request_info().address
    return answer(service.confirm(scans, watch, caller(), address, path.scan))


@phone.post(
    "/v1/scan/<scan>/refuse",
    request_body=optional_body(schemas.NoBody),
    responses={200: schemas.ScanState, **refusals(*OVER, *WITH_SESSION)},
)
def refuse(path: ScanPath, body: schemas.NoBody) -> Response:  # noqa: ARG001  no fields
    """Keep the browser out."""
    scans, watch, address = services.scans.store, services.watch, request_info().address
    return answer(service.refuse(scans, watch, caller(), address, path.scan))
