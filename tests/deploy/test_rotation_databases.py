"""Rotation and first logins on two hosts, on every database: killed, raced, complete."""

from __future__ import annotations

import random
import signal
import subprocess
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import flask_migrate
import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.engine import make_url

from tests.harness import flask_process, forked
from tests.harness.crowd import Crowd
from tests.harness.phone import Phone
from tests.harness.rings import keyring, of_command, rings
from tests.harness.site import APPID, Site
from tests.harness.timing import eventually
from wxlogin.accounts.blind_indexes import aad
from wxlogin.extensions import db
from wxlogin.models import App, User
from wxlogin.sessions.tokens import new_public_id
from wxlogin.vault import BlindIndex, Vault

USERS = 1_500
KILLS = {"sqlite": 3, "postgresql": 1, "mysql": 1}
"""Of each command, by database: ten in all."""
PACE_SECONDS = 0.2
LOGIN = "/sns/jscode2session"
Make = Callable[..., Site]


@pytest.fixture
def url(new_url: Callable[[], str]) -> dict[str, str]:
    """Where each database in turn is, as a setting."""
    return {"WXLOGIN_DATABASE_URL": new_url()}


def migrated(site: Site) -> Site:
    """The site, once its database is migrated."""
    with site.app.app_context():
        flask_migrate.upgrade()
    return site


def dialect(site: Site) -> str:
    """Which database the site has."""
    return make_url(site.settings.database_url).get_backend_name()


def counted(site: Site) -> int:
    """How many users there are."""
    with site.app.app_context():
        return db.session.scalar(select(func.count()).select_from(User)) or 0


def fill(site: Site) -> None:
    """Add users whom nobody has asked for since, under the site's keys."""
    vault, index = Vault(site.settings.data_keys), BlindIndex(site.settings.index_keys)
    now = datetime.fromtimestamp(site.clock(), UTC)
    rows = []
    for number in range(USERS):
        public_id, openid = new_public_id(), f"o{number:027}"
        digest = index.digests(openid, f"openid:{APPID}")[0]
        columns = {"openid_index": digest.digest, "index_key": digest.key_id}
        sealed = {
            name: vault.seal(text, aad(name, public_id))
            for name, text in (("openid_sealed", openid), ("profile_sealed", "{}"))
        }
        times = {"created_at": now, "last_login_at": now}
        rows.append({"public_id": public_id, **columns, **sealed, **times})
    with site.app.app_context():
        app_id = db.session.scalar(select(App.id))
        db.session.execute(insert(User), [{**row, "app_id": app_id} for row in rows])
        db.session.commit()


class People(Crowd):
    """People who log in on two hosts all the time; half of them come for the first time."""

    def __init__(self, *hosts: Site) -> None:
        super().__init__(len(hosts))
        self._hosts = hosts
        self.ids: dict[str, set[str]] = {}
        self.refused: list[str] = []

    def _go_on(self, number: int) -> None:
        turn = 0
        while not self._stop.wait(PACE_SECONDS):
            turn += 1
            name = f"person-{turn // 2}"
            answer = Phone(self._hosts[number], name).try_login()
            with self._changed:
                if answer.ok:
                    self.ids.setdefault(name, set()).add(answer.json()["user"]["id"])
                    self._hosts[number].tokens.add(answer.json()["token"])
                else:
                    self.refused.append(answer.text)


@pytest.mark.settings(WXLOGIN_LIMIT_LOGIN_IP="100000/minute")
def test_a_rotation_that_is_killed_again_and_again_ends_complete(
    url: dict[str, str], make_site: Make
) -> None:
    moments = random.Random(20261129)  # how far each gets differs with the machine all the same
    first = migrated(make_site(**rings(1), **url))
    Phone(first).login()
    fill(first)
    hosts = make_site(**rings(2, 1), **url), make_site(**rings(1, 2), **url)
    settings, kills = of_command(first, 2, 1), KILLS[dialect(first)]
    with People(*hosts) as people:
        for words in ("rotate", "reindex"):
            for _ in range(kills):
                killed_at(first, settings, words, moments.randrange(USERS // (kills + 1)))
    # Now both hosts have the newer keys in front, and nothing is written under the old ones.
    for words in ("rotate", "reindex"):
        done = flask_process.run(("keys", words), settings, first.directory)
        assert (done.returncode, done.stderr) == (0, "")
    assert people.refused == []
    assert [found for found in people.ids.values() if len(found) > 1] == []
    assert counted(first) == USERS + 1 + len(people.ids)
    last = make_site(**rings(2), **url)
    assert Phone(last).login()["user"]["is_new"] is False
    with last.app.app_context():
        report = last.services.accounts.key_usage.count()
        users = last.services.accounts.directory.list_newest(USERS * 2)
    assert report.lost == 0
    assert all(user.openid for user in users)


def killed_at(site: Site, settings: dict[str, str], words: str, done: int) -> None:
    """Start the real command, and kill it once it has done so many rows more."""
    rotation = keyring(site).rotation
    before = rotation.progress()
    with tempfile.TemporaryFile("w+") as errors:
        process = forked.start(
            flask_process.command("keys", words),
            flask_process.environment(settings),
            site.directory,
            files=(subprocess.DEVNULL, subprocess.DEVNULL, errors),
        )

        def arrived() -> bool:
            now = rotation.progress()
            running = now is not None and now != before and now.state == "running"
            return process.poll() is not None or (running and now is not None and now.done >= done)

        eventually(arrived, 60)
        process.kill()
        status = process.wait(60)
        errors.seek(0)
        told = errors.read()
    assert "Traceback" not in told, told
    assert status in (0, -signal.SIGKILL), told


@pytest.mark.parametrize("orders", [((1, 2), (2, 1)), ((1,), (2, 1))], ids=["steps", "skipped"])
def test_first_logins_at_once_on_two_hosts_make_one_user(
    url: dict[str, str], make_site: Make, orders: tuple[tuple[int, ...], tuple[int, ...]]
) -> None:
    """Their newest index keys differ, and WeChat lets all of them come to the database at once."""
    one = migrated(make_site(**rings(1, index=orders[0]), **url))
    other = make_site(**rings(1, index=orders[1]), **url)
    Phone(one, "zoe").login()
    for name in ("alice", "bob", "carol"):
        phones = [Phone(site, name) for site in (one, other) for _ in range(4)]
        with (
            one.sandbox.faults.hold(LOGIN) as hold,
            other.sandbox.faults.hold(LOGIN) as hold_other,
            ThreadPoolExecutor(len(phones)) as pool,
        ):
            logins = [pool.submit(phone.try_login) for phone in phones]
            assert all(hold.arrived() for _ in range(4))
            assert all(hold_other.arrived() for _ in range(4))
            hold.set()
            hold_other.set()
            answers = [login.result(timeout=30) for login in logins]
        one.tokens |= {answer.json()["token"] for answer in answers if answer.ok}
        other.tokens |= one.tokens
        assert [answer.status_code for answer in answers] == [200] * 8
        people = [answer.json()["user"] for answer in answers]
        assert len({person["id"] for person in people}) == 1
        assert sum(person["is_new"] for person in people) == 1
    assert counted(one) == 4
