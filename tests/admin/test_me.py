"""My own account: password, re-authentication, sessions."""

from __future__ import annotations

import json

import pytest

from tests.harness.clock import SettableClock
from tests.harness.console import PASSWORD, Operator, Service
from tests.harness.site import Site
from wxlogin.operators.errors import AdminSessionExpired
from wxlogin.redisdb import keys

ANOTHER = "Slow-heron-81-windmills"


def test_me_says_what_one_may_do(site: Site) -> None:
    me = Operator(site, "viewer", "vera").sign_in().done("GET", "/me")
    assert me["admin"]["name"] == "vera"
    assert "users.read" in me["permissions"]
    assert "users.kick" not in me["permissions"]


# Re-authentication


def test_the_password_opens_grave_calls_for_five_minutes(
    owner: Operator, clock: SettableClock
) -> None:
    assert owner.done("GET", "/me")["reauth_expires_in"] == 300
    clock.forward(300)
    refused = owner.ask("POST", "/tokens", json={"name": "a", "scopes": ["read"]})
    assert refused.json()["reauth"] is True
    assert owner.done("POST", "/me/reauth", json={"password": PASSWORD}) == {"expires_in": 300}
    assert owner.ask("POST", "/tokens", json={}).json()["code"] == "INVALID_REQUEST"


def test_a_wrong_password_opens_nothing(owner: Operator, clock: SettableClock) -> None:
    clock.forward(300)
    body = {"password": ANOTHER}
    assert owner.refusal("POST", "/me/reauth", json=body) == "CREDENTIALS_INVALID"
    assert owner.done("GET", "/me")["reauth_expires_in"] == 0


def test_with_a_second_factor_the_password_alone_is_not_enough(
    owner: Operator, clock: SettableClock
) -> None:
    owner.enrol()
    clock.forward(300)
    body = {"password": PASSWORD}
    assert owner.refusal("POST", "/me/reauth", json=body) == "CREDENTIALS_INVALID"
    owner.done("POST", "/me/reauth", json={**body, "otp": owner.otp()})


@pytest.mark.settings(WXLOGIN_LIMIT_ADMIN_NAME="3/minute")
@pytest.mark.parametrize("path", ["/me/reauth", "/me/password"])
def test_passwords_are_not_to_be_guessed_here_either(owner: Operator, path: str) -> None:
    body = {"password": ANOTHER, **({"new_password": ANOTHER} if "password" in path else {})}
    codes = [owner.refusal("POST", path, json=body) for _ in range(4)]
    assert codes == [*["CREDENTIALS_INVALID"] * 3, "RATE_LIMITED"]
    owner.sign_in()  # another session has guesses of its own
    assert owner.refusal("POST", path, json=body) == "CREDENTIALS_INVALID"


# The password


def test_a_new_password_takes_the_old_one_s_place(owner: Operator) -> None:
    owner.done("POST", "/me/password", json={"password": PASSWORD, "new_password": ANOTHER})
    assert owner.site.problem(owner.try_sign_in()) == "CREDENTIALS_INVALID"
    owner.password = ANOTHER
    owner.sign_in()


def test_a_new_password_ends_the_other_sessions_alone(owner: Operator) -> None:
    before = owner.cookie
    owner.sign_in()
    body = {"password": PASSWORD, "new_password": ANOTHER}
    assert owner.done("POST", "/me/password", json=body) == {"ended": 1}
    owner.done("GET", "/me")
    owner.cookie = before
    assert owner.refusal("GET", "/me") == "SESSION_EXPIRED"


def test_a_weak_password_is_refused_by_its_field(owner: Operator) -> None:
    body = {"password": PASSWORD, "new_password": "Password12345"}
    (fault,) = owner.ask("POST", "/me/password", json=body).json()["errors"]
    assert fault["field"] == "new_password"
    owner.done("GET", "/me")


# Sessions


def test_my_sessions_are_listed_and_ended(owner: Operator, clock: SettableClock) -> None:
    clock.forward(5)
    first = owner.cookie
    owner.sign_in()
    current, other = owner.done("GET", "/me/sessions")["items"]
    assert (current["current"], other["current"]) == (True, False)
    assert other["address"] == "127.0.0.1"
    assert owner.done("DELETE", f"/me/sessions/{other['id']}") == {"ended": 1}
    assert owner.refusal("DELETE", f"/me/sessions/{other['id']}") == "NOT_FOUND"
    signed_out = [e for e in owner.trail(f"admin:{owner.name}") if e["act"] == "admin.sign_out"]
    assert [e["outcome"] for e in signed_out] == ["done", "refused"]
    owner.cookie = first
    assert owner.refusal("GET", "/me") == "SESSION_EXPIRED"


def test_an_api_token_has_no_account(site: Site) -> None:
    answer = Service(site, "read", "operate").ask("GET", "/admin/api/me")
    assert site.problem(answer) == "FORBIDDEN"


def test_a_renewal_in_one_tab_undoes_nothing_of_another(
    site: Site, owner: Operator, clock: SettableClock
) -> None:
    sessions = site.app.extensions["wxlogin"].operators.sessions
    (read_before,) = sessions.list(owner.id)
    owner.done("POST", "/me/totp")
    renewed = sessions.update(read_before, seen=read_before.seen + 60_000)
    assert renewed.enrolling
    assert (renewed.seen, renewed.created) == (read_before.seen + 60_000, read_before.created)
    assert sessions.list(owner.id) == [renewed]


def test_a_session_that_was_ended_cannot_be_updated(site: Site, owner: Operator) -> None:
    sessions = site.app.extensions["wxlogin"].operators.sessions
    (session,) = sessions.list(owner.id)
    sessions.end(owner.id, session.sid)
    with pytest.raises(AdminSessionExpired):
        sessions.update(session, seen=session.seen + 60_000)
    assert sessions.list(owner.id) == []


def test_a_record_has_the_names_that_older_programs_read(site: Site, owner: Operator) -> None:
    services = site.app.extensions["wxlogin"]
    (text,) = services.redis.hvals(keys.admin_sessions(owner.id))
    assert set(json.loads(text)) >= {
        *("v", "created", "seen", "reauth"),
        *("stamp", "address", "enrolling", "enrolling_at"),
    }
    changed = {"credentials_fingerprint": "f" * 32, "enrolling": "d1.AAAA"}
    (session,) = services.operators.sessions.list(owner.id)
    services.operators.sessions.update(session, **changed)
    (text,) = services.redis.hvals(keys.admin_sessions(owner.id))
    assert json.loads(text)["stamp"] == "f" * 32


@pytest.mark.parametrize("change", [{"v": 2}, {"seen": "today"}])
def test_a_record_that_cannot_be_read_is_no_session(
    site: Site, owner: Operator, change: dict[str, object]
) -> None:
    redis, key = site.app.extensions["wxlogin"].redis, keys.admin_sessions(owner.id)
    ((sid, text),) = redis.hgetall(key).items()
    redis.hset(key, sid, json.dumps({**json.loads(text), **change}))
    assert owner.refusal("GET", "/me") == "SESSION_EXPIRED"
