"""Scans: what a browser begins, a phone decides and the browser fetches.

Only the user's own phone makes a session of a scan, once, and by the gate of every login.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from sqlalchemy.exc import SQLAlchemyError
from structlog.contextvars import bind_contextvars

from wxlogin import errors, user_agents
from wxlogin.accounts import Apps
from wxlogin.accounts.errors import UserNotFound
from wxlogin.accounts.user_directory import UserDirectory
from wxlogin.accounts.user_refs import UserRef
from wxlogin.errors import ApiError
from wxlogin.guard.client_address import address_key
from wxlogin.guard.request_context import Caller
from wxlogin.limits.rate_limits import RateLimits
from wxlogin.scan.schemas import BegunScan, Pending, ScanState, SeenScan
from wxlogin.scan_store import Browser, Scan, ScanStore
from wxlogin.scan_store.errors import ScanExpired
from wxlogin.scan_store.store import INTERVAL, LIFE_MS, WAITS, Moved
from wxlogin.service_error import ServiceError
from wxlogin.services import Accounts, Scans, Sessions, Watch, WeChat
from wxlogin.session_creation import LoginAnswer, NewSession, create_session
from wxlogin.sessions import Draft, Session
from wxlogin.sessions.errors import SessionRevoked
from wxlogin.watch.events import Kind, ScanEvent
from wxlogin.watch.regions import Region, Regions, parse


@dataclass(frozen=True)
class Visitor:
    """Who begins a scan: the address, and what the browser calls itself."""

    address: str
    user_agent: str


def begin(
    apps: Apps, scans: ScanStore, regions: Regions, visitor: Visitor, appid: str | None
) -> BegunScan:
    """Begin a scan for a browser."""
    app = apps.get_active(appid)
    bind_contextvars(app=app.appid)
    name, system = user_agents.read(visitor.user_agent)
    region = regions.of(visitor.address)
    browser = Browser(name, system, visitor.address, region.text if region else "")
    scan, secret = scans.begin(app.appid, browser)
    return BegunScan(
        scan=scan.id,
        secret=secret,
        expires_in=LIFE_MS // 1000,
        interval=INTERVAL,
        image=f"/v1/scan/{scan.id}/code.png",
    )


def picture(apps: Apps, scans: Scans, wechat: WeChat, scan_id: str) -> bytes:
    """Return the picture of a scan that goes on; WeChat is asked for it once in this worker."""
    scan = scans.store.get(scan_id)
    kept = scans.pictures.get(scan)
    if kept is not None:
        return kept
    app = apps.get_active(scan.app)
    bind_contextvars(app=app.appid)
    scans.store.charge_picture(scan_id)
    drawn = wechat.access_tokens.use(
        app.credentials,
        lambda token: wechat.client.scan_picture(token, scan.id, app.scan_page),
    )
    scans.pictures.keep(scan, drawn)
    return drawn


def show(
    scans: ScanStore, regions: Regions, caller: Caller, address: str, scan_id: str
) -> SeenScan:
    """Return to a phone who began a scan, and mark it seen; FORBIDDEN for a web session."""
    session = _phone(caller)
    scan = scans.see(scan_id, session.app, session.user).scan
    browser = scan.browser
    return SeenScan(
        state=cast("Literal['seen', 'confirmed']", scan.state),
        browser=browser.name or None,
        system=browser.system or None,
        ip=browser.ip,
        region=browser.region or None,
        same_region=_is_near(browser, address, regions.of(address)),
        expires_in=scans.left(scan),
    )


def confirm(
    scans: ScanStore, watch: Watch, caller: Caller, address: str, scan_id: str
) -> ScanState:
    """Let the browser in as the phone's user, and record it if it stands somewhere else.

    FORBIDDEN for a web session: one that lets in its own successor would never end.
    """
    session = _phone(caller)
    moved = scans.confirm(scan_id, session.app, session.user, session.current_sid)
    if moved.before in WAITS:
        region = watch.regions.of(address)
        _record(watch, Kind.SCAN_CONFIRMED, moved, region)
        if not _is_near(moved.scan.browser, address, region):
            _record(watch, Kind.SCAN_CONFIRMED_ELSEWHERE, moved, region)
    return ScanState(state="confirmed")


def refuse(scans: ScanStore, watch: Watch, caller: Caller, address: str, scan_id: str) -> ScanState:
    """Keep the browser out; FORBIDDEN for a web session."""
    session = _phone(caller)
    moved = scans.refuse(scan_id, session.app, session.user)
    _record(watch, Kind.SCAN_REFUSED, moved, watch.regions.of(address))
    return ScanState(state="refused")


def fetch(
    accounts: Accounts,
    sessions: Sessions,
    scans: ScanStore,
    rates: RateLimits,
    watch: Watch,
    scan_id: str,
    secret: str,
) -> LoginAnswer | Pending:
    """Return the session of a confirmed scan, once; its state while nobody has confirmed it."""
    scan = scans.ask(scan_id, secret)
    if scan.state in WAITS:
        return Pending(state=cast("Literal['waiting', 'seen']", scan.state))
    bind_contextvars(user=scan.user, app=scan.app)
    app, user = accounts.apps.get_active(scan.app), _user_of(accounts.directory, scan)
    rates.hit(scan.user, "login_openid")
    region = parse(scan.browser.region) if scan.browser.region else None
    new = NewSession(app, user, _draft(scan, user), approved_by=scan.session)
    claim = scans.claim(scan_id)
    try:
        return create_session(accounts, sessions, watch, new, region)
    except SessionRevoked:
        raise ScanExpired from None  # the phone that confirmed it is signed out
    except (ApiError, ServiceError, SQLAlchemyError):
        # No session was made, so the page may ask again. After a fault of Redis nobody knows: the
        # scan stays used, and the web session that may be there ends with the next one.
        scans.release(scan_id, claim)
        raise


def _phone(caller: Caller) -> Session:
    if caller.session.platform == "web":
        raise ApiError(errors.FORBIDDEN, "Only a phone may answer a scan.")
    return caller.session


def _user_of(directory: UserDirectory, scan: Scan) -> UserRef:
    try:
        user = directory.get_ref(scan.user)
    except UserNotFound:  # erased since
        raise ScanExpired from None
    if user.ban:
        raise user.ban.refusal
    return user


def _draft(scan: Scan, user: UserRef) -> Draft:
    browser = scan.browser
    return Draft(
        app=scan.app,
        platform="web",
        name=", ".join(filter(None, (browser.name, browser.system))),
        device="",
        ip=browser.ip,
        region=browser.region,
        ids=user.ids,
    )


def _is_near(browser: Browser, address: str, region: Region | None) -> bool:
    """Return whether the browser and a phone have one address, or are in one area."""
    if address and address_key(address) == address_key(browser.ip):
        return True
    area = parse(browser.region).area if browser.region else ""
    return bool(area and region and region.area == area)


def _record(watch: Watch, kind: Kind, moved: Moved, region: Region | None) -> None:
    browser = moved.scan.browser
    watch.recorder.record(
        ScanEvent(
            kind=kind,
            address=browser.ip,
            browser=browser.name,
            region=browser.region,
            phone_region=region.text if region else "",
        )
    )
