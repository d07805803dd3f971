"""Counts the CPUs that this process may use: its affinity, limited by its cgroups."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path

SELF = Path("/proc/self")


def cpus(process: Path = SELF) -> int:
    """Return the number of CPUs, at least 1; a fraction is rounded up.

    The limit of a container is the quota of its cgroup or of a parent. The other limit of the
    kernel, cpuset, is part of the affinity.
    """
    allowed = float(_affinity())
    for directory in _cgroups(process):
        allowed = min(allowed, _quota(directory))
    return max(1, math.ceil(allowed))


def _affinity() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _cgroups(process: Path) -> Iterator[Path]:
    """Yield the directories of the cgroups that may limit the CPU, up to their roots.

    A line of mountinfo is `ID PARENT DEVICE ROOT MOUNTPOINT ... - TYPE SOURCE OPTIONS`.
    """
    paths = _paths(process)
    for line in _read(process / "mountinfo").splitlines():
        mount, _, filesystem = line.partition(" - ")
        root, point = mount.split()[3:5]
        kind, _, options = filesystem.split(" ", 2)
        hierarchy = {"cgroup2": "", "cgroup": "cpu"}.get(kind)
        if hierarchy is None or (hierarchy and hierarchy not in options.split(",")):
            continue
        below = _below(paths.get(hierarchy, "/"), root)
        yield from (Path(point) / part for part in (below, *below.parents))


def _paths(process: Path) -> dict[str, str]:
    """Return the cgroup by controller (empty in version 2). Lines are `ID:NAMES:PATH`."""
    found: dict[str, str] = {}
    for line in _read(process / "cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        found |= dict.fromkeys(controllers.split(","), path)
    return found


def _below(path: str, root: str) -> Path:
    """Return a cgroup's path below the root of its mount; empty if a namespace hides it."""
    inside = Path(path.lstrip("/")) if root == "/" else Path()
    if root != "/" and Path(path).is_relative_to(root):
        inside = Path(path).relative_to(root)
    return Path() if ".." in inside.parts else inside


def _quota(directory: Path) -> float:
    """Return the CPU limit of one cgroup, infinite without a limit."""
    quota, _, period = _read(directory / "cpu.max").partition(" ")  # version 2
    if not quota:
        quota = _read(directory / "cpu.cfs_quota_us").strip()
        period = _read(directory / "cpu.cfs_period_us")
    if not quota.isdecimal() or not period.strip().isdecimal():  # "max" and -1: no limit
        return math.inf
    return int(quota) / int(period)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
