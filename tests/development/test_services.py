"""What the development command adds, and what it leaves to the settings."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

import config
from wxlogin.development import address, app, commands, services, startup_message
from wxlogin.development.errors import StartError
from wxlogin.development.services import Services

APP = "http://127.0.0.1:8000"
REDIS = "redis://127.0.0.1:1/0"


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(config.PREFIX)]:
        monkeypatch.delenv(name)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


def started(instance: Path, stack: ExitStack) -> Services:
    return services.start(
        services.load_settings(instance), instance, address.parse_address("127.0.0.1:0").port, stack
    )


def test_the_app_gets_the_sandbox_as_its_wechat(
    tmp_path: Path, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WXLOGIN_REDIS_URL", REDIS)
    beside = started(tmp_path, stack)
    seen = config.load(beside.environment, tmp_path / "elsewhere")
    asked = {"grant_type": "client_credential", "appid": seen.wx_appid, "secret": seen.wx_secret}
    answer = requests.get(f"{seen.wx_api_base}/cgi-bin/token", params=asked, timeout=5)
    assert "access_token" in answer.json()


def test_the_secret_of_the_sandbox_is_kept_and_its_owners_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WXLOGIN_REDIS_URL", REDIS)
    secrets = []
    for _ in range(2):
        with ExitStack() as stack:
            started(tmp_path, stack)
            secrets.append((tmp_path / "wx_secret").read_text())
    assert secrets[0] == secrets[1]
    assert stat.filemode((tmp_path / "wx_secret").stat().st_mode) == "-rw-------"


def test_a_mini_program_of_ones_own_is_what_the_sandbox_plays(
    tmp_path: Path, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WXLOGIN_REDIS_URL", REDIS)
    monkeypatch.setenv("WXLOGIN_WX_APPID", "wx1234567890abcdef")
    monkeypatch.setenv("WXLOGIN_WX_SECRET", "0123456789abcdef0123456789abcdef")
    beside = started(tmp_path, stack)
    assert beside.environment["WXLOGIN_WX_APPID"] == "wx1234567890abcdef"
    assert "WXLOGIN_WX_SECRET_FILE" not in beside.environment
    assert not (tmp_path / "wx_secret").exists()


def test_a_given_store_and_wechat_are_left_alone(
    tmp_path: Path, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WXLOGIN_REDIS_URL", REDIS)
    monkeypatch.setenv("WXLOGIN_WX_API_BASE", "http://127.0.0.1:2")
    beside = started(tmp_path, stack)
    assert beside.valkey is None
    assert beside.sandbox is None
    assert beside.environment["WXLOGIN_REDIS_URL"] == REDIS
    assert beside.environment["WXLOGIN_WX_API_BASE"] == "http://127.0.0.1:2"


def test_a_blank_setting_is_none(
    tmp_path: Path, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WXLOGIN_REDIS_URL", " ")
    monkeypatch.setenv("WXLOGIN_SANDBOX", "off")
    beside = started(tmp_path, stack)
    assert beside.valkey is not None
    assert beside.environment["WXLOGIN_REDIS_URL"] == beside.valkey.url


def test_the_app_takes_the_keys_and_the_database_of_the_instance(
    tmp_path: Path, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WXLOGIN_REDIS_URL", REDIS)
    monkeypatch.setenv("WXLOGIN_SANDBOX", "off")
    chosen = services.load_settings(tmp_path)
    beside = services.start(chosen, tmp_path, 0, stack)
    seen = config.load(beside.environment, tmp_path / "elsewhere")
    assert seen.secret_keys == chosen.secret_keys
    assert seen.data_keys == chosen.data_keys
    assert seen.index_keys == chosen.index_keys
    assert seen.database_url == f"sqlite:///{tmp_path}/wxlogin.sqlite3"


def test_a_setting_given_as_a_file_is_not_given_twice(
    tmp_path: Path, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = tmp_path / "redis_url"
    given.write_text(REDIS)
    monkeypatch.setenv("WXLOGIN_REDIS_URL_FILE", str(given))
    monkeypatch.setenv("WXLOGIN_SANDBOX", "off")
    beside = started(tmp_path, stack)
    assert config.load(beside.environment, tmp_path).redis_url == REDIS


def test_without_a_sandbox_the_banner_says_where_codes_come_from() -> None:
    said = "\n".join(startup_message.lines(APP, None, "https://wechat", None, None, docs=False))
    assert "WeChat    https://wechat" in said
    assert "wx.login" in said
    assert "curl" not in said


def test_the_banner_names_the_docs_and_what_builds_them() -> None:
    built, unbuilt = (
        "\n".join(startup_message.lines(APP, None, "https://wechat", None, None, docs=docs))
        for docs in (True, False)
    )
    assert f"Docs      {APP}/docs/\n" in built
    assert "make site" not in built
    assert f"Docs      (not built: make site, then {APP}/docs/)\n" in unbuilt


def test_the_next_free_port_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert address.first_free(port).port > port


@pytest.mark.parametrize(
    "text", ["", "8000", "localhost", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:99999", "a@b:1"]
)
def test_an_address_is_a_host_and_a_port(text: str) -> None:
    with pytest.raises(StartError, match="Write HOST:PORT"):
        address.parse_address(text)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::1", "http://[::1]:80"),
        ("::", "http://[::1]:80"),
        ("10.0.0.1", "http://10.0.0.1:80"),
    ],
)
def test_the_url_is_where_a_client_on_this_machine_finds_it(host: str, url: str) -> None:
    assert address.Address(host, 80).url == url


def test_migrations_are_not_waited_for_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "TIMEOUT_SECONDS", 0.0)
    with pytest.raises(StartError, match="could not be brought up to date: it took over 0 s"):
        commands.prepare({}, tmp_path, None)


def test_an_app_that_does_not_come_up_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    gunicorn = app.Gunicorn(address.parse_address("127.0.0.1:0"), {"WXLOGIN_ENV": "production"})
    with pytest.raises(StartError, match=r"ended as it started \(exit 2\)"):
        gunicorn.start()
    assert "WXLOGIN_DATABASE_URL is missing" in capfd.readouterr().err
