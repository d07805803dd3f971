"""The image's containers, beside stores that they reach by unix sockets alone."""

from __future__ import annotations

import base64
import secrets
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.deploy.harness import acl
from tests.deploy.harness.image import Container, Image
from tests.deploy.harness.manifests import Run
from tests.deploy.harness.sql_roles import APP, OWNER, Granted
from tests.harness.redis_process import RedisProcess, until

INSIDE = "/run/stores"
"""The root is read-only, and no place to mount something can be made there."""
SECONDS = 60.0


def written(directory: Path, granted: Granted) -> Path:
    """The secrets as docs/containers.md has them made, but for where the stores are."""
    directory.mkdir()
    at = f"@/{granted.administrator.database}?host={INSIDE}/sql&port={granted.administrator.port}"
    wxlogin = f"wxlogin:{acl.PASSWORDS['wxlogin']}"
    texts = {
        "secret_keys": secrets.token_urlsafe(32),
        "data_keys": f"d1:{base64.b64encode(secrets.token_bytes(32)).decode()}",
        "index_keys": f"i1:{base64.b64encode(secrets.token_bytes(32)).decode()}",
        "wx_secret": secrets.token_hex(16),
        "database_url": f"postgresql+psycopg://{APP}{at}",
        "owner_database_url": f"postgresql+psycopg://{OWNER}{at}",
        "redis_url": f"unix://{wxlogin}@{INSIDE}/redis/redis.sock",
    }
    for name, text in texts.items():
        (directory / name).write_text(text + "\n", encoding="utf-8")
    return directory


class Stores:
    """A PostgreSQL with deploy/sql, a Redis with deploy/redis, and the secrets that name them."""

    def __init__(self, granted: Granted, sql: Path, server: str, conf: Path) -> None:
        # A socket's path has 108 bytes at most, and everybody in a container may come by.
        self._place = Path(tempfile.mkdtemp(prefix="wxlogin-stores-"))
        for directory in (self._place, sql):
            directory.chmod(0o755)
        self.granted = granted
        self._sql = sql
        self.secrets = written(self._place / "secrets", granted)
        self.owners = self._place / "owners"
        self.owners.mkdir()
        shutil.copy(self.secrets / "owner_database_url", self.owners / "database_url")
        self.redis = self._redis_of(server, conf)

    def _redis_of(self, server: str, conf: Path) -> RedisProcess:
        directory = self._place / "redis"
        directory.mkdir()
        own = ["--port", "0", "--unixsocket", f"{directory}/redis.sock", "--unixsocketperm", "777"]
        own += ["--dir", str(directory), "--aclfile", str(acl.written(directory))]
        operator = {"username": "operator", "password": acl.PASSWORDS["operator"]}
        return RedisProcess(
            directory,
            [server, str(conf), *own],
            0,
            unix_socket_path=f"{directory}/redis.sock",
            **operator,
        )

    @property
    def mounts(self) -> dict[Path, str]:
        """Where a container finds the stores."""
        return {self._sql: f"{INSIDE}/sql", self._place / "redis": f"{INSIDE}/redis"}

    def start(self) -> None:
        """Start Redis; the database runs already."""
        self.redis.start()

    def stop(self) -> None:
        """End Redis and delete all files."""
        self.redis.stop()
        shutil.rmtree(self._place, ignore_errors=True)


class Engine:
    """Runs containers of an image as an engine would, each beside the stores."""

    def __init__(self, image: Image, stores: Stores, secrets: dict[Path, str], logs: Path) -> None:
        self._image = image
        self._mounts = stores.mounts | secrets
        self._logs = logs
        self._running: list[Container] = []

    def start(self, run: Run) -> Container:
        """Start what compose.yaml or a manifest says."""
        command = run.command or self._image.command
        words = self._image.words(command, run.environment, self._mounts)
        container = Container(words, self._logs / f"{len(self._running)}.log")
        self._running.append(container)
        return container

    def done(self, run: Run) -> str:
        """What a container says that has to end well."""
        container = self.start(run)
        assert container.wait() == 0, container.said()
        return container.said()

    def serving(self, run: Run) -> Container:
        """A container once it answers."""
        container = self.start(run)
        until(lambda: container.ended or container.ask("/healthz"), "an answer", SECONDS)
        assert not container.ended, container.said()
        return container

    def check(self, container: Container, command: Sequence[str]) -> int:
        """Run a health check in a container as an engine does; the status."""
        path = self._image.environment["PATH"]
        user, _, group = self._image.user.partition(":")
        rights = ["--setuid", user, "--setgid", group, "--", "env", "-i", f"PATH={path}"]
        return container.enter(["--all", "--root", "--wd", *rights, *command]).returncode

    def stop(self) -> None:
        """End what runs still."""
        for container in self._running:
            container.kill()
