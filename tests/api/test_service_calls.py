"""What other services are told and given: identities, access_tokens, signatures."""

from __future__ import annotations

import pytest

from tests.api.backend import Backend
from tests.harness.console import Operator, Service
from tests.harness.phone import Phone
from tests.harness.site import APPID, Site
from tests.harness.sql import UserRow, recorded
from wxlogin.operators.api_tokens import Bounds
from wxlogin.sandbox import Fault
from wxlogin.services import services
from wxlogin.wechat.opendata import session_signature

IDENTITY, LINK, ACCESS_TOKEN, SIGN, PAYMENT, ENCRYPT_KEYS = (
    f"/v1/service/{name}"
    for name in ("identity", "link", "access-token", "sign", "payment", "encrypt-keys")
)
TOKEN = "/cgi-bin/stable_token"
NOBODY = "A" * 22
BODIES: dict[str, dict[str, str]] = {
    IDENTITY: {"user": NOBODY},
    LINK: {"user": NOBODY, "external_id": "u-1"},
    ACCESS_TOKEN: {"appid": APPID},
    SIGN: {"user": NOBODY, "data": ""},
    PAYMENT: {"user": NOBODY, "sign_data": "{}"},
    ENCRYPT_KEYS: {"user": NOBODY},
}
SCOPES = {path: {IDENTITY: "identity", LINK: "link"}.get(path, "wechat") for path in BODIES}
EVERY = pytest.mark.parametrize("path", BODIES)


@pytest.fixture
def backend(site: Site) -> Backend:
    """A service that may do all of it."""
    return Backend(site, "identity", "link", "wechat")


# Identity


def test_an_identity_is_told_and_audited(site: Site, backend: Backend, phone: Phone) -> None:
    phone.login()
    world = site.sandbox.world
    wechats = {"openid": world.openid("alice"), "unionid": world.unionid("alice"), "appid": APPID}
    ours = {"person": UserRow(site, phone.user_id).column("person"), "external_id": None}
    assert backend.given(IDENTITY, user=phone.user_id) == {**wechats, **ours}
    who = f"token:{backend.id}"
    assert backend.trail(f"user:{phone.user_id}") == [(who, "service.identity", "done")]


def test_the_unionid_is_told_where_it_is_known(site: Site, backend: Backend) -> None:
    site.sandbox.world.open_platform = True
    phone = Phone(site)
    phone.login()
    site.guard("alice")
    unionid = site.sandbox.world.unionid("alice")
    assert unionid
    assert backend.given(IDENTITY, user=phone.user_id)["unionid"] == unionid


def test_a_banned_user_has_an_identity_still(site: Site, backend: Backend, phone: Phone) -> None:
    phone.login()
    owner = Operator(site, "owner").sign_in()
    owner.done("POST", f"/apps/{APPID}/disable")
    assert backend.given(IDENTITY, user=phone.user_id)["appid"] == APPID


def test_nobody_has_no_identity(backend: Backend) -> None:
    assert backend.refusal(IDENTITY, user=NOBODY) == "NOT_FOUND"
    assert backend.trail(f"user:{NOBODY}")[-1][2] == "refused"


# The access_token


def test_the_access_token_is_given_and_nowhere_else_to_be_seen(
    site: Site, backend: Backend
) -> None:
    given = backend.given(ACCESS_TOKEN, appid=APPID)
    site.secrets.add(given["access_token"])
    assert site.sandbox.world.tokens.appid_of(given["access_token"], site.clock()) == APPID
    assert given["expires_in"] == 7200
    site.clock.forward(100)
    again = backend.given(ACCESS_TOKEN, appid=APPID)
    assert again == {"access_token": given["access_token"], "expires_in": 7100}
    assert site.sandbox.world.calls[TOKEN] == 1
    assert [act for _, act, _ in backend.trail(f"app:{APPID}")] == ["service.access_token"] * 2


def test_the_next_answer_may_not_hold_it(site: Site) -> None:
    def careless() -> str:
        return services.wechat.access_tokens.get(
            services.accounts.apps.get_active(APPID).credentials
        ).value

    site.app.add_url_rule("/leak", "careless.leak", careless)
    Backend(site, "wechat").given(ACCESS_TOKEN, appid=APPID)
    assert site.problem(site.request("GET", "/leak")) == "INTERNAL"


def test_no_access_token_of_a_disabled_or_unknown_app(site: Site, backend: Backend) -> None:
    assert backend.refusal(ACCESS_TOKEN, appid="wx1111111111111111") == "APP_UNKNOWN"
    Operator(site, "owner").sign_in().done("POST", f"/apps/{APPID}/disable")
    assert backend.refusal(ACCESS_TOKEN, appid=APPID) == "APP_UNKNOWN"


def test_wechat_out_is_told(site: Site, backend: Backend) -> None:
    site.sandbox.faults.queue(TOKEN, Fault(status=502), times=3)
    assert backend.refusal(ACCESS_TOKEN, appid=APPID) == "WX_UNAVAILABLE"
    assert backend.trail(f"app:{APPID}")[-1][2] == "failed"


# Signatures


@pytest.mark.parametrize("data", ["", '{"offer_id":"123","openid":"ü"}', "a\nb", "x" * 100_000])
def test_data_is_signed_under_the_session_key(
    site: Site, backend: Backend, phone: Phone, data: str
) -> None:
    phone.login()
    key = site.sandbox.world.session_key("alice")
    signature = backend.given(SIGN, user=phone.user_id, data=data)["signature"]
    assert signature == session_signature(key, data.encode())
    assert backend.trail(f"user:{phone.user_id}")[-1][1:] == ("service.sign", "done")


def test_without_a_session_key_nothing_is_signed(
    site: Site, backend: Backend, phone: Phone
) -> None:
    phone.login()
    site.clock.forward(7200)
    assert backend.refusal(SIGN, user=phone.user_id, data="x") == "SESSION_KEY_EXPIRED"
    assert backend.refusal(SIGN, user=NOBODY, data="x") == "NOT_FOUND"


def test_a_refused_signature_reads_the_user_once(site: Site, phone: Phone) -> None:
    phone.login()
    site.clock.forward(7200)
    bound = Backend(site, "wechat", bounds=Bounds(None, apps=(APPID,)))
    with recorded(site) as run:
        assert bound.refusal(SIGN, user=phone.user_id, data="x") == "SESSION_KEY_EXPIRED"
    assert len([statement for statement, _ in run if "openid_sealed" in statement]) == 1


def test_what_is_no_text_is_not_signed(site: Site, backend: Backend) -> None:
    for data in ("x" * 100_001, "\ud800", 5):
        assert backend.refusal(SIGN, user=NOBODY, data=data) == "INVALID_REQUEST"


# All of them


@EVERY
def test_a_service_needs_a_token_with_the_scope(site: Site, path: str) -> None:
    def refusal(token: str) -> str:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return site.problem(site.request("POST", path, json=BODIES[path], headers=headers))

    others = {"introspect", "identity", "wechat", "read", "operate"} - {SCOPES[path]}
    assert refusal("") == "TOKEN_MISSING"
    assert refusal("wxa_forged") == "TOKEN_INVALID"
    assert refusal(Service(site, *sorted(others)).token) == "FORBIDDEN"


@EVERY
@pytest.mark.settings(WXLOGIN_LIMIT_API_TOKEN="2/minute")
def test_a_service_has_a_limit(site: Site, path: str) -> None:
    backend = Backend(site, SCOPES[path])
    other = Backend(site, SCOPES[path])
    told = [backend.ask("POST", path, json=BODIES[path]).status_code for _ in range(3)]
    site.answers.clear()
    assert told[2] == 429
    assert 429 not in told[:2]
    assert other.ask("POST", path, json={}).status_code == 400


@EVERY
def test_unknown_fields_are_refused_by_name(backend: Backend, path: str) -> None:
    answer = backend.ask("POST", path, json={**BODIES[path], "more": 1})
    assert [fault["field"] for fault in answer.json()["errors"]] == ["more"]


def test_a_token_that_wechat_refused_a_service_is_dropped_if_it_is_still_held(
    site: Site, backend: Backend
) -> None:
    def given(**body: str) -> str:
        token = str(backend.given(ACCESS_TOKEN, appid=APPID, **body)["access_token"])
        site.secrets.add(token)
        return token

    first = given()
    assert given(dead="another-token-of-before") == first
    site.sandbox.world.invalidate_access_tokens(APPID)
    assert given(dead=first) != first
