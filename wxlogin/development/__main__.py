"""The command behind `make run`: `python -m wxlogin.development [--bind HOST:PORT]`."""

from __future__ import annotations

import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

import click

from config import DOCS_SITE, ROOT, ConfigError
from wxlogin.development import address, services, startup_message
from wxlogin.development.app import Gunicorn
from wxlogin.development.commands import prepare
from wxlogin.development.errors import StartError
from wxlogin.development.lock import DirectoryLock

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
POLL_SECONDS = 0.5


@click.command()
@click.option("--bind", metavar="HOST:PORT", help="Where to listen (127.0.0.1:8000 or the next).")
@click.option(
    "--instance",
    type=click.Path(path_type=Path, file_okay=False, resolve_path=True),
    default=ROOT / "instance",
    show_default="instance/",
    help="Where keys, database, store and logs are kept.",
)
def main(bind: str | None, instance: Path) -> None:
    """Run wxlogin for development, with everything it needs, until Ctrl-C."""
    for number in STOP_SIGNALS:
        signal.signal(number, _stop)
    try:
        sys.exit(_run(bind, instance))
    except ConfigError as fault:
        _print(str(fault))
        sys.exit(2)
    except StartError as fault:
        _print(str(fault))
        sys.exit(1)
    except KeyboardInterrupt:
        _print("Stopped.")


def _stop(_number: int, _frame: FrameType | None) -> None:
    """Start the shutdown. It is bounded in time, so further signals are ignored."""
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _run(bind: str | None, instance: Path) -> int:
    """Start the parts in order and supervise them; they always stop in reverse order."""
    with ExitStack() as stack:
        lock = DirectoryLock(instance)
        lock.acquire()
        stack.callback(lock.release)
        settings = services.load_settings(instance)
        where = address.parse_address(bind) if bind else address.first_free()
        started = services.start(settings, instance, where.port + 1, stack)
        password = _prepare(instance, started)
        gunicorn = Gunicorn(where, started.environment, instance)
        gunicorn.start()
        stack.callback(gunicorn.stop)
        sandbox = started.sandbox.base if started.sandbox else None
        valkey = started.valkey.url if started.valkey else None
        wechat, docs = settings.wx_api_base, DOCS_SITE.is_dir()
        message = startup_message.lines(where.url, sandbox, wechat, valkey, password, docs=docs)
        for line in message:
            click.echo(line)
        return _supervise(gunicorn, started)


def _prepare(instance: Path, started: services.Services) -> str | None:
    """Prepare the stores, and return the password of the owner if one was created.

    wxlogin tells the sandbox's receiver what happens, if there is a sandbox.
    """
    sandbox = started.sandbox
    prepared = prepare(started.environment, instance, sandbox.webhooks_url if sandbox else None)
    if sandbox and prepared.webhook_secret:
        sandbox.inbox.add_secret(prepared.webhook_secret)
    return prepared.password


def _supervise(gunicorn: Gunicorn, started: services.Services) -> int:
    """Restart Valkey whenever it dies and carry out what the page with the phones asks for.

    Return gunicorn's exit status once it ends.
    """
    valkey, orders = started.valkey, started.orders
    while (status := gunicorn.status) is None:
        if valkey is not None and not valkey.alive and not orders.keeps_redis_out:
            valkey.restart()
            _print("Valkey ended and was started again with its data.")
        if done := orders.wait(POLL_SECONDS, gunicorn, valkey):
            _print(done)
    _print(f"The server ended by itself (exit {status}); stopping the rest.")
    return status if status >= 0 else 128 - status


def _print(text: str) -> None:
    click.echo(text, err=True)


if __name__ == "__main__":
    main()
