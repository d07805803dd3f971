"""Runs the app as a child process under gunicorn."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from config import ROOT
from wxlogin.development.address import Address
from wxlogin.development.die_with_parent import die_with_parent
from wxlogin.development.errors import StartError

READY_SECONDS = 60.0
DEPLOYED = ROOT / "deploy/gunicorn.conf.py"
CONFIG = """\
# Written by `make run`: production's file, and what the page with the phones changed since.
__file__ = {path!r}
exec(compile(open(__file__, encoding="utf-8").read(), __file__, "exec"))
raw_env = {changed!r}
"""
STOP_SECONDS = 6.0  # the server finishes its requests in four; all parts stop in less than ten


class Gunicorn:
    """Gunicorn with two workers on one address; it dies with this process (on Linux).

    Settings can be changed while it runs if there is an `instance` to keep its configuration in.
    """

    def __init__(
        self, address: Address, environment: Mapping[str, str], instance: Path | None = None
    ) -> None:
        self.address = address
        self._environment = environment
        self._config = instance / "gunicorn.conf.py" if instance else DEPLOYED
        self._changed: dict[str, str] = {}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def status(self) -> int | None:
        """The exit status, None while it runs."""
        return None if self._process is None else self._process.poll()

    def start(self) -> None:
        """Start it and wait until the app is ready; StartError after 60 s or if it exits."""
        self._write_config()
        self._process = self._launch()
        try:
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Let it finish its requests and exit; kill it after 6 s."""
        if self._process is None or self.status is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def change(self, **settings: str) -> None:
        """Have new workers take the place of the old ones, with these settings changed."""
        self._changed.update(settings)
        self._write_config()
        if self._process is not None:
            self._process.send_signal(signal.SIGHUP)

    def _launch(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 -- our own command, no shell
            die_with_parent(self._command(), signal.SIGTERM),
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C goes to its parent, which stops it first
        )

    def _write_config(self) -> None:
        if self._config == DEPLOYED:
            return
        changed = [f"{name}={value}" for name, value in self._changed.items()]
        self._config.write_text(CONFIG.format(path=str(DEPLOYED), changed=changed), "utf-8")

    def _command(self) -> list[str]:
        config = ["-c", str(self._config), "--bind", str(self.address), "--workers", "2"]
        quiet = ["--graceful-timeout", "4", "--log-level", "warning"]
        return [sys.executable, "-m", "gunicorn", *config, *quiet, "wsgi:app"]

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        answer = "no answer"
        while time.monotonic() < deadline:
            if self.status is not None:
                raise StartError(f"The server ended as it started (exit {self.status}); see above.")
            status, answer = _get(f"{self.address.url}/readyz")
            if status == http.client.OK:
                return
            time.sleep(0.1)
        raise StartError(f"The app is not ready after {READY_SECONDS:.0f} s: {answer}")


def _get(url: str) -> tuple[int, str]:
    """Return the status and the body of a response; status 0 and the reason without one."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    try:
        connection.request("GET", parts.path)
        response = connection.getresponse()
        return response.status, response.read(2000).decode(errors="replace").strip()
    except (OSError, http.client.HTTPException) as error:
        return 0, str(error)
    finally:
        connection.close()
