"""How sessions ended, users' stories and the search, on the databases of production."""

from __future__ import annotations

from functools import partial

import pytest
from sqlalchemy import func, select

from tests.admin.stories import ends, story
from tests.harness.console import Operator
from tests.harness.crowd import together
from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.watched import tell_end
from wxlogin.extensions import db
from wxlogin.models import SessionEnd
from wxlogin.sessions.causes import Cause


@pytest.fixture
def site(migrated_site: Site) -> Site:
    """A running wxlogin on each database in turn."""
    return migrated_site


def test_a_story_pages_without_a_gap(owner: Operator, phone: Phone) -> None:
    for _ in range(3):
        phone.login()
        phone.login(carry=True)
        owner.done("POST", f"/users/{phone.user_id}/kick")
    path, found, cursor = f"/users/{phone.user_id}/timeline", [], {}
    while True:
        page = owner.done("GET", path, params={"limit": 2, **cursor})
        found += page["items"]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert found == story(owner, phone.user_id, limit=200)
    assert len({item["id"] for item in found}) == len(found) == 15


def test_an_end_that_is_told_twice_stands_once(site: Site, owner: Operator, phone: Phone) -> None:
    phone.login()
    recorder = site.app.extensions["wxlogin"].watch.recorder
    for why in ("kicked", "banned"):
        cause = Cause("kicked", "cli", "垃圾消息 📱") if why == "kicked" else Cause("banned")
        tell_end(site, phone.user_id, phone.session_id, cause)
        recorder.flush()
    assert ends(owner, phone.user_id) == [(phone.session_id, "kicked", "cli", "垃圾消息 📱")]


def test_an_erasure_among_ends_leaves_none(site: Site, owner: Operator, phone: Phone) -> None:
    phone.login()
    bob = Phone(site, "bob")
    bob.login()
    recorder = site.app.extensions["wxlogin"].watch.recorder
    lives = [str(phone.login()["session"]["id"]) for _ in range(8)]
    for sid in lives:
        tell_end(site, phone.user_id, sid, Cause("kicked"))
    tell_end(site, bob.user_id, bob.session_id, Cause("kicked"))
    owner.done("POST", "/me/reauth", json={"password": owner.password})
    erase = partial(owner.ask, "DELETE", f"/users/{phone.user_id}")
    together([erase, recorder.flush, recorder.flush])
    recorder.flush()
    assert not recorder.end_writer.has_pending
    with site.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(SessionEnd)) == 1


def test_what_was_told_is_found(owner: Operator, phone: Phone) -> None:
    phone.login()
    kicked = owner.ask("POST", f"/users/{phone.user_id}/kick")
    texts = phone.session_id, kicked.headers["X-Request-Id"], "127.0.0.1", phone.user_id
    kinds = [
        item["kind"]
        for text in texts
        for item in owner.done("POST", "/find", json={"q": text})["items"]
    ]
    assert kinds == ["session", "request", "address", "user"]
