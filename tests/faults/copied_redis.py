"""A Valkey that is copied, and that is started again from an old copy."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.harness.redis_topologies import ask
from wxlogin.development.valkey import ValkeyServer

WITHOUT_A_LOG = ("--appendonly", "no")


class CopiedRedis:
    """A server that knows after a start what its dump knows."""

    def __init__(self, directory: Path) -> None:
        self.server = ValkeyServer(directory / "server", port=0, extra=WITHOUT_A_LOG)
        self._copy = directory / "copy.rdb"

    def copy(self) -> None:
        """Make the copy."""
        ask(self.server, "SAVE")
        shutil.copy(self._dump, self._copy)

    def restore(self) -> None:
        """Kill the server and start it from the copy, at the same address."""
        self.server.kill()
        shutil.copy(self._copy, self._dump)
        self.server.start()

    @property
    def _dump(self) -> Path:
        return self.server.directory / "dump.rdb"
