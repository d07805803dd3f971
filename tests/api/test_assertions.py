"""X-Wxlogin-Assertion: who calls, signed, for services behind the gateway."""

from __future__ import annotations

import base64
import subprocess
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest

from tests.harness.doc_pages import written
from tests.harness.phone import Phone
from tests.harness.site import APPID, Site
from tests.house.source import ROOT
from wxlogin.settings.values import data_key
from wxlogin.vault.assertions import Assertions

PAGES = [ROOT / "docs/assertions.md", ROOT / "docs/assertions.zh-CN.md"]
AUDIENCE = "https://api.example.com"
OLD = "a1:nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="  # of RFC 8037, appendix A.1
NEW = "a2:Yk3sVn8QeLr0WzTb5Hc1Jm9Xp4Gu6Fd2Ai7KoRtMvBw="
ON = {"WXLOGIN_ASSERTION_KEYS": OLD, "WXLOGIN_ASSERTION_AUDIENCE": AUDIENCE}
KEYS = "/.well-known/jwks.json"


def asserted(phone: Phone, path: str = "/v1/auth") -> str:
    """The assertion that a gateway gets of a phone's call; no log and no store may hold it."""
    answer = phone.ask("GET", path)
    assert answer.status_code == 204
    found = answer.headers["X-Wxlogin-Assertion"]
    phone.site.tokens.add(found)
    return found


def signed_in(site: Site) -> Phone:
    """A phone with a session."""
    phone = Phone(site)
    phone.login()
    return phone


def key_set(site: Site) -> list[dict[str, str]]:
    """The public keys, as anybody gets them."""
    answer = site.request("GET", KEYS)
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    return list(answer.json()["keys"])


def claims(assertion: str, keys: list[dict[str, str]], now: float | None = None) -> dict[str, Any]:
    """What a service reads in an assertion."""
    found = {key["kid"]: jwt.PyJWK(key) for key in keys}
    key = found[jwt.get_unverified_header(assertion)["kid"]]
    late = 0 if now is None else abs(time.time() - now) + 1
    return dict(jwt.decode(assertion, key, algorithms=["EdDSA"], audience=AUDIENCE, leeway=late))


def test_the_thumbprint_and_the_signature_are_those_of_the_rfc(site: Site) -> None:
    signer = Assertions([data_key(OLD)], "wxlogin", "", site.clock)
    (public,) = signer.public_keys
    assert public.x == "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    assert public.kid == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    # Ed25519 is deterministic: appendix A.4 has the signature of its own text under this key.
    message = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
    signature = base64.urlsafe_b64encode(signer._newest.sign(message)).rstrip(b"=")
    assert signature == (
        b"hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    )


@pytest.mark.settings(**ON, WXLOGIN_PUBLIC_URL="https://login.example.com")
def test_an_assertion_names_the_caller_for_a_minute(site: Site) -> None:
    phone = signed_in(site)
    said = claims(asserted(phone), key_set(site))
    now = int(site.clock())
    assert said.pop("person") == phone.ask("GET", "/v1/auth").headers["X-Wxlogin-Person"]
    assert said == {
        "iss": "https://login.example.com",
        "aud": AUDIENCE,
        "sub": phone.user_id,
        "sid": phone.session_id,
        "appid": APPID,
        "iat": now,
        "exp": now + 60,
    }
    assert claims(asserted(phone, "/v1/auth/orders?x=1"), key_set(site))["sub"] == phone.user_id


@pytest.mark.settings(**ON, WXLOGIN_SESSION_MAX_AGE="60", WXLOGIN_SESSION_IDLE_TTL="60")
def test_an_assertion_ends_with_its_session_at_the_latest(site: Site) -> None:
    phone = signed_in(site)
    begun = int(site.clock())
    site.clock.forward(20)
    said = claims(asserted(phone), key_set(site), now=site.clock())
    assert said["exp"] == begun + 60


@pytest.mark.settings(**ON)
def test_the_team_s_own_id_stands_in_it(site: Site) -> None:
    phone = signed_in(site)
    with site.app.app_context():
        site.services.accounts.external_ids.link(phone.user_id, "u-1001")
    site.services.sessions.id_propagation.flush()
    assert claims(asserted(phone), key_set(site))["external_id"] == "u-1001"


@pytest.mark.settings(**ON)
def test_an_assertion_is_no_token(site: Site) -> None:
    phone = signed_in(site)
    phone.token = asserted(phone)
    assert phone.refusal() == phone.refusal("/v1/auth") == "TOKEN_INVALID"


@pytest.mark.settings(**ON)
def test_a_refusal_and_a_login_carry_none(site: Site) -> None:
    phone = Phone(site)
    assert "X-Wxlogin-Assertion" not in phone.try_login().headers
    refused = phone.ask("GET", "/v1/auth")
    assert refused.status_code == 401
    assert "X-Wxlogin-Assertion" not in refused.headers


def test_without_a_key_there_is_neither_an_assertion_nor_a_list(site: Site) -> None:
    phone = signed_in(site)
    answer = phone.ask("GET", "/v1/auth")
    assert (answer.status_code, "X-Wxlogin-Assertion" in answer.headers) == (204, False)
    assert site.problem(site.request("GET", KEYS)) == "NOT_FOUND"


def test_a_key_is_changed_without_an_assertion_that_nobody_can_verify(
    make_site: Callable[..., Site],
) -> None:
    first = make_site(**ON)
    phone = signed_in(first)
    early = asserted(phone)
    before = key_set(first)
    both = make_site(**ON | {"WXLOGIN_ASSERTION_KEYS": f"{OLD},{NEW}"})
    listed = key_set(both)
    assert listed[0] == before[0]
    phone.site = both
    assert claims(asserted(phone), before)["sub"] == phone.user_id
    after = make_site(**ON | {"WXLOGIN_ASSERTION_KEYS": f"{NEW},{OLD}"})
    phone.site = after
    for one in (early, asserted(phone)):
        assert claims(one, listed) == claims(one, key_set(after))


@pytest.mark.settings(**ON)
def test_the_page_s_code_verifies_what_is_asserted(site: Site) -> None:
    (block,) = written(PAGES[0], "python")
    given: dict[str, Any] = {"LOGIN": site.base}
    exec(block.text, given)
    phone = signed_in(site)
    found = asserted(phone)
    assert given["caller"](found)["sub"] == phone.user_id
    head, body, signature = found.split(".")
    other = body[:-4] + ("AAAA" if body[-4:] != "AAAA" else "BBBB")
    for wrong in (f"{head}.{other}.{signature}", f"{head}.{body}.{signature[:-8]}{'A' * 8}"):
        with pytest.raises(jwt.InvalidTokenError):
            given["caller"](wrong)


def test_both_languages_show_the_same_code() -> None:
    english, chinese = ([block.text for block in written(page, "python")] for page in PAGES)
    assert english == chinese
    (made,), (again,) = (written(page) for page in PAGES)
    said = subprocess.run(["bash", "-c", made.text], check=True, capture_output=True, text=True)
    assert made.text == again.text
    assert data_key(said.stdout).id == "a1"
