"""The old app of examples/ moves over and back: nobody signs in anew, and nobody's id changes."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from redis import Redis

from examples.old_app.export_users import QUERY, export
from examples.old_app.import_users import take
from examples.old_app.old_tokens import HandMadeJwt, OldTokens, SaTokenKeys, SessionTable
from examples.old_app.shop import Settings, create_app
from tests.api.backend import Backend
from tests.harness.command_line import CommandLine
from tests.harness.console import Service
from tests.harness.crowd import together
from tests.harness.doc_pages import written
from tests.harness.phone import Phone
from tests.harness.site import APPID, SECRET, Site
from tests.harness.wsgi_server import served
from tests.house.source import ROOT
from wxlogin.development.valkey import ValkeyServer

ACCESS_TOKEN = "/v1/service/access-token"
USERS = [f"user-{number}" for number in range(12)]
WAYS = ("hand-made JWT", "table of sessions", "Sa-Token")


def tokens_of(way: str, database: str, redis: Redis) -> OldTokens:
    """The shop's own tokens, as one kind of teams makes them."""
    if way == "table of sessions":
        return SessionTable(database)
    return SaTokenKeys(redis) if way == "Sa-Token" else HandMadeJwt("a key of the shop's own")


class OldVersion:
    """The mini-program as it was: it signs in at the shop and keeps the shop's token."""

    def __init__(self, site: Site, base: str, user: str) -> None:
        self.site = site
        self.base = base
        self.user = user
        self.sign_in()

    def sign_in(self) -> None:
        """wx.login, and the shop's own call."""
        code = self.site.sandbox.world.login_code(self.user)
        self.site.guard(self.user)
        answer = call("POST", f"{self.base}/login", json={"code": code}).json()
        self.token, self.id = str(answer["token"]), int(answer["id"])

    def me(self) -> int:
        """Who the shop takes it for; the status where it takes it for nobody."""
        return whom(self.base, self.token)


class Shop:
    """The shop, on one database, before and after the move."""

    def __init__(self, site: Site, directory: Path, way: str, redis: Redis) -> None:
        self.site = site
        self.database = str(directory / "shop.sqlite3")
        tokens = tokens_of(way, self.database, redis)
        self.settings = Settings(self.database, APPID, SECRET, "unused", site.sandbox.base)
        self.running = ExitStack()
        self.before = self.start(self.settings, tokens)
        service = Service(site, "identity", "link", "wechat").token
        moved = replace(self.settings, wxlogin=site.base, service_token=service)
        self.after = self.start(moved, tokens)
        switched = replace(moved, old_login=False)
        self.switched = self.start(switched, tokens)

    def start(self, settings: Settings, tokens: OldTokens) -> str:
        """Serve it; where."""
        return self.running.enter_context(served(create_app(settings, tokens)))

    def ids(self) -> dict[str, int]:
        """The shop's ids, by openid."""
        with closing(sqlite3.connect(self.database)) as sql:
            return dict(sql.execute("SELECT openid, id FROM users"))


def call(method: str, url: str, **options: Any) -> requests.Response:
    """One request past any proxy of the machine's."""
    with requests.Session() as http:
        http.trust_env = False
        return http.request(method, url, timeout=30, **options)


def whom(base: str, token: str) -> int:
    """Whom the shop takes a token for; the status where it refuses."""
    answer = call("GET", f"{base}/me", headers={"Authorization": f"Bearer {token}"})
    return int(answer.json()["id"]) if answer.ok else answer.status_code


@pytest.fixture
def shop(
    request: pytest.FixtureRequest, site: Site, tmp_path: Path, valkey: ValkeyServer
) -> Iterator[Shop]:
    """The shop, whose tokens are JWTs where a test names no others; it has a Redis of its own."""
    with Redis.from_url(valkey.url, db=9) as redis:
        shop = Shop(site, tmp_path, getattr(request, "param", WAYS[0]), redis)
        yield shop
        shop.running.close()
        redis.flushdb()


def moved_in(shop: Shop, directory: Path, *options: str) -> str:
    """Export and import, as the page says; what the command says."""
    file = directory / "users.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        export(shop.database, out)
    said = CommandLine(shop.site, "users").done("import", str(file), "--appid", APPID, *options)
    file.unlink()
    return said


@pytest.mark.parametrize("shop", WAYS, indirect=True)
def test_an_old_app_moves_over_and_back(site: Site, shop: Shop, tmp_path: Path) -> None:
    """Each step of docs/migrate.md, with real HTTP between phone, shop, wxlogin and WeChat."""
    old = [OldVersion(site, shop.before, user) for user in USERS]
    ids = {one.user: one.id for one in old}
    table = shop.ids()

    # A dry run says what the import does, and the import brings everybody.
    assert f"{len(USERS)} would be created" in moved_in(shop, tmp_path, "--dry-run")
    assert f"{len(USERS)} were created" in moved_in(shop, tmp_path)
    assert f"{len(USERS)} left as they are" in moved_in(shop, tmp_path)

    # Side by side: the shop takes both tokens, for one user with one id.
    assert [whom(shop.after, one.token) for one in old] == list(ids.values())
    new = {user: Phone(site, user) for user in USERS}
    for user, phone in new.items():
        assert phone.login()["user"]["is_new"] is False
        assert phone.ask("GET", "/v1/auth").headers["X-Wxlogin-External-Id"] == str(ids[user])
        assert whom(shop.after, phone.token) == ids[user]
    assert [whom(shop.after, one.token) for one in old] == list(ids.values())
    assert shop.ids() == table

    # The day of the switch: the second import brings the newcomers alone.
    newcomer = OldVersion(site, shop.after, "newcomer")
    again = moved_in(shop, tmp_path)
    assert f"1 were created, 0 completed, {len(USERS)} left as they are, 0 rejected" in again
    came = Phone(site, "newcomer")
    assert came.login()["user"]["is_new"] is False
    assert came.ask("GET", "/v1/auth").headers["X-Wxlogin-External-Id"] == str(newcomer.id)

    # Old tokens go on, nobody gets another.
    assert [whom(shop.switched, one.token) for one in old] == list(ids.values())
    refused = call("POST", f"{shop.switched}/login", json={"code": "any"})
    assert refused.status_code == 410

    # The way back: the old code takes its own tokens still, and knows who came meanwhile.
    late = Phone(site, "late")
    assert late.login()["user"]["is_new"] is True
    late_id = whom(shop.switched, late.token)
    assert late_id not in ids.values()
    assert [whom(shop.before, one.token) for one in old] == list(ids.values())
    assert OldVersion(site, shop.before, "late").id == late_id
    assert OldVersion(site, shop.before, USERS[0]).id == ids[USERS[0]]
    assert whom(shop.before, late.token) == 401


def test_who_signs_in_with_the_old_version_after_the_import_keeps_their_id(
    site: Site, shop: Shop, tmp_path: Path
) -> None:
    moved_in(shop, tmp_path)
    old = OldVersion(site, shop.after, "between")
    phone = Phone(site, "between")
    assert phone.login()["user"]["is_new"] is True
    seen = together([lambda: whom(shop.after, phone.token)] * 4)
    assert seen == [old.id] * 4
    assert phone.ask("GET", "/v1/auth").headers["X-Wxlogin-External-Id"] == str(old.id)
    assert "1 left as they are" in moved_in(shop, tmp_path)


def test_the_moved_app_passes_on_what_wxlogin_refuses(site: Site, shop: Shop) -> None:
    phone = Phone(site)
    phone.login()
    assert call("GET", f"{shop.after}/me", headers=bearer(phone)).ok
    phone.logout()
    refused = call("GET", f"{shop.after}/me", headers=bearer(phone))
    assert site.problem(refused) == "SESSION_REVOKED"
    assert [whom(shop.after, token) for token in ("wxs_forged", "forged", "a.b.c")] == [401] * 3


def test_from_the_first_day_of_both_the_old_code_asks_wxlogin_for_the_access_token(
    site: Site, shop: Shop
) -> None:
    old, world = OldVersion(site, shop.before, "alice"), site.sandbox.world
    number = world.phone_fields("alice")["phoneNumber"]
    assert phone_at(shop.before, site, old) == {"phone": number}
    assert world.calls["/cgi-bin/token"] == 1
    held = Backend(site, "wechat").given(ACCESS_TOKEN, appid=APPID)
    site.secrets.add(held["access_token"])
    assert phone_at(shop.after, site, old) == {"phone": number}
    assert world.calls["/cgi-bin/token"] == 1
    assert world.calls["/cgi-bin/stable_token"] == 1
    assert world.tokens.appid_of(held["access_token"], site.clock()) == APPID


def phone_at(base: str, site: Site, user: OldVersion) -> object:
    """Press the phone-number button; what the shop answers."""
    headers = {"Authorization": f"Bearer {user.token}"}
    code = {"code": site.sandbox.world.phone_code(user.user)}
    return call("POST", f"{base}/phone", headers=headers, json=code).json()


def test_an_export_of_wxlogin_gives_all_a_row_on_the_way_back(
    site: Site, shop: Shop, tmp_path: Path
) -> None:
    old = OldVersion(site, shop.before, "alice")
    moved_in(shop, tmp_path)
    for user in ("alice", "late", "later"):
        Phone(site, user).login()
    words = ["users", "export", "--appid", APPID]
    exported = site.app.test_cli_runner().invoke(args=words).stdout
    assert take(shop.database, exported.splitlines()) == 2
    assert take(shop.database, exported.splitlines()) == 0
    ids = shop.ids()
    assert len(ids) == 3
    for user in ("alice", "late", "later"):
        assert OldVersion(site, shop.before, user).id == ids[site.sandbox.world.openid(user)]
    assert ids[site.sandbox.world.openid("alice")] == old.id


def test_orders_stay_with_their_user(site: Site, shop: Shop, tmp_path: Path) -> None:
    old = OldVersion(site, shop.before, "alice")
    headers = {"Authorization": f"Bearer {old.token}"}
    assert call("POST", f"{shop.before}/orders", headers=headers, json={"item": "tea"}).ok
    moved_in(shop, tmp_path)
    phone = Phone(site, "alice")
    phone.login()
    found = call("GET", f"{shop.after}/orders", headers=bearer(phone))
    assert found.json() == {"items": ["tea"]}


def test_the_query_of_the_page_is_that_of_the_export(shop: Shop) -> None:
    (query,) = written(ROOT / "docs/migrate.md", "sql")
    assert query.text.strip().rstrip(";") == QUERY.strip()
    out = io.StringIO()
    export(shop.database, out)
    assert next(csv.reader(io.StringIO(out.getvalue())))[0] == "openid"


def bearer(phone: Phone) -> dict[str, str]:
    """The header of the phone's token."""
    return {"Authorization": f"Bearer {phone.token}"}
