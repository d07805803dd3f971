"""Settings: read from the environment once, checked as a whole, then frozen.

`load` is the only reader of the environment. Every fault is found before the first is reported,
and no message, repr or log holds a secret's value.
"""

from __future__ import annotations

import base64
import contextlib
import difflib
import itertools
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from click import ClickException
from gunicorn.errors import AppImportError
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from wxlogin.settings import files, values
from wxlogin.settings.table import PRODUCTION, Settings
from wxlogin.settings.weak_keys import is_weak

__all__ = [
    "DOCS_SITE",
    "ROOT",
    "ConfigError",
    "Settings",
    "embedded_redis",
    "environment",
    "load",
    "notify_socket",
    "region_files",
    "restore_environment",
    "script_name",
    "table",
    "worker_count",
]

PREFIX = "WXLOGIN_"
ROOT = Path(__file__).resolve().parent
DOCS_SITE = ROOT / "site"
"""Where `make site` puts the documentation, which development serves at `/docs/`."""
SERVICE_LINK = re.compile("WXLOGIN_(PORT|PORT_.*|SERVICE_.*)")
"""The variables that Kubernetes sets in every container for a Service named wxlogin."""
KEPT = {
    "secret_keys": ("", values.signing_keys),
    "data_keys": ("d1:", values.data_keys),
    "index_keys": ("i1:", values.data_keys),
}
"""The keys that are generated in `instance`: the prefix and the parser of each."""
HINT_FOR_MAKE_RUN = (
    "WXLOGIN_ENV is not set, so this is production. Beside `make run`: "
    "export WXLOGIN_ENV=development"
)


class ConfigError(ClickException, AppImportError):  # type: ignore[misc]
    """The settings are wrong; the message names every one of them and what it should look like.

    The flask commands and gunicorn's workers show it as a message, without a traceback.
    """

    exit_code = 2

    def __init__(self, faults: list[str], hint: str = "", language: str = "zh") -> None:
        lines = "\n".join([*(f"  - {fault}" for fault in faults), *filter(None, [hint])])
        super().__init__(f"wxlogin cannot start with these settings:\n{lines}")
        self.faults = faults
        self.language = language


def table() -> dict[str, FieldInfo]:
    """Return every setting by its environment variable, in the order of the docs."""
    return {PREFIX + name.upper(): info for name, info in Settings.model_fields.items()}


def load(environ: Mapping[str, str] | None = None, instance: Path = ROOT / "instance") -> Settings:
    """Read and check the settings; raise ConfigError with every fault in one message.

    A setting has at most one fault, the first that was found. In development and testing, missing
    keys are generated once and stored in `instance`, and the database is a SQLite file there.
    """
    environ = os.environ if environ is None else environ
    faults: dict[str, str] = {}
    given = _given(environ, faults)
    settings = _checked(given, faults)
    checks = [_contradictions(settings)]
    if settings.production:
        checks.append(_production_faults(settings, given))
    for names, fault in itertools.chain(*checks):
        if faults.keys().isdisjoint(names):
            faults[names[0]] = fault
    if faults:
        nothing_given = given.keys().isdisjoint(("WXLOGIN_ENV", "WXLOGIN_DATABASE_URL"))
        hint = HINT_FOR_MAKE_RUN if nothing_given else ""
        raise ConfigError(list(faults.values()), hint, settings.alert_language)
    return settings if settings.production else _with_embedded(settings, instance)


def embedded_redis(instance: Path) -> str:
    """Return the URL of the Valkey that `make run` starts, so that flask commands find it too."""
    return f"unix://{quote(str(instance / 'valkey' / 'valkey.sock'))}"


def environment(**defaults: str) -> dict[str, str]:
    """Return the environment for a child process, with `defaults` for missing variables.

    A blank setting counts as missing, one with a `_FILE` variable does not.
    """
    given = {name: text for name, text in os.environ.items() if _is_given(name, text)}
    named = {name.removesuffix("_FILE") for name in given}
    return given | {n: text for n, text in defaults.items() if n.removesuffix("_FILE") not in named}


def worker_count() -> int:
    """Return the number in `WEB_CONCURRENCY`, 0 if there is none."""
    text = os.environ.get("WEB_CONCURRENCY", "").strip()
    return int(text) if text.isdecimal() else 0


def region_files() -> tuple[str, ...]:
    """Return the valid files of `WXLOGIN_IP_REGION_DB`, to be read before the fork."""
    name = f"{PREFIX}IP_REGION_DB"
    text = files.strip(os.environ.get(name, ""))
    with contextlib.suppress(ValueError):
        return values.region_files(text) if text else ()
    return ()


def notify_socket() -> str:
    """Remove and return the address of the service manager, so that no child process uses it."""
    return os.environ.pop("NOTIFY_SOCKET", "")


def script_name() -> str:
    """Return below which path gunicorn is told to serve the app; empty at the root."""
    return os.environ.get("SCRIPT_NAME", "")


def restore_environment(names: Iterable[str], original: Mapping[str, str]) -> None:
    """Reset these environment variables to their original values."""
    for name in names:
        if name in original:
            os.environ[name] = original[name]
        else:
            os.environ.pop(name, None)


def _is_given(name: str, text: str) -> bool:
    return bool(text.strip()) or not name.startswith(PREFIX)


def _given(environ: Mapping[str, str], faults: dict[str, str]) -> dict[str, str]:
    """Return the settings in the environment, with the content of `_FILE` variables."""
    known, given = table(), {}
    for name, text in sorted(environ.items()):
        base = name.removesuffix("_FILE")
        if not name.startswith(PREFIX) or SERVICE_LINK.fullmatch(name) or not files.strip(text):
            continue
        if name in known:
            given[name] = files.strip(text)
        elif base not in known or known[base].repr:
            _misnamed(name, environ, faults)
        elif environ.get(base, "").strip():
            faults[base] = f"{name} and {base} are both given; keep one"
        else:
            try:
                given[base] = files.file_text(Path(text.strip()))
            except ValueError as fault:
                faults[base] = f"{name} should be the path of a text file; this one {fault}"
    return given


def _misnamed(name: str, environ: Mapping[str, str], faults: dict[str, str]) -> None:
    """Report an unknown name; the setting that was probably meant is not reported as missing."""
    near = [*difflib.get_close_matches(name, table(), n=1), ""][0]
    meant = near if near and not environ.get(near, "").strip() else name
    faults[meant] = f"{name} is not a setting" + (f"; is {near} meant?" if near else "")


def _checked(given: Mapping[str, str], faults: dict[str, str]) -> Settings:
    """Return the settings, with the default for each that does not parse."""
    texts = {name.removeprefix(PREFIX).lower(): text for name, text in given.items()}
    if texts.get("env", "production") == "production":
        texts = {**PRODUCTION, **texts}
    try:
        return Settings.model_validate(texts)
    except ValidationError as invalid:
        wrong = {str(error["loc"][0]): error["msg"] for error in invalid.errors()}
    for name, message in wrong.items():
        text = re.sub("^(Value error, |Input |String )", "", message)
        faults.setdefault(PREFIX + name.upper(), f"{PREFIX}{name.upper()} {text}")
    return Settings.model_validate({n: text for n, text in texts.items() if n not in wrong})


Fault = tuple[tuple[str, ...], str]
"""The settings that a fault concerns, and its message."""


def _contradictions(settings: Settings) -> Iterator[Fault]:
    if settings.session_idle_ttl > settings.session_max_age:
        names = ("WXLOGIN_SESSION_IDLE_TTL", "WXLOGIN_SESSION_MAX_AGE")
        yield names, f"{names[0]} should not exceed {names[1]}"
    if bool(settings.wx_appid) != bool(settings.wx_secret):
        names = ("WXLOGIN_WX_APPID", "WXLOGIN_WX_SECRET")
        yield names, f"{names[0]} and {names[1]} should be given together"
    if settings.wx_push_token and not settings.wx_appid:
        yield _fault("wx_push_token", "needs WXLOGIN_WX_APPID")
    if settings.wx_push_aes_key and not settings.wx_push_token:
        yield _fault("wx_push_aes_key", "needs WXLOGIN_WX_PUSH_TOKEN")
    if settings.assertion_audience and not settings.assertion_keys:
        yield _fault("assertion_audience", "needs WXLOGIN_ASSERTION_KEYS")
    yield from _mail_faults(settings)
    yield from _repeated_keys(settings)
    url = settings.database_url
    if settings.database_pgbouncer and url and not url.startswith("postgresql"):
        said = "should be off; PgBouncer stands in front of PostgreSQL alone"
        yield _fault("database_pgbouncer", said)


def _repeated_keys(settings: Settings) -> Iterator[Fault]:
    rings = {key.key for ring in (settings.data_keys, settings.index_keys) for key in ring}
    texts = {text for key in rings for text in (key, base64.b64encode(key))}
    if any(text.encode() in texts for text in settings.secret_keys):
        said = "should not repeat a key of WXLOGIN_DATA_KEYS or WXLOGIN_INDEX_KEYS"
        yield _fault("secret_keys", said)
    if {key.key for key in settings.data_keys} & {key.key for key in settings.index_keys}:
        names = ("WXLOGIN_INDEX_KEYS", "WXLOGIN_DATA_KEYS")
        yield names, f"{names[0]} should not repeat a key of {names[1]}"
    if {key.key for key in settings.assertion_keys} & rings:
        said = "should not repeat a key of WXLOGIN_DATA_KEYS or WXLOGIN_INDEX_KEYS"
        yield _fault("assertion_keys", said)


def _mail_faults(settings: Settings) -> Iterator[Fault]:
    if bool(settings.smtp_url) != bool(settings.alert_email):
        names = ("WXLOGIN_ALERT_EMAIL", "WXLOGIN_SMTP_URL")
        yield names, f"{names[0]} and {names[1]} should be given together"
    if settings.production and settings.smtp_url and settings.smtp_url.form == "plain":
        yield _fault("smtp_url", "should start with smtps:// or smtp:// in production")


def _production_faults(settings: Settings, given: Mapping[str, str]) -> Iterator[Fault]:
    """Yield what production refuses: missing secrets, weak keys, parts for tests."""
    for name in (*KEPT, "database_url", "redis_url"):
        if not getattr(settings, name):
            yield _fault(name, "is missing; production has no default for it")
    yield from (_fault(n, "should be random; see docs/settings.md") for n in _weak(settings))
    if settings.sandbox:
        yield _fault("sandbox", "should be off in production")
    if settings.database_url.startswith("sqlite"):
        yield _fault("database_url", "should not be SQLite in production")
    base = settings.wx_api_base
    if base.startswith("http://") and not values.is_local(base) and not settings.wx_api_insecure:
        said = (
            "should start with https://, as it carries the AppSecret; WXLOGIN_WX_API_INSECURE=on "
            "accepts it"
        )
        yield _fault("wx_api_base", said)
    if settings.alert_webhook.startswith("http://") and not settings.webhook_private:
        said = "should start with https://; WXLOGIN_WEBHOOK_PRIVATE=on accepts it"
        yield _fault("alert_webhook", said)
    if "WXLOGIN_TRUSTED_HOPS" not in given:
        yield _fault("trusted_hops", "is missing; name the reverse proxies in front, or 0")


def _weak(settings: Settings) -> Iterator[str]:
    for name in (*KEPT, "assertion_keys"):
        keys = [getattr(key, "key", key) for key in getattr(settings, name)]
        if any(is_weak(key if isinstance(key, bytes) else key.encode()) for key in keys):
            yield name
    if settings.metrics_token and is_weak(settings.metrics_token.encode()):
        yield "metrics_token"


def _fault(setting: str, said: str) -> Fault:
    name = PREFIX + setting.upper()
    return (name,), f"{name} {said}"


def _with_embedded(settings: Settings, instance: Path) -> Settings:
    """Return the settings, completed from `instance` with what development may leave out."""
    kept: dict[str, Any] = {}
    if not settings.redis_url:
        kept["redis_url"] = embedded_redis(instance)
    faults = []
    try:
        if not settings.database_url:
            instance.mkdir(mode=0o700, parents=True, exist_ok=True)
            kept["database_url"] = f"sqlite:///{instance / 'wxlogin.sqlite3'}"
        for name, (prefix, reader) in KEPT.items():
            if not getattr(settings, name):
                try:
                    kept[name] = reader(files.kept_key(instance / name, prefix))
                except ValueError as fault:
                    faults.append(_kept_fault(name, instance / name, fault))
    except OSError:
        faults.append(f"{instance} should be a directory in which keys and a database can be kept")
    if faults:
        raise ConfigError(faults)
    return settings.model_copy(update=kept)


def _kept_fault(name: str, path: Path, fault: ValueError) -> str:
    return (
        f"{PREFIX}{name.upper()} is not given, and the one kept in {path} {fault}; put that file "
        "back, or remove it for a fresh key, which opens nothing of the old one's"
    )
