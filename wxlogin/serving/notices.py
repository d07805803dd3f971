"""Notifies the service manager, by the protocol of sd_notify."""

from __future__ import annotations

import contextlib
import socket
import time


class Notices:
    """Sends notifications to the address of the service manager, if there is one."""

    def __init__(self, address: str) -> None:
        # An address of Linux's abstract namespace is written with an @.
        self._address = f"\0{address[1:]}" if address.startswith("@") else address

    def ready(self, status: str) -> None:
        """Report that the service is ready."""
        self._send("READY=1", f"STATUS={status}")

    def reloading(self) -> None:
        """Report that the service reloads its settings, until `ready`."""
        self._send("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def handing_over(self, process: int) -> None:
        """Report the process that is the service from now on."""
        self._send(f"MAINPID={process}")

    def stopping(self) -> None:
        """Report that the service stops."""
        self._send("STOPPING=1")

    def _send(self, *lines: str) -> None:
        if not self._address:
            return
        # The service continues without its manager.
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.sendto("\n".join(lines).encode(), self._address)
