"""The parts beside the app, each only where the settings leave it to the development command."""

from __future__ import annotations

import secrets
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import config
from wxlogin.development.address import first_free
from wxlogin.development.errors import StartError
from wxlogin.development.valkey import ValkeyServer
from wxlogin.sandbox import SandboxServer

APPID = "wx0000000000000001"
DEFAULTS = {"WXLOGIN_ENV": "development", "WXLOGIN_SANDBOX": "on"}


@dataclass(frozen=True)
class Services:
    """What runs beside the app, and the environment that tells the app of it."""

    environment: dict[str, str]
    valkey: ValkeyServer | None
    sandbox: SandboxServer | None


def settings(instance: Path) -> config.Settings:
    """The settings with this command's defaults; ConfigError or StartError if they cannot do."""
    environ = config.environment(**DEFAULTS)
    if environ.get("WXLOGIN_ENV", "").strip() == "production":
        raise StartError(
            "This command is for development. In production: "
            "gunicorn -c deploy/gunicorn.conf.py wsgi:app"
        )
    return config.load(environ, instance)


def start(chosen: config.Settings, instance: Path, sandbox_port: int, stack: ExitStack) -> Services:
    """Start what the settings do not name; `stack` stops it."""
    defaults = _kept_in(instance, chosen)
    valkey = sandbox = None
    if chosen.redis_url == config.embedded_redis(instance):
        valkey = ValkeyServer(instance / "valkey")
        valkey.start()
        stack.callback(valkey.stop)
        defaults["WXLOGIN_REDIS_URL"] = valkey.url
    if chosen.sandbox and "wx_api_base" not in chosen.model_fields_set:
        apps = {chosen.wx_appid: chosen.wx_secret}
        if not chosen.wx_appid:
            secret_file = _secret_file(instance)
            apps = {APPID: secret_file.read_text(encoding="utf-8")}
            defaults["WXLOGIN_WX_APPID"] = APPID
            defaults["WXLOGIN_WX_SECRET_FILE"] = str(secret_file)
        sandbox = SandboxServer(apps, port=first_free(sandbox_port).port)
        sandbox.start()
        stack.callback(sandbox.stop)
        defaults["WXLOGIN_WX_API_BASE"] = sandbox.base
    return Services(config.environment(**defaults), valkey, sandbox)


def _kept_in(instance: Path, chosen: config.Settings) -> dict[str, str]:
    """What the settings took from `instance`, by name, so that every child takes the same."""
    return {
        "WXLOGIN_ENV": chosen.env,
        "WXLOGIN_DATABASE_URL": chosen.database_url,
        "WXLOGIN_SECRET_KEYS_FILE": str(instance / "secret_keys"),
        "WXLOGIN_DATA_KEYS_FILE": str(instance / "data_keys"),
        "WXLOGIN_INDEX_KEYS_FILE": str(instance / "index_keys"),
    }


def _secret_file(instance: Path) -> Path:
    """The file with the AppSecret of the sandbox's own mini-program, made once."""
    path = instance / "wx_secret"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(16), encoding="utf-8")
    return path
