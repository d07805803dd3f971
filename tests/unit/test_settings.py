"""Settings: what may stand in the environment, and what is said of what may not."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

import config
from tests.harness.environment import PRODUCTION, SECRETS, fault_of, faults_of


def test_production_starts_with_all_secrets_given() -> None:
    settings = config.load(PRODUCTION, Path("/nowhere"))
    assert settings.production
    assert settings.secret_keys == (SECRETS["WXLOGIN_SECRET_KEYS"],)
    assert [key.id for key in settings.data_keys + settings.index_keys] == ["d1", "i1"]
    assert settings.sandbox is False
    assert (settings.request_signing, settings.require_https) == ("required", True)


def test_production_is_what_is_meant_when_nothing_is_said() -> None:
    assert {fault.split()[0] for fault in faults_of({})} == {
        "WXLOGIN_SECRET_KEYS",
        "WXLOGIN_DATA_KEYS",
        "WXLOGIN_INDEX_KEYS",
        "WXLOGIN_DATABASE_URL",
        "WXLOGIN_REDIS_URL",
        "WXLOGIN_TRUSTED_HOPS",
    }
    assert all("is missing" in fault for fault in faults_of({}))


def test_the_defaults_are_the_documented_ones(tmp_path: Path) -> None:
    settings = config.load({"WXLOGIN_ENV": "testing"}, tmp_path)
    assert (settings.session_idle_ttl, settings.session_max_age) == (604_800, 2_592_000)
    assert (settings.session_key_ttl, settings.max_devices) == (7_200, 12)
    assert settings.wx_api_base == "https://api.weixin.qq.com"
    assert settings.wx_timeout == (1.5, 4.0)
    assert settings.redis_url == f"unix://{tmp_path}/valkey/valkey.sock"
    assert (settings.wx_appid, settings.sandbox) == ("", False)
    assert (settings.request_signing, settings.require_https) == ("optional", False)


def test_all_faults_stand_in_one_message() -> None:
    wrong = PRODUCTION | {
        "WXLOGIN_MAX_DEVICES": "none",
        "WXLOGIN_WX_TIMEOUT": "soon",
        "WXLOGIN_SESION_IDLE_TTL": "60",
        "WXLOGIN_SANDBOX": "on",
        "WXLOGIN_REDIS_URL": "",
        "WXLOGIN_DATABASE_URL": "sqlite:///x",
        "WXLOGIN_DATA_KEYS_FILE": "/nowhere/keys",
    }
    del wrong["WXLOGIN_WX_APPID"], wrong["WXLOGIN_TRUSTED_HOPS"]
    with pytest.raises(config.ConfigError) as refused:
        config.load(wrong, Path("/nowhere"))
    names = (
        "WXLOGIN_MAX_DEVICES",
        "WXLOGIN_WX_TIMEOUT",
        "WXLOGIN_SESION_IDLE_TTL",
        "WXLOGIN_SANDBOX",
        "WXLOGIN_REDIS_URL",
        "WXLOGIN_DATABASE_URL",
        "WXLOGIN_DATA_KEYS_FILE",
        "WXLOGIN_TRUSTED_HOPS",
        "WXLOGIN_WX_APPID and WXLOGIN_WX_SECRET",
    )
    lines = str(refused.value).splitlines()
    assert len(refused.value.faults) == len(names)
    for name in names:
        assert sum(line.startswith(f"  - {name} ") for line in lines) == 1, name


@pytest.mark.parametrize(
    "url", ["mysql+pymysql://user@localhost/wxlogin", "sqlite:////nowhere/wxlogin.sqlite3"]
)
def test_pgbouncer_stands_in_front_of_postgresql_alone(url: str) -> None:
    given = {"WXLOGIN_ENV": "development", "WXLOGIN_DATABASE_PGBOUNCER": "on"}
    assert faults_of(given | {"WXLOGIN_DATABASE_URL": url}) == [
        "WXLOGIN_DATABASE_PGBOUNCER should be off; PgBouncer stands in front of PostgreSQL alone"
    ]
    assert config.load(PRODUCTION | given | {"WXLOGIN_ENV": "production"}).database_pgbouncer


def test_an_unknown_name_is_refused_with_the_nearest_one() -> None:
    fault = fault_of(WXLOGIN_MAX_DEVICE="3")
    assert fault == "WXLOGIN_MAX_DEVICE is not a setting; is WXLOGIN_MAX_DEVICES meant?"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("WXLOGIN_PORT", "tcp://10.0.0.1:80"),
        ("WXLOGIN_PORT_80_TCP", "tcp://10.0.0.1:80"),
        ("WXLOGIN_PORT_80_TCP_ADDR", "10.0.0.1"),
        ("WXLOGIN_PORT_8443_TCP_PROTO", "tcp"),
        ("WXLOGIN_SERVICE_HOST", "10.0.0.1"),
        ("WXLOGIN_SERVICE_PORT", "80"),
        ("WXLOGIN_SERVICE_PORT_HTTP", "80"),
    ],
)
def test_what_kubernetes_tells_of_a_service_called_wxlogin_is_passed_over(
    name: str, text: str
) -> None:
    assert config.load(PRODUCTION | {name: text}) == config.load(PRODUCTION)


@pytest.mark.parametrize(
    "name",
    ["WXLOGIN_PORTS", "WXLOGIN_SERVICE", "WXLOGIN_SERVICES_HOST", "WXLOGIN_MAX_DEVICES_PORT"],
)
def test_a_name_that_only_resembles_those_is_a_fault(name: str) -> None:
    assert fault_of(**{name: "1"}).startswith(f"{name} is not a setting")


def test_no_setting_has_a_name_that_kubernetes_may_give() -> None:
    assert [name for name in config.table() if config.SERVICE_LINK.match(name)] == []


@pytest.mark.parametrize("name", [*SECRETS, "WXLOGIN_TRUSTED_HOPS"])
@pytest.mark.parametrize("form", ["{}S", "{}_FILE"])
def test_a_setting_that_is_misnamed_or_unreadable_is_not_missing_too(name: str, form: str) -> None:
    given = {n: text for n, text in PRODUCTION.items() if n != name}
    faults = faults_of({**given, form.format(name): "/nowhere"})
    assert len([fault for fault in faults if name in fault]) == 1
    assert not any("missing" in fault for fault in faults)


def test_names_of_other_programs_are_not_looked_at() -> None:
    config.load(PRODUCTION | {"PATH": "/bin", "WX_SECRET": "x", "wxlogin_env": "odd"})


def test_a_blank_setting_is_not_given(tmp_path: Path) -> None:
    environ = {"WXLOGIN_ENV": "testing", "WXLOGIN_MAX_DEVICES": " ", "WXLOGIN_WX_SECRET": ""}
    assert config.load(environ, tmp_path).max_devices == 12


# Secrets from files


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    environ = dict(PRODUCTION)
    for name in SECRETS:
        path = tmp_path / name
        path.write_text(environ.pop(name) + "\n", encoding="utf-8")
        environ[f"{name}_FILE"] = str(path)
    assert config.load(environ) == config.load(PRODUCTION)


def test_only_secrets_have_a_file_form() -> None:
    fault = fault_of(WXLOGIN_MAX_DEVICES_FILE="/etc/hostname")
    assert fault.startswith("WXLOGIN_MAX_DEVICES_FILE is not a setting")


def test_a_secret_given_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x", encoding="utf-8")
    fault = fault_of(WXLOGIN_WX_SECRET_FILE=str(tmp_path / "secret"))
    assert fault == "WXLOGIN_WX_SECRET_FILE and WXLOGIN_WX_SECRET are both given; keep one"


# What each setting takes


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("WXLOGIN_ENV", "prod"),
        ("WXLOGIN_SECRET_KEYS", "short"),
        ("WXLOGIN_SECRET_KEYS", f"{SECRETS['WXLOGIN_SECRET_KEYS']},"),
        ("WXLOGIN_SECRET_KEYS", ",".join([SECRETS["WXLOGIN_SECRET_KEYS"]] * 2)),
        ("WXLOGIN_DATA_KEYS", "q83vEjRWeJq8TXhQ2ZFmP0Lw5nKb7tXy1oCe9uVgHaM="),
        ("WXLOGIN_DATA_KEYS", "d1:cXVpdGUgc2hvcnQ="),
        ("WXLOGIN_DATA_KEYS", "d1:not base64 at all!"),
        ("WXLOGIN_DATA_KEYS", "D 1:q83vEjRWeJq8TXhQ2ZFmP0Lw5nKb7tXy1oCe9uVgHaM="),
        ("WXLOGIN_DATA_KEYS", ",".join([SECRETS["WXLOGIN_DATA_KEYS"]] * 2)),
        (
            "WXLOGIN_DATA_KEYS",
            SECRETS["WXLOGIN_DATA_KEYS"] + SECRETS["WXLOGIN_DATA_KEYS"].replace("d1:", ",d2:"),
        ),
        ("WXLOGIN_INDEX_KEYS", "i1"),
        ("WXLOGIN_DATABASE_URL", "/var/lib/wxlogin"),
        ("WXLOGIN_DATABASE_URL", "oracle://db/x"),
        ("WXLOGIN_REDIS_URL", "http://cache"),
        ("WXLOGIN_REDIS_URL", "redis://"),
        ("WXLOGIN_REDIS_URL", "cache:6379"),
        ("WXLOGIN_WX_APPID", "gh_0123456789"),
        ("WXLOGIN_WX_API_BASE", "api.weixin.qq.com"),
        ("WXLOGIN_WX_API_BASE", "https://"),
        ("WXLOGIN_WX_API_BASE", "https://api.weixin.qq.com/?x=1"),
        ("WXLOGIN_WEB_ORIGINS", "*"),
        ("WXLOGIN_WEB_ORIGINS", "null"),
        ("WXLOGIN_WEB_ORIGINS", "www.example.com"),
        ("WXLOGIN_WEB_ORIGINS", "https://www.example.com/"),
        ("WXLOGIN_WEB_ORIGINS", "https://*.example.com"),
        ("WXLOGIN_WEB_ORIGINS", "https://a.example;script-src 'unsafe-inline'"),
        ("WXLOGIN_WEB_ORIGINS", "https://a.example,"),
        ("WXLOGIN_WEB_ORIGINS", "https://a.example:99999"),
        ("WXLOGIN_WX_TIMEOUT", "4"),
        ("WXLOGIN_WX_TIMEOUT", "0,4"),
        ("WXLOGIN_WX_TIMEOUT", "1,31"),
        ("WXLOGIN_WX_TIMEOUT", "nan,1"),
        ("WXLOGIN_SESSION_IDLE_TTL", "59"),
        ("WXLOGIN_SESSION_MAX_AGE", "31536001"),
        ("WXLOGIN_SESSION_KEY_TTL", "7201"),
        ("WXLOGIN_MAX_DEVICES", "0"),
        ("WXLOGIN_MAX_DEVICES", "2.5"),
        ("WXLOGIN_SANDBOX", "perhaps"),
        ("WXLOGIN_TRUSTED_HOPS", "-1"),
        ("WXLOGIN_REQUEST_SIGNING", "sometimes"),
        ("WXLOGIN_LIMIT_LOGIN_IP", "often"),
        ("WXLOGIN_LIMIT_LOGIN_IP", "10/minute;"),
        ("WXLOGIN_RULE_FAIL_IP", "10/9999999999999999years"),
    ],
)
def test_a_value_of_the_wrong_form_is_refused_by_name(tmp_path: Path, name: str, text: str) -> None:
    environ = PRODUCTION | {"WXLOGIN_ENV": "testing", name: text}
    faults = faults_of(environ, tmp_path)
    assert [fault.split()[:2] for fault in faults if fault.startswith(name)] == [[name, "should"]]


def test_idle_longer_than_the_greatest_age_is_refused() -> None:
    fault = fault_of(WXLOGIN_SESSION_IDLE_TTL="3600", WXLOGIN_SESSION_MAX_AGE="600")
    assert fault == "WXLOGIN_SESSION_IDLE_TTL should not exceed WXLOGIN_SESSION_MAX_AGE"


@pytest.mark.parametrize("name", ["WXLOGIN_WX_APPID", "WXLOGIN_WX_SECRET"])
def test_appid_and_secret_come_together(name: str) -> None:
    assert fault_of(**{name: ""}) == (
        "WXLOGIN_WX_APPID and WXLOGIN_WX_SECRET should be given together"
    )


@pytest.mark.parametrize("key_id", ["d1", "i9"])
def test_an_index_key_may_not_be_a_data_key_by_any_id(key_id: str) -> None:
    key = SECRETS["WXLOGIN_DATA_KEYS"].removeprefix("d1:")
    fault = fault_of(WXLOGIN_INDEX_KEYS=f"{key_id}:{key}")
    assert fault == "WXLOGIN_INDEX_KEYS should not repeat a key of WXLOGIN_DATA_KEYS"


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("WXLOGIN_REDIS_URL", "redis://wxlogin:hunter2#more@cache/0"),
        ("WXLOGIN_REDIS_URL", "redis://cache:hunter2/0"),
        ("WXLOGIN_DATABASE_URL", "postgresql://wxlogin@db:hunter2/wxlogin"),
        ("WXLOGIN_WX_API_BASE", "https://api.weixin.qq.com:hunter2"),
        ("WXLOGIN_WX_API_BASE", "https://[hunter2"),
    ],
)
def test_a_url_that_its_client_cannot_read_is_a_fault_and_not_shown(name: str, url: str) -> None:
    fault = fault_of(**{name: url})
    assert fault.startswith(f"{name} should be")
    assert "hunter2" not in fault


def test_origins_are_as_browsers_write_them(tmp_path: Path) -> None:
    text = "https://A.example:443, http://b.example:80,https://c.example:8443,http://[::1]:3000"
    given = {"WXLOGIN_ENV": "testing", "WXLOGIN_WEB_ORIGINS": text}
    assert config.load(given, tmp_path).web_origins == (
        "https://a.example",
        "http://b.example",
        "https://c.example:8443",
        "http://[::1]:3000",
    )


def test_urls_are_brought_into_the_form_that_is_used() -> None:
    settings = config.load(
        PRODUCTION
        | {
            "WXLOGIN_DATABASE_URL": "mysql://wxlogin@db/wxlogin",
            "WXLOGIN_WX_API_BASE": "https://wechat.internal/api/",
        }
    )
    assert settings.database_url == "mysql+pymysql://wxlogin@db/wxlogin"
    assert settings.wx_api_base == "https://wechat.internal/api"


# Nothing shows a secret


def test_settings_show_no_secret() -> None:
    settings = config.load(PRODUCTION)
    shown = f"{settings!r} {settings} {settings.data_keys} {settings.index_keys[0]!s}"
    assert "wx0123456789abcdef" in shown
    for secret in SECRETS.values():
        assert secret.removeprefix("d1:").removeprefix("i1:") not in shown
    assert "hunter2" not in shown


def test_no_fault_shows_a_secret() -> None:
    bad = {
        "WXLOGIN_SECRET_KEYS": "s3cret-too-short",
        "WXLOGIN_DATA_KEYS": "d1:s3cret-in-clear",
        "WXLOGIN_INDEX_KEYS": "s3cret-without-id",
        "WXLOGIN_DATABASE_URL": "oracle://wxlogin:s3cret@db",
        "WXLOGIN_REDIS_URL": "http://:s3cret@cache",
        "WXLOGIN_WX_SECRET_FILE": "/nowhere",
        "WXLOGIN_TRUSTED_HOPS": "s3cret-in-the-wrong-place",
    }
    with pytest.raises(config.ConfigError) as refused:
        config.load(bad)
    assert len(refused.value.faults) == len(bad)
    assert "s3cret" not in f"{refused.value} {refused.value!r} {refused.value.__cause__!r}"
    assert refused.value.__context__ is None


def test_settings_cannot_be_changed(tmp_path: Path) -> None:
    settings = config.load({"WXLOGIN_ENV": "testing"}, tmp_path)
    with pytest.raises(ValidationError, match="frozen"):
        settings.max_devices = 99
