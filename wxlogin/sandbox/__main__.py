"""Runs the sandbox alone: `python -m wxlogin.sandbox --appid APPID --secret-stdin`."""

from __future__ import annotations

import signal
import sys

import click

from wxlogin.sandbox.server import SandboxServer

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
MAX_PORT = 65_535
STARTUP_MESSAGE = """\
The stand-in for WeChat listens on {base}
Whoever reaches it logs in as anybody: it is for rehearsals alone.

  wxlogin's setting     WXLOGIN_WX_API_BASE={base}
  A code of wx.login    curl -X POST {base}/sandbox/code -d user=alice
  What else there is    {base}/sandbox/

Ctrl-C stops it, and it forgets all."""


@click.command()
@click.option(
    "--bind",
    metavar="HOST:PORT",
    default="127.0.0.1:8001",
    show_default=True,
    help="Where to listen, on this machine alone; port 0 is any free one.",
)
@click.option("--appid", required=True, help="The mini-program's, as in WXLOGIN_WX_APPID.")
@click.option(
    "--secret-stdin",
    is_flag=True,
    required=True,
    expose_value=False,
    help="Read its AppSecret from standard input: made up, 32 hex digits, as in WXLOGIN_WX_SECRET.",
)
def main(bind: str, appid: str) -> None:
    """Play WeChat and the phone, for a rehearsal of a production set-up, until Ctrl-C."""
    secret = sys.stdin.readline().strip()
    try:
        host, port = _parse_address(bind)
        server = SandboxServer({appid: secret}, host=host, port=port)
    except ValueError as fault:
        raise click.UsageError(str(fault)) from None
    # Blocked before threads start, which would otherwise receive the signals.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        server.start()
    except OSError as fault:
        raise click.ClickException(f"Cannot listen on {bind}: {fault.strerror}.") from None
    click.echo(STARTUP_MESSAGE.format(base=server.base))
    signal.sigwait(STOP_SIGNALS)
    server.stop()


def _parse_address(bind: str) -> tuple[str, int]:
    host, _, port = bind.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) > MAX_PORT:
        raise ValueError(f"{bind} is not an address: write HOST:PORT, such as 127.0.0.1:8001")
    return host.strip("[]"), int(port)


if __name__ == "__main__":
    main()
