"""What holds on a Redis of any shape. A test file inherits it and says where its Redis is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from redis.crc import key_slot
from sqlalchemy import select

from tests.harness.console import Operator
from tests.harness.crowd import together
from tests.harness.phone import Phone
from tests.harness.site import APPID, Site
from tests.harness.stores import servers
from tests.harness.web_page import WebPage, signed_in
from wxlogin.extensions import db
from wxlogin.models import SessionEnd
from wxlogin.redisdb import keys
from wxlogin.sessions import end_notes

MakeSite = Callable[..., Site]


def names(site: Site) -> list[str]:
    """All keys in the site's Redis."""
    found = []
    for server in servers(site.settings.redis_url):
        with server:
            found += server.keys("*")
    return found


class EveryShape:
    """Needs a fixture `redis_url`."""

    def test_a_phone_lets_a_browser_in(self, make_site: MakeSite, redis_url: str) -> None:
        site = make_site(WXLOGIN_REDIS_URL=redis_url)
        phone = Phone(site)
        phone.login()
        page = signed_in(WebPage(site), phone)
        assert page.picture().status_code == 410
        assert [phone.refusal(), page.refusal()] == ["", ""]

    def test_a_user_signs_in_calls_lists_and_signs_out(
        self, make_site: MakeSite, redis_url: str
    ) -> None:
        site = make_site(WXLOGIN_REDIS_URL=redis_url)
        assert site.request("GET", "/readyz").status_code == 200
        phone, tablet = Phone(site, device_id="phone-0001"), Phone(site, device_id="tablet-0001")
        phone.login()
        tablet.login()
        assert [phone.refusal(), tablet.refusal("/v1/auth")] == ["", ""]
        listed = phone.ask("GET", "/v1/sessions").json()["sessions"]
        assert {one["id"] for one in listed} == {phone.session_id, tablet.session_id}
        assert tablet.logout("others") == 1
        assert [phone.refusal(), tablet.refusal()] == ["SESSION_REVOKED", ""]
        tablet.login(carry=True)
        assert tablet.logout() == 1
        assert tablet.refusal() == "SESSION_REVOKED"

    def test_sessions_of_all_users_are_listed_and_ended(
        self, make_site: MakeSite, redis_url: str
    ) -> None:
        site = make_site(WXLOGIN_REDIS_URL=redis_url)
        phones = [Phone(site, f"user-{n}") for n in range(6)]
        for phone in phones:
            phone.login()
            site.clock.forward(1)
        owner = Operator(site, "owner").sign_in()
        listed = owner.done("GET", "/sessions")["items"]
        assert [one["user"] for one in listed] == [phone.user_id for phone in phones][::-1]
        assert owner.done("POST", f"/apps/{APPID}/disable") == {"ended": 6}
        assert {phone.refusal() for phone in phones} == {"SESSION_REVOKED"}
        assert owner.done("GET", "/sessions")["items"] == []
        owner.done("POST", f"/apps/{APPID}/enable")
        for phone in phones:
            phone.login()

    def test_what_a_dead_worker_left_of_an_end_is_written(
        self, make_site: MakeSite, redis_url: str
    ) -> None:
        site = make_site(WXLOGIN_REDIS_URL=redis_url)
        store = site.services.sessions.store
        store.on_ended = store.on_signed_out = end_notes.ignore
        phones = [Phone(site, f"user-{n}") for n in range(6)]
        for phone in phones:
            phone.login()
            assert phone.logout() == 1
        assert sum(name.endswith(":ended") for name in names(site)) >= 1
        site.clock.forward(11)
        site.services.watch.recorder.end_sweeper.write_all()
        assert not [name for name in names(site) if name.endswith(":ended")]
        with site.app.app_context():
            written = set(db.session.scalars(select(SessionEnd.session_id)))
        assert written == {phone.session_id for phone in phones}

    def test_a_user_is_banned_and_erased(self, make_site: MakeSite, redis_url: str) -> None:
        site = make_site(WXLOGIN_REDIS_URL=redis_url)
        phone, owner = Phone(site), Operator(site, "owner").sign_in()
        user = phone.login()["user"]["id"]
        assert owner.done("POST", f"/users/{user}/ban", json={"reason": "spam"}) == {"ended": 1}
        assert [phone.refusal(), phone.refusal("/v1/auth")] == ["USER_BANNED"] * 2
        owner.done("DELETE", f"/users/{user}/ban")
        phone.login()
        assert owner.done("DELETE", f"/users/{user}") == {"ended": 1}
        assert phone.refusal() == "SESSION_REVOKED"
        assert phone.login()["user"]["is_new"]

    def test_limits_of_users_and_addresses_are_counted(
        self, make_site: MakeSite, redis_url: str
    ) -> None:
        few = {"WXLOGIN_LIMIT_API_OPENID": "3/minute", "WXLOGIN_LIMIT_API_IP": "5/minute"}
        site = make_site(WXLOGIN_REDIS_URL=redis_url, **few)
        alice, bob = Phone(site, "alice"), Phone(site, "bob")
        alice.login()
        bob.login()
        assert [alice.refusal() for _ in range(4)] == ["", "", "", "RATE_LIMITED"]
        assert [bob.refusal() for _ in range(2)] == ["", "RATE_LIMITED"]

    def test_six_logins_with_one_code_are_one(self, make_site: MakeSite, redis_url: str) -> None:
        site = make_site(WXLOGIN_REDIS_URL=redis_url)
        phone = Phone(site)
        answers = together([partial(phone.try_login, code=phone.code())] * 6)
        site.tokens |= {answer.json()["token"] for answer in answers if answer.ok}
        assert sorted(answer.status_code for answer in answers) == [200, *[409] * 5]
        assert site.sandbox.world.calls["/sns/jscode2session"] == 1

    def test_session_key_and_access_token_are_kept(
        self, make_site: MakeSite, redis_url: str
    ) -> None:
        site = make_site(WXLOGIN_REDIS_URL=redis_url)
        phone = Phone(site)
        phone.login()
        for _ in range(2):
            assert phone.ask("POST", "/v1/session/check").json() == {"valid": True}
        assert site.sandbox.world.calls["/cgi-bin/stable_token"] == 1

    def test_all_keys_of_a_user_share_a_slot(self, make_site: MakeSite, redis_url: str) -> None:
        site = make_site(WXLOGIN_REDIS_URL=redis_url)
        phone = Phone(site)
        phone.login()
        phone.login(carry=True)
        assert phone.refusal() == ""
        own = [name for name in names(site) if phone.user_id in name]
        assert len(own) >= 5
        assert {key_slot(n.encode()) for n in own} == {key_slot(keys.index(phone.user_id).encode())}

    def test_scripts_that_redis_forgot_are_brought_again(
        self, make_site: MakeSite, redis_url: str
    ) -> None:
        site = make_site(WXLOGIN_REDIS_URL=redis_url)
        phone = Phone(site)
        for ask in (phone.login, phone.refusal, phone.logout):
            for server in servers(redis_url):
                with server:
                    server.script_flush()
            assert ask() in ("", 1, phone.login_answer)
