"""Who looks at personal data stands in the trail, in one entry a read."""

from __future__ import annotations

import pytest

from tests.harness.console import Operator, Service
from tests.harness.phone import Phone
from tests.harness.site import Site
from wxlogin.guard.admin_gate import SAFE

READS = {"users.read", "sessions.read"}


@pytest.mark.parametrize(
    ("path", "act", "one"),
    [
        ("/admin/api/users", "user.list", False),
        ("/admin/api/users/{id}", "user.read", True),
        ("/admin/api/users/{id}/sessions", "user.read_sessions", True),
        ("/admin/api/users/{id}/logins", "user.read_logins", True),
        ("/admin/api/sessions", "session.list", False),
        ("/admin/users", "user.list", False),
        ("/admin/users/{id}", "user.read", True),
        ("/admin/sessions", "session.list", False),
    ],
)
def test_a_look_at_people_is_recorded(
    site: Site, owner: Operator, phone: Phone, path: str, act: str, *, one: bool
) -> None:
    phone.login()
    viewer = Operator(site, "viewer").sign_in()
    cookie = {"Cookie": f"wxlogin_admin={viewer.cookie}"}
    answer = site.request("GET", path.format(id=phone.user_id), headers=cookie)
    assert answer.status_code == 200
    entry = owner.done("GET", "/audit")["items"][0]
    assert (entry["act"], entry["outcome"], entry["intent"]) == (act, "done", None)
    assert entry["target"] == (f"user:{phone.user_id}" if one else "users")
    assert entry["actor"] == f"admin:{viewer.name}"
    assert entry["request_id"] == answer.headers["X-Request-Id"]


def test_a_service_that_looks_is_recorded(site: Site, owner: Operator) -> None:
    service = Service(site, "read")
    assert service.ask("GET", "/admin/api/users").ok
    assert owner.done("GET", "/audit")["items"][0]["actor"] == f"token:{service.id}"


def test_who_is_not_there_was_not_looked_at(owner: Operator) -> None:
    before = owner.done("GET", "/audit")["items"]
    assert owner.refusal("GET", "/users/nobody-of-this-id-0000") == "NOT_FOUND"
    assert owner.done("GET", "/audit")["items"] == before


def test_no_answer_shows_people_without_an_entry(site: Site, owner: Operator) -> None:
    with site.app.app_context():
        statement = "ALTER TABLE audit_entry RENAME TO audit_gone"
        with site.services.watch.audit._sql.begin() as connection:
            connection.exec_driver_sql(statement)
    assert owner.refusal("GET", "/users") == "STORE_UNAVAILABLE"


def test_every_view_that_shows_people_records_it(site: Site) -> None:
    """A view that is new has to say which read it is; a form that searches is an act."""
    views = site.app.view_functions
    unrecorded = {
        rule.endpoint
        for rule in site.app.url_map.iter_rules()
        if (rule.methods or set()) & SAFE - {"HEAD", "OPTIONS"}
        and getattr(views[rule.endpoint], "permission", "") in READS
        and not hasattr(views[rule.endpoint], "reads")
    }
    assert unrecorded == set()
