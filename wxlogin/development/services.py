"""Starts the parts that the settings do not name: Valkey and the sandbox."""

from __future__ import annotations

import secrets
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import config
from wxlogin.development.address import first_free
from wxlogin.development.errors import StartError
from wxlogin.development.orders import OrderBook
from wxlogin.development.valkey import ValkeyServer
from wxlogin.sandbox import SandboxServer

APPID = "wx0000000000000001"
DEFAULTS = {
    "WXLOGIN_ENV": "development",
    "WXLOGIN_SANDBOX": "on",
    # Who tries each fault on the two phones logs one person in more often than people do.
    "WXLOGIN_LIMIT_LOGIN_OPENID": "100/minute",
}


@dataclass(frozen=True)
class Services:
    """The parts that were started, and the environment that points the app to them."""

    environment: dict[str, str]
    valkey: ValkeyServer | None
    sandbox: SandboxServer | None
    orders: OrderBook


def load_settings(instance: Path) -> config.Settings:
    """Load the settings with this command's defaults; ConfigError or StartError if unusable."""
    environ = config.environment(**DEFAULTS)
    if environ.get("WXLOGIN_ENV", "").strip() == "production":
        raise StartError(
            "This command is for development. In production: "
            "gunicorn -c deploy/gunicorn.conf.py wsgi:app"
        )
    return config.load(environ, instance)


def start(
    settings: config.Settings, instance: Path, sandbox_port: int, stack: ExitStack
) -> Services:
    """Start what the settings do not name; `stack` stops it."""
    defaults = _from_instance(instance, settings)
    valkey = sandbox = None
    orders = OrderBook()
    if settings.redis_url == config.embedded_redis(instance):
        valkey = ValkeyServer(instance / "valkey")
        valkey.start()
        stack.callback(valkey.stop)
        defaults["WXLOGIN_REDIS_URL"] = valkey.url
    if settings.sandbox and "wx_api_base" not in settings.model_fields_set:
        apps = {settings.wx_appid: settings.wx_secret}
        if not settings.wx_appid:
            secret_file = _secret_file(instance)
            apps = {APPID: secret_file.read_text(encoding="utf-8")}
            defaults["WXLOGIN_WX_APPID"] = APPID
            defaults["WXLOGIN_WX_SECRET_FILE"] = str(secret_file)
        sandbox = SandboxServer(
            apps, port=first_free(sandbox_port).port, orders=orders.offered(valkey is not None)
        )
        sandbox.start()
        stack.callback(sandbox.stop)
        defaults["WXLOGIN_WX_API_BASE"] = sandbox.base
        defaults["WXLOGIN_SANDBOX"] = "on"
    return Services(config.environment(**DEFAULTS | defaults), valkey, sandbox, orders)


def _from_instance(instance: Path, settings: config.Settings) -> dict[str, str]:
    """Return what the settings took from `instance`, so that all child processes use the same."""
    return {
        "WXLOGIN_ENV": settings.env,
        "WXLOGIN_DATABASE_URL": settings.database_url,
        "WXLOGIN_SECRET_KEYS_FILE": str(instance / "secret_keys"),
        "WXLOGIN_DATA_KEYS_FILE": str(instance / "data_keys"),
        "WXLOGIN_INDEX_KEYS_FILE": str(instance / "index_keys"),
    }


def _secret_file(instance: Path) -> Path:
    """Return the file with the AppSecret of the sandbox's mini-program, generated once."""
    path = instance / "wx_secret"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(16), encoding="utf-8")
    return path
