"""The person and the team's own id of a user: linked, and told where the contract says."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from tests.admin.people import OTHER, signed_in, two_apps
from tests.api.test_service_calls import NOBODY, Backend
from tests.harness.console import Operator, Service
from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.sql import UserRow, ids_of
from tests.harness.team import Team, dispatch
from wxlogin.extensions import db
from wxlogin.models import User
from wxlogin.outbox import EventType
from wxlogin.redisdb import Scripts, connect, keys
from wxlogin.sessions.ids import IdsWriter
from wxlogin.wiring import SCRIPT_FOLDERS

LINK, IDENTITY = "/v1/service/link", "/v1/service/identity"
HEADERS = "X-Wxlogin-Person", "X-Wxlogin-External-Id"


@pytest.fixture
def backend(site: Site) -> Backend:
    """A service that links users."""
    return Backend(site, "link", "identity")


def link(backend: Backend, phone: Phone, external_id: str) -> None:
    """Give a user the team's own id."""
    told = backend.given(LINK, user=phone.user_id, external_id=external_id)
    assert told == {"user": phone.user_id, "external_id": external_id}


def passed(phone: Phone) -> list[str | None]:
    """The person and the external id in the headers of `GET /v1/auth`."""
    answer = phone.ask("GET", "/v1/auth")
    assert answer.status_code == 204
    return [answer.headers.get(name) for name in HEADERS]


def person(phone: Phone) -> Any:
    """The person of a user, as SQL has it."""
    return UserRow(phone.site, phone.user_id).column("person")


# Linking


def test_a_link_is_told_and_audited(site: Site, backend: Backend, phone: Phone) -> None:
    phone.login()
    link(backend, phone, "u-1001")
    link(backend, phone, "u-1001")
    link(backend, phone, "U~!#|1001")
    told = backend.given(IDENTITY, user=phone.user_id)
    assert (told["person"], told["external_id"]) == (person(phone), "U~!#|1001")
    acts = [(act, outcome) for _, act, outcome in backend.trail(f"user:{phone.user_id}")]
    assert acts[:3] == [("service.link", "done")] * 3


def test_an_external_id_is_unique_in_an_app(site: Site, backend: Backend) -> None:
    two_apps(site)
    alice, bob = signed_in(site), signed_in(site, "bob")
    elsewhere = signed_in(site, "bob", OTHER)
    link(backend, alice, "u-1")
    link(backend, elsewhere, "u-1")
    assert backend.refusal(LINK, user=bob.user_id, external_id="u-1") == "EXTERNAL_ID_TAKEN"
    link(backend, bob, "U-1")  # its case counts
    assert passed(bob) == [person(bob), "U-1"]


NO_HEADERS = ["", "a b", "x" * 65, "用户", "a\nb", None, 7]


def test_what_no_header_can_hold_is_no_external_id(
    backend: Backend, phone: Phone, subtests: pytest.Subtests
) -> None:
    for wrong in NO_HEADERS:
        with subtests.test(wrong=wrong):
            phone.login()
            assert backend.refusal(LINK, user=phone.user_id, external_id=wrong) == "INVALID_REQUEST"


def test_wechats_ids_are_no_external_ids(site: Site, backend: Backend, phone: Phone) -> None:
    phone.login()
    openid = site.sandbox.world.openid("alice")
    assert backend.refusal(LINK, user=phone.user_id, external_id=openid) == "INVALID_REQUEST"
    assert passed(phone) == [person(phone), None]


def test_nobody_is_linked_to_nothing(backend: Backend) -> None:
    assert backend.refusal(LINK, user=NOBODY, external_id="u-1") == "NOT_FOUND"


def test_other_scopes_may_not_link(site: Site, phone: Phone) -> None:
    phone.login()
    service = Service(site, "identity", "introspect", "operate")
    answer = service.ask("POST", LINK, json={"user": phone.user_id, "external_id": "u-1"})
    assert site.problem(answer) == "FORBIDDEN"


# Where they are told


def test_live_sessions_follow_a_link(site: Site, backend: Backend) -> None:
    phones = [Phone(site) for _ in range(2)]
    for phone in phones:
        phone.login()
    assert [passed(phone) for phone in phones] == [[person(phones[0]), None]] * 2
    link(backend, phones[0], "u-1")
    assert [passed(phone) for phone in phones] == [[person(phones[0]), "u-1"]] * 2
    phones[0].login()
    assert passed(phones[0]) == [person(phones[0]), "u-1"]


def test_live_sessions_follow_a_join(site: Site) -> None:
    two_apps(site)
    site.sandbox.world.open_platform = False
    older, younger = signed_in(site), signed_in(site, appid=OTHER)
    assert passed(younger) == [person(younger), None] != passed(older)
    site.sandbox.world.open_platform = True
    signed_in(site), signed_in(site, appid=OTHER)
    assert passed(younger) == passed(older) == [person(older), None]


def test_introspection_tells_both(site: Site, backend: Backend, phone: Phone) -> None:
    phone.login()
    service = Service(site, "introspect")

    def told() -> tuple[Any, Any]:
        found = service.ask("POST", "/v1/introspect", data={"token": phone.token}).json()
        return found["username"], found["person"]

    assert told() == (None, person(phone))
    link(backend, phone, "u-1")
    assert told() == ("u-1", person(phone))


def test_webhooks_tell_both(site: Site, backend: Backend, phone: Phone) -> None:
    phone.login()
    link(backend, phone, "u-1")
    with Team() as team:
        team.subscribe(site, EventType.USER_LOGGED_IN, EventType.USER_LOGGED_OUT)
        phone.login()
        phone.logout()
        dispatch(site)
        bodies = [one.event["data"] for one in team.got]
    expected = {**ids_of(site, phone.user_id), "external_id": "u-1"}
    assert [{name: body[name] for name in expected} for body in bodies] == [expected] * 2


def test_operators_find_and_see_both(site: Site, backend: Backend) -> None:
    two_apps(site)
    phone, elsewhere = signed_in(site), signed_in(site, appid=OTHER)
    link(backend, phone, "u-1")
    owner = Operator(site, "owner").sign_in()
    found = owner.done("POST", "/users/search", json={"external_id": "u-1"})
    assert [item["id"] for item in found["items"]] == [phone.user_id]
    assert owner.done("POST", "/users/search", json={"external_id": "u"})["items"] == []
    shown = owner.done("GET", f"/users/{phone.user_id}")
    assert (shown["external_id"], shown["person"]) == ("u-1", person(phone))
    assert shown["linked"] == [{"id": elsewhere.user_id, "app": OTHER}]


def test_an_erasure_sets_the_external_id_free(site: Site, backend: Backend, phone: Phone) -> None:
    phone.login()
    link(backend, phone, "u-1")
    owner = Operator(site, "owner").sign_in()
    exported = owner.done("GET", f"/users/{phone.user_id}/export")["user"]
    assert (exported["external_id"], exported["person"]) == ("u-1", person(phone))
    site.answers.pop()
    owner.done("DELETE", f"/users/{phone.user_id}")
    again = Phone(site)
    again.login()
    assert passed(again) == [person(again), None]
    link(backend, again, "u-1")


# Two versions at once


def test_a_session_of_the_version_before_gets_its_ids(site: Site, phone: Phone) -> None:
    """Nobody is signed out, and the ids come with the first request."""
    phone.login()
    record = keys.session(phone.user_id, phone.session_id)
    site.redis.hdel(record, "person", "external_id", "ids_version")
    with site.app.app_context():
        db.session.execute(update(User).values(person=None, external_id="u-1"))
        db.session.commit()
    assert passed(phone) == [None, None]
    site.services.sessions.id_propagation.flush()
    assert passed(phone) == [person(phone), "u-1"]
    assert person(phone)
    assert site.services.sessions.id_propagation._pending == {}


def test_ids_wait_for_a_redis_that_is_out(site: Site, phone: Phone) -> None:
    phone.login()
    id_propagation = site.services.sessions.id_propagation
    working = id_propagation._writer
    nowhere = Scripts(connect("unix:///nowhere"), SCRIPT_FOLDERS)
    id_propagation._writer = IdsWriter(nowhere, site.clock)
    with site.app.app_context():
        site.services.accounts.external_ids.link(phone.user_id, "u-1")
    assert passed(phone) == [person(phone), None]
    id_propagation._writer = working
    id_propagation.flush()
    assert passed(phone) == [person(phone), "u-1"]
