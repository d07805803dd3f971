"""An image without an engine: a Dockerfile's steps as they stand, in a clean Debian.

RUN runs in the root by systemd-nspawn, COPY copies what .dockerignore lets in, and CMD is started
as its USER, with the root mounted read-only, in a network of its own.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath

from tests.deploy.harness.dockerfile import Context, Stage, Step, stages

TOOLS = ("systemd-nspawn", "mmdebstrap", "nsenter", "curl")
MIRROR = "http://deb.debian.org/debian"
AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
WITHIN = "/run/authorities.crt"
# What an engine would give a build by its own settings: where packages come from, whom to trust.
ABOUT_PIP = ("PIP_INDEX_URL", "PIP_DEFAULT_TIMEOUT")
NSPAWN = ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--link-journal=no"]
NSPAWN += ["--timezone=off", "--console=pipe"]
# Docker mounts nothing on /tmp.
NO_TMP = {"PATH": os.environ["PATH"], "SYSTEMD_NSPAWN_TMPFS_TMP": "0"}


def missing() -> str:
    """Why nothing can be built here, or `""`."""
    if os.geteuid() != 0:
        return "the Dockerfile's steps are run as root"
    absent = [tool for tool in TOOLS if not shutil.which(tool)]
    return f"{', '.join(absent)} not installed" if absent else ""


class Image:
    """What a Dockerfile makes, below `place`."""

    def __init__(self, place: Path, dockerfile: str, context: Context) -> None:
        self._place = place
        self._context = context
        self.environment: dict[str, str] = {}
        self._roots: dict[str, Path] = {}
        for stage in stages(dockerfile):
            self._build(stage)

    @property
    def root(self) -> Path:
        """The files of the last stage."""
        return self._roots[self._last.name]

    @property
    def health(self) -> list[str]:
        """What HEALTHCHECK runs."""
        text = self._last.last("HEALTHCHECK")
        return Step("CMD", text[text.index("CMD") + 4 :].strip()).words

    @property
    def command(self) -> list[str]:
        """What CMD starts."""
        return Step("CMD", self._last.last("CMD")).words

    @property
    def user(self) -> str:
        """Who runs it."""
        return self._last.last("USER")

    def remove(self) -> None:
        """Delete all of it."""
        shutil.rmtree(self._place, ignore_errors=True)

    def _build(self, stage: Stage) -> None:
        self._last = stage
        root = self._roots[stage.name] = self._place / (stage.name or "image")
        self.environment, self._directory = {}, "/"
        if stage.base in self._roots:
            _done(["cp", "-a", str(self._roots[stage.base]), str(root)])
        else:
            release = stage.base.removeprefix("debian:").removesuffix("-slim")
            _done(["mmdebstrap", "--variant=minbase", release, str(root), MIRROR])
        for step in stage.steps:
            self._take(step, root)

    def _take(self, step: Step, root: Path) -> None:
        if step.name == "RUN":
            self._run(step.text, root)
        elif step.name == "COPY":
            self._copy(step.text.split(), root)
        elif step.name == "ENV":
            name, _, value = step.text.partition("=")
            self.environment[name] = value
        elif step.name == "WORKDIR":
            self._directory = step.text
            (root / step.text.lstrip("/")).mkdir(parents=True, exist_ok=True)

    def _run(self, script: str, root: Path) -> None:
        given = {name: os.environ[name] for name in ABOUT_PIP if name in os.environ}
        words = [*NSPAWN, f"--directory={root}", "--resolv-conf=copy-host"]
        if AUTHORITIES.is_file():
            words.append(f"--bind-ro={AUTHORITIES}:{WITHIN}")
            given["PIP_CERT"] = WITHIN
        words += [f"--setenv={name}={text}" for name, text in (self.environment | given).items()]
        _done([*words, f"--chdir={self._directory}", "/bin/sh", "-c", script])

    def _copy(self, words: Sequence[str], root: Path) -> None:
        *sources, target = words
        place = root / str(PurePosixPath(self._directory) / target).lstrip("/")
        if sources[0].startswith("--from="):
            other = self._roots[sources.pop(0).partition("=")[2]]
            _done(["cp", "-a", str(other / sources[0].lstrip("/")), str(place)])
            return
        for file in self._context.files(*sources):
            to = place / _named(file, sources, is_folder=target.endswith("/"))
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(self._context.directory / file, to)

    def words(
        self, command: Sequence[str], environment: Mapping[str, str], mounts: Mapping[Path, str]
    ) -> list[str]:
        """How a command is run as the image's user: nothing can be written but what tmpfs holds."""
        given = self.environment | dict(environment)
        words = [*NSPAWN, f"--directory={self.root}", "--read-only", "--private-network"]
        words += ["--kill-signal=SIGTERM", f"--chdir={self._directory}"]
        words += ["--no-new-privileges=yes"]
        words += [f"--bind={place}:{within}" for place, within in mounts.items()]
        words += [f"--setenv={name}={text}" for name, text in given.items()]
        return [*words, f"--user={self.user.partition(':')[0]}", *command]


def _named(file: Path, sources: Sequence[str], *, is_folder: bool) -> Path:
    """Where a file goes below the target: a folder gives its content, a file keeps its name."""
    for source in sources:
        if Path(source) in file.parents:
            return file.relative_to(source)
    return Path(file.name) if is_folder else Path()


def _done(words: Sequence[str]) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=NO_TMP)
    said = (done.stdout + done.stderr)[-4000:]
    assert done.returncode == 0, f"{shlex.join(words)}\n{said}"


class Container:
    """A command of the image while it runs, as the only process of its machine that counts."""

    def __init__(self, words: Sequence[str], log: Path) -> None:
        self._log = log
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=NO_TMP
            )

    @property
    def ended(self) -> bool:
        """Whether it ended."""
        return self._process.poll() is not None

    @property
    def main(self) -> int:
        """Its first process, by its id outside; 0 while it has no network of its own."""
        for process in _children(self._process.pid):
            with suppress(OSError):
                if _network(str(process)) != _network("self"):
                    return process
        return 0

    def said(self) -> str:
        """What it wrote so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def enter(self, words: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """Run something inside; `words` begin with what nsenter shall enter."""
        main = self.main
        command = ["nsenter", "--target", str(main), *words] if main else ["false"]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def ask(self, path: str) -> str:
        """What it answers on its port to its own machine; `""` where it does not or not by 200."""
        asked = ["curl", "--silent", "--fail", "--max-time", "10", f"http://127.0.0.1:8000{path}"]
        return "" if self.ended else self.enter(["--net", "--", *asked]).stdout

    def freeze(self, number: signal.Signals) -> None:
        """Send every process SIGSTOP or SIGCONT."""
        for process in [self.main, *_below(self.main)]:
            os.kill(process, number)

    def wait(self) -> int:
        """Wait for its end; the status."""
        return self._process.wait(120)

    def stop(self) -> int:
        """Let it end as an engine does, by SIGTERM to its first process; the status."""
        self._process.terminate()
        return self._process.wait(40)

    def kill(self) -> None:
        """End it whatever it does."""
        if not self.ended:
            for process in [*_below(self.main), self.main]:
                os.kill(process, signal.SIGKILL)
            self._process.wait()


def _network(process: str) -> Path:
    return Path(f"/proc/{process}/ns/net").readlink()


def _below(process: int) -> list[int]:
    own = _children(process)
    return own + [further for child in own for further in _below(child)]


def _children(process: int) -> list[int]:
    tasks = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]
