"""WeChat's pushes while a database accepts connections and never answers."""

from __future__ import annotations

import pytest
import requests

from tests.api.pushes import CANCELLED, KEYS, PUSH, message, send
from tests.harness.databases import DatabaseServer
from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.timing import eventually
from wxlogin.push import deadline
from wxlogin.sandbox import push
from wxlogin.sandbox.push import PushRequest

WECHAT_SECONDS = 5
"""How long WeChat waits for an answer."""
SHORT = 0.5

pytestmark = pytest.mark.settings(**PUSH)


def sent(site: Site, request: PushRequest) -> requests.Response:
    """Push as WeChat does, which waits no longer; a test that gets no answer by then fails."""
    return send(site, request, timeout=WECHAT_SECONDS)


def test_wechat_is_answered_while_the_database_hangs_and_its_next_copy_is_taken(
    migrated_site: Site, server: DatabaseServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert deadline.ANSWER_SECONDS < WECHAT_SECONDS
    monkeypatch.setattr(deadline, "ANSWER_SECONDS", SHORT)
    site, phone = migrated_site, Phone(migrated_site)
    phone.login()
    told = push.request(KEYS, message(site, CANCELLED), site.clock())
    other = push.request(KEYS, message(site, "user_enter_tempsession"), site.clock())
    with server.frozen():
        for request in (told, told, other):
            assert site.problem(sent(site, request)) == "STORE_UNAVAILABLE"
        assert phone.refusal() == ""
    for request in (told, other):
        eventually(lambda request=request: sent(site, request).text == "success")
    assert phone.refusal() == "SESSION_REVOKED"
