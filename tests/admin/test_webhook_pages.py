"""The console's pages of webhooks, as a browser without scripts gets and sends them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest
import requests

from tests.harness.console import Operator
from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.team import Team, dispatch
from wxlogin.admin.console.name_labels import actor_name, delivery_fault


@pytest.fixture
def team(site: Site) -> Iterator[Team]:
    """A team's own system."""
    site.services.webhooks.dispatcher._routing.refuse_new()
    with Team() as team:
        yield team


class Desk:
    """The owner's browser."""

    def __init__(self, owner: Operator) -> None:
        self._owner = owner

    def open(self, path: str) -> str:
        """The text of a page."""
        return self._done("GET", path).text

    def send(self, path: str, **form: object) -> requests.Response:
        """Send a form of a page."""
        return self._done("POST", path, data={"csrf_token": self._owner.csrf_token, **form})

    def _done(self, method: str, path: str, **options: object) -> requests.Response:
        headers = {
            "Cookie": f"wxlogin_admin={self._owner.cookie}",
            "Accept": "text/html",
            "Accept-Language": "en",
        }
        answer = self._owner.site.request(
            method, f"/admin{path}", headers=headers, allow_redirects=False, **options
        )
        assert answer.status_code in (200, 302, 303), answer.text
        return answer


@pytest.fixture
def desk(owner: Operator) -> Desk:
    """The owner's browser."""
    return Desk(owner)


def test_a_webhook_is_added_seen_tested_paused_and_removed(
    site: Site, desk: Desk, team: Team, phone: Phone
) -> None:
    assert "Add a webhook with the URL of one." in desk.open("/webhooks")
    assert "user.phone_changed" in desk.open("/webhooks/new")
    shown = desk.send("/webhooks/new", url=team.url, events=["user.created", "user.logged_in"])
    (secret,) = set(re.findall(r"whsec_[A-Za-z0-9+/=]+", unescape(shown.text)))
    site.tokens.add(secret)
    (path,) = set(re.findall(r"/admin(/webhooks/[\w-]{22})", desk.open("/webhooks")))
    assert "Nothing was sent to it yet." in desk.open(path)
    phone.login()
    dispatch(site)
    page = unescape(desk.open(path))
    assert team.got[0].body in page
    assert team.got[0].id in page
    assert "A user signed in for the first time <code>user.created</code>" in page
    assert "Send a test to" in desk.open(f"{path}/test")
    desk.send(f"{path}/test")
    assert team.names()[-1] == "webhook.test"
    assert "A test of the webhook<small><code>webhook.test" in desk.open(path)
    desk.send(f"{path}/pause")
    assert "paused" in desk.open(path)
    desk.send(f"{path}/resume")
    fresh = unescape(desk.send(f"{path}/secret").text)
    site.tokens |= set(re.findall(r"whsec_[A-Za-z0-9+/=]+", fresh))
    assert "The secret before signs until" in desk.open(path)
    (delivery, *_) = re.findall(r"/admin(/deliveries/\d+/replay)", desk.open(path))[::-1]
    desk.send(delivery, webhook=path.rpartition("/")[2])
    dispatch(site)
    assert team.got[-1].id == team.got[0].id
    desk.send(f"{path}/remove")
    assert "Add a webhook with the URL of one." in desk.open("/webhooks")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["It answered with status 500", "No connection in time", "Command line", "alice"]),
        ("zh", ["对方返回状态码 500", "连接超时", "命令行", "alice"]),
    ],
)
def test_faults_and_actors_are_told_in_words(site: Site, language: str, words: list[str]) -> None:
    with site.app.test_request_context("/admin/", headers={"Accept-Language": language}):
        faults = [delivery_fault(fault) for fault in ("status 500", "ConnectTimeout")]
        assert [*faults, actor_name("cli"), actor_name("admin:alice")] == words
        assert "Oddity" in delivery_fault("Oddity")
