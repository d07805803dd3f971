"""An erasure in the moment in which something is written of the user leaves nothing of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.harness.held_statement import HeldStatement
from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.sql import rows_with
from tests.harness.team import Team
from tests.harness.watched import held_back

KEPT = {"erased_user", "webhook_event"}
"""What stays: that the user was erased, and the event that tells it."""


@pytest.mark.parametrize("writing", ["INTO security_event", "FROM alert", "INTO session_end"])
@pytest.mark.settings(WXLOGIN_RULE_LOGINS_OPENID="1/hour")
def test_what_is_written_meanwhile_does_not_stay(site: Site, phone: Phone, writing: str) -> None:
    site.services.webhooks.dispatcher._routing.refuse_new()
    with Team() as team:
        team.subscribe(site)
        with held_back(site):
            phone.login()
            phone.login(carry=True)
        user, recorder = phone.user_id, site.services.watch.recorder
        with HeldStatement(site, writing) as held, ThreadPoolExecutor(1) as pool:
            flushed = pool.submit(recorder.flush)
            assert held.arrived()
            with site.app.app_context():
                site.services.accounts.erasure.erase(user)
            held.let_go()
            flushed.result(20)
        recorder.flush()
        assert set(rows_with(site, user)) == KEPT
        assert rows_with(site, user)["webhook_event"] == 1
