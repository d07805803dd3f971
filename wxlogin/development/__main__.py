"""The command behind `make run`: `python -m wxlogin.development [--bind HOST:PORT]`."""

from __future__ import annotations

import signal
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

import click

from config import ROOT, ConfigError
from wxlogin.development import address, banner, services
from wxlogin.development.app import Gunicorn
from wxlogin.development.commands import first_password, migrate
from wxlogin.development.errors import StartError
from wxlogin.development.lock import DirectoryLock
from wxlogin.development.valkey import ValkeyServer

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
WATCH_SECONDS = 0.5


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
    for number in ENDINGS:
        signal.signal(number, _end)
    try:
        sys.exit(_run(bind, instance))
    except ConfigError as fault:
        _say(str(fault))
        sys.exit(2)
    except StartError as fault:
        _say(str(fault))
        sys.exit(1)
    except KeyboardInterrupt:
        _say("Stopped.")


def _end(_number: int, _frame: FrameType | None) -> None:
    """Begin the end; what follows is orderly and bounded, so further signals change nothing."""
    for number in ENDINGS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _run(bind: str | None, instance: Path) -> int:
    """Start the parts in order and watch them; they stop in reverse order however this ends."""
    with ExitStack() as stack:
        lock = DirectoryLock(instance)
        lock.acquire()
        stack.callback(lock.release)
        chosen = services.settings(instance)
        place = address.given(bind) if bind else address.first_free()
        beside = services.start(chosen, instance, place.port + 1, stack)
        migrate(beside.environment)
        password = first_password(beside.environment)
        gunicorn = Gunicorn(place, beside.environment)
        gunicorn.start()
        stack.callback(gunicorn.stop)
        sandbox = beside.sandbox.base if beside.sandbox else None
        store = beside.valkey.url if beside.valkey else None
        for line in banner.lines(place.url, sandbox, chosen.wx_api_base, store, password):
            click.echo(line)
        return _watch(gunicorn, beside.valkey)


def _watch(gunicorn: Gunicorn, valkey: ValkeyServer | None) -> int:
    """Bring Valkey back whenever it dies; return gunicorn's exit status once it ends."""
    while (status := gunicorn.status) is None:
        if valkey is not None and not valkey.alive:
            valkey.restart()
            _say("Valkey ended and was started again with its data.")
        time.sleep(WATCH_SECONDS)
    _say(f"The server ended by itself (exit {status}); stopping the rest.")
    return status if status >= 0 else 128 - status


def _say(text: str) -> None:
    click.echo(text, err=True)


if __name__ == "__main__":
    main()
