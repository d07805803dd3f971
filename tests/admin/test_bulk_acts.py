"""Acts on several users or sessions at once: ticked in a list, asked about once, by number."""

from __future__ import annotations

import pytest

from tests.admin.forms import back_at, led_to, seen, sent
from tests.admin.people import OTHER, signed_in, two_apps
from tests.harness.console import Operator
from tests.harness.phone import Phone
from tests.harness.site import Site


@pytest.fixture
def phones(site: Site) -> list[Phone]:
    """Three people; the first is signed in twice."""
    found = [Phone(site, name) for name in ("alice", "bob", "carol")]
    for phone in found:
        phone.login(platform="ios", device_name=f"{phone.user}'s phone")
    Phone(site, "alice").login()
    return found


def asked(owner: Operator, name: str, act: str, ids: list[str]) -> str:
    """Where the ticked rows lead."""
    return led_to(sent(owner, f"/{name}/selected", selected=ids, act=act))


def test_selected_users_are_signed_out_after_one_question(
    owner: Operator, phones: list[Phone]
) -> None:
    ids = [phone.user_id for phone in phones[:2]]
    url = asked(owner, "users", "kick", ids)
    assert not [one for one in ids if one in url]
    page = seen(owner, url)
    assert "Sign 2 users out everywhere?" in page
    assert "3 sessions end." in page
    assert [phone.refusal() for phone in phones] == ["", "", ""]
    assert "3 sessions ended." in back_at(owner, sent(owner, url.removeprefix("/admin")))
    assert [phone.refusal() for phone in phones] == ["SESSION_REVOKED", "SESSION_REVOKED", ""]
    for one in ids:
        (act,) = owner.trail(f"user:{one}")
        assert (act["act"], act["outcome"]) == ("user.kick", "done")


def test_selected_users_are_banned_with_one_reason(owner: Operator, phones: list[Phone]) -> None:
    ids = [phone.user_id for phone in phones[1:]]
    url = asked(owner, "users", "ban", ids)
    assert "Ban 2 users?" in seen(owner, url)
    answer = sent(owner, url.removeprefix("/admin"), reason="spam", lasts="86400")
    assert "2 users are banned. 2 sessions ended." in back_at(owner, answer)
    assert [phone.refusal() for phone in phones] == ["", "USER_BANNED", "USER_BANNED"]


def test_the_number_that_is_told_is_that_of_the_users_who_were_banned(
    site: Site, owner: Operator, phones: list[Phone]
) -> None:
    erased = phones[2].user_id
    url = asked(owner, "users", "ban", [phones[1].user_id, erased])
    owner.done("DELETE", f"/users/{erased}")
    answer = sent(owner, url.removeprefix("/admin"), reason="spam")
    assert "1 user is banned. 1 session ended." in back_at(owner, answer)
    two_apps(site)
    here, _there = signed_in(site, "dave"), signed_in(site, "dave", OTHER)
    url = asked(owner, "users", "ban", [here.user_id])
    answer = sent(owner, url.removeprefix("/admin"), reason="spam", linked="true")
    assert "2 users are banned. 2 sessions ended." in back_at(owner, answer)


def test_selected_sessions_end_and_the_others_do_not(owner: Operator, phones: list[Phone]) -> None:
    handles = [f"{phone.user_id}.{phone.session_id}" for phone in phones[:2]]
    url = asked(owner, "sessions", "end", handles)
    page = seen(owner, url)
    assert "End 2 sessions?" in page
    assert "They are of 2 users." in page
    phones[1].ask("POST", "/v1/logout")
    assert "1 session ended." in back_at(owner, sent(owner, url.removeprefix("/admin")))
    assert [phone.refusal() for phone in phones] == ["SESSION_REVOKED", "SESSION_REVOKED", ""]


def test_users_of_selected_sessions_can_be_banned(owner: Operator, phones: list[Phone]) -> None:
    session = f"{phones[0].user_id}.{phones[0].session_id}"
    url = asked(owner, "sessions", "ban", [session])
    assert "Ban 1 user?" in seen(owner, url)
    sent(owner, url.removeprefix("/admin"), reason="spam")
    assert phones[0].refusal() == "USER_BANNED"


def test_the_users_linked_to_the_selected_can_be_banned_too(site: Site, owner: Operator) -> None:
    two_apps(site)
    here, there = signed_in(site), signed_in(site, appid=OTHER)
    url = asked(owner, "users", "ban", [here.user_id])
    assert "Also the 1 linked user" in seen(owner, url)
    sent(owner, url.removeprefix("/admin"), reason="spam", linked="true")
    assert [here.refusal(), there.refusal()] == ["USER_BANNED"] * 2


def test_nothing_selected_leads_back_to_the_list(owner: Operator) -> None:
    for name in ("users", "sessions"):
        answer = sent(owner, f"/{name}/selected", act="ban")
        assert led_to(answer) == f"/admin/{name}"
        assert "Nothing is selected." in back_at(owner, answer)


def test_a_selection_is_of_one_session_of_one_admin(
    site: Site, owner: Operator, phones: list[Phone]
) -> None:
    url = asked(owner, "users", "kick", [phones[0].user_id])
    for other in (owner.__class__(site, "owner").sign_in(), owner.sign_in()):
        answer = site.request("GET", url, cookies={"wxlogin_admin": other.cookie})
        assert answer.headers["X-Wxlogin-Error"] == "NOT_FOUND"


def test_viewers_see_no_boxes_and_may_not_select(site: Site, phones: list[Phone]) -> None:
    viewer = Operator(site, "viewer").sign_in()
    for name in ("users", "sessions"):
        assert 'name="selected"' not in seen(viewer, f"/admin/{name}")
        answer = sent(viewer, f"/{name}/selected", selected=[phones[0].user_id], act="kick")
        assert answer.headers["X-Wxlogin-Error"] == "FORBIDDEN"
    assert phones[0].refusal() == ""
