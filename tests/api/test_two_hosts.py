"""Two hosts on the same stores, at different steps of a change of keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from redis.exceptions import RedisError
from sqlalchemy import func, select

from tests.harness.console import Operator, Service
from tests.harness.phone import Phone
from tests.harness.rings import keyring, rings
from tests.harness.site import Site
from wxlogin.extensions import db
from wxlogin.keyring.hosts import LIVE_SECONDS
from wxlogin.models import User
from wxlogin.sessions import Tokens
from wxlogin.sessions.tokens import new_public_id

Make = Callable[..., Site]


def at(site: Site, phone: Phone) -> Phone:
    """The same phone, whose next request comes to another host."""
    other = Phone(site, phone.user)
    other.token, other.login_answer = phone.token, phone.login_answer
    return other


def noted(*sites: Site) -> None:
    """Let each host note its keys, and learn from the others."""
    for site in (*sites, *sites):
        keyring(site).hosts.note()


def users(site: Site) -> int:
    """How many users there are."""
    with site.app.app_context():
        return db.session.scalar(select(func.count()).select_from(User)) or 0


# Tokens


def test_a_token_under_a_key_of_another_host_is_not_called_forged(make_site: Make) -> None:
    old, new = make_site(**rings(1)), make_site(**rings(1, signing=(2, 1)))
    noted(old, new)
    phone = Phone(new)
    phone.login()
    assert at(old, phone).refusal() == "STORE_UNAVAILABLE"
    assert phone.refusal() == ""


def test_introspection_does_not_call_it_inactive(make_site: Make) -> None:
    old, new = make_site(**rings(1)), make_site(**rings(1, signing=(2, 1)))
    noted(old, new)
    phone, backend = Phone(new), Service(old, "introspect")
    phone.login()
    answer = backend.ask("POST", "/v1/introspect", data={"token": phone.token})
    assert old.problem(answer) == "STORE_UNAVAILABLE"


def test_an_admin_is_not_signed_out_by_it(make_site: Make) -> None:
    old, new = make_site(**rings(1)), make_site(**rings(1, signing=(2, 1)))
    noted(old, new)
    owner = Operator(new, "owner").sign_in()
    owner.site = old
    assert owner.refusal("GET", "/keys") == "STORE_UNAVAILABLE"


def test_a_login_that_carries_it_goes_through(make_site: Make) -> None:
    old, new = make_site(**rings(1)), make_site(**rings(1, signing=(2, 1)))
    noted(old, new)
    phone = Phone(new)
    phone.login()
    assert at(old, phone).login(carry=True)["user"]["id"] == phone.user_id


def test_a_key_that_no_running_host_has_makes_forged_tokens(make_site: Make) -> None:
    old, new = make_site(**rings(1)), make_site(**rings(1, signing=(2, 1)))
    noted(old, new)
    phone = Phone(new)
    phone.login()
    old.clock.forward(LIVE_SECONDS + 1)
    keyring(old).hosts.note()
    assert at(old, phone).refusal() == "TOKEN_INVALID"


def test_a_host_that_has_just_come_is_known_by_the_first_token(make_site: Make) -> None:
    old = make_site(**rings(1))
    noted(old)
    new = make_site(**rings(1, signing=(2, 1)))
    keyring(new).hosts.note()
    phone = Phone(new)
    phone.login()
    assert at(old, phone).refusal() == "STORE_UNAVAILABLE"


def test_forged_tokens_cost_one_look_a_second_at_most(
    make_site: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    hosts, looks = keyring(make_site(**rings(1))).hosts, []
    hosts.note()
    monkeypatch.setattr(hosts, "all", lambda: looks.append(1))
    monkeypatch.setattr("wxlogin.keyring.hosts.time.monotonic", lambda: 1000.0)
    assert [hosts.signs_elsewhere("0" * 12) for _ in range(5)] == [False] * 5
    assert len(looks) == 1


def test_while_redis_cannot_say_no_token_is_called_forged(
    make_site: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = make_site(**rings(1))
    hosts = keyring(site).hosts
    hosts.note()

    def out() -> None:
        raise RedisError

    monkeypatch.setattr(hosts, "all", out)
    phone = Phone(site)
    phone.token, _ = Tokens(["n4Kq8Wc2Rz6Jv0Xf5Ty9Bm3Hd7Lp1Gs-"]).mint(new_public_id())
    assert phone.refusal() == "STORE_UNAVAILABLE"


# Users


@pytest.mark.parametrize(
    ("first", "second"), [((1, 2), (2, 1)), ((2, 1), (1, 2)), ((2, 1), (1,)), ((1,), (2, 1))]
)
def test_the_first_login_finds_the_same_user_on_either_host(
    make_site: Make, first: tuple[int, ...], second: tuple[int, ...]
) -> None:
    one, other = make_site(**rings(1, index=first)), make_site(**rings(1, index=second))
    made = Phone(one).login()["user"]
    assert Phone(other).login()["user"] == {"id": made["id"], "is_new": False}
    assert users(one) == 1


def test_operators_find_a_user_that_another_host_made(make_site: Make) -> None:
    new, old = make_site(**rings(1, index=(2, 1))), make_site(**rings(1))
    phone = Phone(new)
    phone.login()
    openid = new.sandbox.world.openid("alice")
    with old.app.app_context():
        (found,) = old.services.accounts.directory.find_by_openid(openid)
    assert found.id == phone.user_id


# Agreement


def test_hosts_that_disagree_are_named(make_site: Make) -> None:
    old, new = make_site(**rings(1)), make_site(**rings(1, index=(2, 1)))
    noted(old, new)
    owner = Operator(new, "owner").sign_in()
    answer = owner.ask("POST", "/keys/rotate")
    assert new.problem(answer) == "INVALID_REQUEST"
    (note, _) = keyring(new).hosts.all()
    assert f"{note.host} has WXLOGIN_INDEX_KEYS i1, this host i2,i1" in answer.json()["detail"]
    for words in (["keys", "rotate"], ["keys", "reindex"]):
        done = new.app.test_cli_runner().invoke(args=words)
        assert done.exit_code == 1
        assert f"{note.host} has WXLOGIN_INDEX_KEYS i1, this host i2,i1" in done.output


@pytest.mark.parametrize(
    ("here", "there", "step"),
    [
        ((1,), (1, 2), "WXLOGIN_DATA_KEYS, step 1 of 2: put the new key last on every host"),
        ((1, 2), (2, 1), "WXLOGIN_DATA_KEYS, step 2 of 2: put the new key first on every host"),
    ],
)
def test_the_list_says_which_step_is_next(
    make_site: Make, here: tuple[int, ...], there: tuple[int, ...], step: str
) -> None:
    site, other = make_site(**rings(1, data=here)), make_site(**rings(1, data=there))
    noted(site, other)
    listed = site.app.test_cli_runner().invoke(args=["keys", "list"])
    assert step in listed.output
    steps = Operator(site, "owner").sign_in().done("GET", "/keys")["steps"]
    assert [told.startswith(step) for told in steps] == [True]


def test_hosts_that_agree_have_no_step_left(make_site: Make) -> None:
    site, other = make_site(**rings(1)), make_site(**rings(1))
    noted(site, other)
    page = Operator(site, "owner").sign_in().done("GET", "/keys")
    assert page["steps"] == []
    ((name, workers, agrees),) = [(h["host"], h["workers"], h["agrees"]) for h in page["hosts"]]
    assert (workers, agrees) == (2, True)
    assert (
        f"host {name}  2 workers  "
        in site.app.test_cli_runner().invoke(args=["keys", "list"]).output
    )


def test_a_worker_that_ends_takes_its_note_away(make_site: Make) -> None:
    site, other = make_site(**rings(1)), make_site(**rings(1, signing=(2, 1)))
    noted(site, other)
    assert [lag.kind for lag in keyring(site).hosts.lagging()] == ["signing"]
    keyring(other).hosts.stop()
    assert keyring(site).hosts.lagging() == []
