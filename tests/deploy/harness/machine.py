"""A clean Debian 12 of the test run's own, booted with systemd in a container."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.databases import binary
from tests.harness.timing import eventually
from tests.house.source import ROOT, files
from wxlogin.development.die_with_parent import die_with_parent

MIRROR = "http://deb.debian.org/debian"
PACKAGES = "systemd,systemd-sysv,dbus,ca-certificates"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
PIP_CACHE = Path.home() / ".cache/pip"
BOOT_SECONDS = 90.0
SIZE = "size=4g,mode=755"
Done = subprocess.CompletedProcess[str]


class Machine:
    """One container. It shares this machine's network, and so its ports; nothing else."""

    def __init__(self, nspawn: Path, debootstrap: Path) -> None:
        self._nspawn, self._debootstrap = nspawn, debootstrap
        # pytest keeps its temporary directories for three runs; this one is too large for that.
        self.directory = Path(tempfile.mkdtemp(prefix="wxlogin-machine-"))
        self.root = self.directory / "root"
        self.root.mkdir()
        self._container: subprocess.Popen[bytes] | None = None

    def make(self) -> None:
        """Put a minimal Debian into the root, as its installer does, and nothing of ours."""
        # In memory: no package waits for a disk, and all of it is gone at once.
        subprocess.run(["mount", "-t", "tmpfs", "-o", SIZE, "tmpfs", self.root], check=True)
        options = ["--variant=minbase", f"--include={PACKAGES}"]
        command = [self._debootstrap, *options, "bookworm", self.root, MIRROR]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        # What this machine trusts, for pip: a registry may stand behind a proxy of its own.
        if CERTIFICATES.exists():
            shutil.copy(CERTIFICATES, self.root / "etc/ssl/host.pem")

    def boot(self) -> None:
        """Start its systemd and wait until it has started what it has."""
        quiet = ["--quiet", "--register=no", "--keep-unit", "--console=pipe"]
        shared = ["--resolv-conf=copy-host"]
        if PIP_CACHE.is_dir():
            shared.append(f"--bind={PIP_CACHE}:/var/cache/pip")
        command = [str(self._nspawn), *quiet, *shared, "-D", str(self.root), "--boot"]
        with (self.directory / "console").open("wb") as console:
            self._container = subprocess.Popen(
                die_with_parent(command, signal.SIGTERM),
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
            )
        eventually(self._booted, BOOT_SECONDS)

    def run(self, script: str, **environment: str) -> Done:
        """What root's shell there does with a script; nobody is at the keyboard."""
        given = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
        given |= {
            "HOME": "/root",
            "LC_ALL": "C.UTF-8",
            "PIP_CACHE_DIR": "/var/cache/pip",
            **self._pip(),
            **environment,
        }
        inside = ["nsenter", "-t", str(self._leader()), "-a"]
        words = [f"{name}={text}" for name, text in given.items()]
        return subprocess.run(
            [*inside, "env", "-i", *words, "bash", "-euo", "pipefail", "-c", script],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def said(self, script: str, **environment: str) -> str:
        """What a script prints that has to succeed."""
        done = self.run(script, **environment)
        if done.returncode:
            journal = self.run("journalctl --quiet --no-pager --lines 60").stdout
            raise AssertionError(f"{done.stdout}\n== the journal\n{journal}")
        return done.stdout

    def put(self, path: str, text: str) -> None:
        """Write a file there."""
        file = self.root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def bring_repository(self, path: str) -> None:
        """Put the project there as git clones it, with what is not committed yet."""
        place = self.root / path.lstrip("/")
        for file in files():
            copy = place / file.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, copy)
        who = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
        for words in (["init", "-q"], ["add", "-A"], [*who, "commit", "-q", "-m", "As it stands"]):
            subprocess.run(["git", "-C", place, *words], check=True, capture_output=True)

    def remove(self) -> None:
        """End it at once, however it stands, and delete it."""
        if self._container:
            os.kill(self._leader() or self._container.pid, signal.SIGKILL)
            self._container.wait()
        subprocess.run(["umount", "--lazy", self.root], check=False)
        shutil.rmtree(self.directory)

    def _booted(self) -> bool:
        assert self._container
        console = (self.directory / "console").read_text(errors="replace")
        assert self._container.poll() is None, console
        if not self._leader():
            return False
        return self.run("systemctl is-system-running || true").stdout.strip() in (
            "running",
            "degraded",
        )

    def _leader(self) -> int:
        """The process that is the container's first; 0 where there is none."""
        assert self._container
        pid = self._container.pid
        try:
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        except FileNotFoundError:
            return 0
        return int(children[0]) if children else 0

    def _pip(self) -> dict[str, str]:
        """How this machine's pip is told where packages come from, for the one in there."""
        known = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_TRUSTED_HOST", "PIP_DEFAULT_TIMEOUT")
        given = {name: os.environ[name] for name in known if name in os.environ}
        return given | {"PIP_CERT": "/etc/ssl/host.pem"} if CERTIFICATES.exists() else given


def machine(*ports: int) -> Iterator[Machine]:
    """A booted machine, with these ports to itself; skips where none can be made."""
    nspawn, debootstrap = binary("systemd-nspawn"), binary("debootstrap")
    if nspawn is None or debootstrap is None:
        pytest.skip("debootstrap or systemd-nspawn is missing (apt-get install systemd-container)")
    if os.geteuid() != 0:
        pytest.skip("only root can boot a container")
    for port in ports:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                pytest.skip(f"port {port} of this machine, which the container shares, is taken")
    made = Machine(nspawn, debootstrap)
    try:
        made.make()
        made.boot()
        yield made
    finally:
        made.remove()
