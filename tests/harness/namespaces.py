"""Commands run as on a machine of their own, though they name fixed ports and write into /etc.

The kernel's namespaces keep them apart: own loopback and nothing beyond it, own processes, all of
which end with the script, and writes into `changed` that are gone with it. It takes root and Linux.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest

APART = ("unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
SYSTEM = (Path("/etc"), Path("/var"))


@cache
def lacking() -> str | None:
    """What keeps this machine from it; None if nothing does."""
    try:
        done = subprocess.run([*APART, "ip", "link"], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "unshare is not installed (Linux; apt-get install util-linux)"
    if done.returncode == 0:
        return None
    return f"namespaces need root, and ip (apt-get install iproute2): {done.stderr.strip()}"


def needed() -> None:
    """Skip a test where the machine cannot do it."""
    if why := lacking():
        pytest.skip(why)


def secluded(
    script: str,
    scratch: Path,
    environment: Mapping[str, str],
    changed: Sequence[Path] = (),
    longest: float = 1200,
) -> subprocess.CompletedProcess[str]:
    """Run a bash script; `scratch` is an empty directory for what it writes elsewhere.

    `longest`: the seconds after which it hangs; a busy machine takes minutes for a page.
    """
    lines = ["set -e", "ip link set lo up", f"mount -t tmpfs none {scratch}", "cd /"]
    for number, folder in enumerate((*SYSTEM, *changed)):
        lines += _laid_over(shlex.quote(str(folder)), f"{scratch}/{number}")
    lines += ["mount -t tmpfs none /run", script]
    with subprocess.Popen(
        [*APART, "bash", "-c", "\n".join(lines)],
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # without a terminal nobody can be asked
    ) as process:
        try:
            said, _ = process.communicate(timeout=longest)
        except subprocess.TimeoutExpired:
            process.kill()
            said, _ = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, said)


def _laid_over(folder: str, scratch: str) -> list[str]:
    upper, work = f"{scratch}/upper", f"{scratch}/work"
    options = f"lowerdir={folder},upperdir={upper},workdir={work}"
    return [f"mkdir -p {upper} {work}", f"mount -t overlay overlay -o {options} {folder}"]
