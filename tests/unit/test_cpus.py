"""How many CPUs a process may use: its cgroups in both versions, and its affinity."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import ROOT
from wxlogin.serving import cpus

CGROUPS = Path("/sys/fs/cgroup")
COUNT = "from wxlogin.serving import cpus; print(cpus())"


@pytest.fixture(autouse=True)
def eight(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine of eight CPUs, all of them allowed."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: set(range(8)))


class Machine:
    """The files in which Linux describes one process and the cgroups above it."""

    def __init__(self, directory: Path) -> None:
        self.process = directory / "proc"
        self.process.mkdir()
        self.mount = directory / "cgroup"
        self._mounts: list[str] = []

    def version_2(self, path: str, root: str = "/", **quotas: str) -> None:
        """One hierarchy; `quotas` are the contents of cpu.max by folder, `_` for the root."""
        (self.process / "cgroup").write_text(f"0::{path}\n")
        self._mounted(f"{root} {self.mount} rw - cgroup2 cgroup rw")
        for place, text in quotas.items():
            self._folder(place).joinpath("cpu.max").write_text(f"{text}\n")

    def version_1(self, path: str, root: str = "/", **quotas: str) -> None:
        """A hierarchy for CPUs beside one for memory; `quotas` are quota and period by folder."""
        (self.process / "cgroup").write_text(f"3:cpu,cpuacct:{path}\n2:memory:/other\n0::/\n")
        self._mounted(f"/ {self.mount}-memory rw - cgroup cgroup rw,memory")
        self._mounted(f"{root} {self.mount} rw - cgroup cgroup rw,cpu,cpuacct")
        for place, text in quotas.items():
            quota, period = text.split()
            self._folder(place).joinpath("cpu.cfs_quota_us").write_text(f"{quota}\n")
            self._folder(place).joinpath("cpu.cfs_period_us").write_text(f"{period}\n")

    def _folder(self, place: str) -> Path:
        folder = self.mount / place.replace("_", "/").strip("/")
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _mounted(self, rest: str) -> None:
        self._mounts.append(f"{len(self._mounts) + 30} 23 0:30 {rest}")
        (self.process / "mountinfo").write_text("\n".join(self._mounts) + "\n")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine without cgroups so far."""
    return Machine(tmp_path)


def test_without_cgroups_the_affinity_counts(machine: Machine) -> None:
    assert cpus(machine.process) == 8


@pytest.mark.parametrize(
    ("quota", "expected"),
    [
        ("max 100000", 8),
        ("400000 100000", 4),
        ("150000 100000", 2),
        ("50000 100000", 1),
        ("1000 100000", 1),
        ("1600000 100000", 8),
        ("100000", 8),
        ("", 8),
    ],
)
def test_a_quota_counts_rounded_up_and_never_above_the_affinity(
    machine: Machine, quota: str, expected: int
) -> None:
    machine.version_2("/pod", pod=quota)
    assert cpus(machine.process) == expected


@pytest.mark.parametrize(("quota", "expected"), [("-1 100000", 8), ("250000 100000", 3)])
def test_a_quota_of_version_1_counts(machine: Machine, quota: str, expected: int) -> None:
    machine.version_1("/docker/abc", docker_abc=quota)
    assert cpus(machine.process) == expected


def test_the_smallest_quota_on_the_way_up_counts(machine: Machine) -> None:
    machine.version_2(
        "/slice/service/part",
        slice="300000 100000",
        slice_service="200000 100000",
        slice_service_part="max 100000",
    )
    assert cpus(machine.process) == 2


def test_a_container_finds_its_own_cgroup_at_the_mount(machine: Machine) -> None:
    # With a namespace of its own it sees itself at the root; without one the mount starts at it.
    machine.version_2("/", _="200000 100000")
    assert cpus(machine.process) == 2
    machine.version_1("/docker/abc", root="/docker/abc", _="300000 100000")
    assert cpus(machine.process) == 2


def test_a_cgroup_outside_of_the_namespace_is_looked_for_at_the_mount(machine: Machine) -> None:
    machine.version_2("/../../other", _="200000 100000")
    assert cpus(machine.process) == 2


def test_a_hierarchy_without_cpus_sets_no_limit(machine: Machine) -> None:
    machine.version_1("/", _="-1 100000")
    (machine.mount.with_name("cgroup-memory")).mkdir()
    (machine.mount.with_name("cgroup-memory") / "cpu.max").write_text("100000 100000\n")
    assert cpus(machine.process) == 8


@pytest.fixture
def cgroup() -> Iterator[Path]:
    """A cgroup of the test's own, which leaves half a CPU."""
    for parent in (CGROUPS / "cpu", CGROUPS):
        made = parent / f"wxlogin-test-{os.getpid()}"
        try:
            made.mkdir()
        except OSError:
            continue
        try:
            if _limited(made):
                yield made
                return
        finally:
            made.rmdir()
    pytest.skip("no cgroup with a CPU quota can be made here (it takes root)")


def test_the_quota_of_a_real_cgroup_counts(cgroup: Path) -> None:
    enter = f"import os; open({str(cgroup / 'cgroup.procs')!r}, 'w').write(str(os.getpid())); "
    environment = {**os.environ, "WXLOGIN_ENV": "testing"}
    done = subprocess.run(
        [sys.executable, "-c", f"{enter}{COUNT}"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert int(done.stdout) == math.ceil(0.5)


def _limited(directory: Path) -> bool:
    """Set half a CPU, in whichever version this is."""
    try:
        if (directory / "cpu.cfs_quota_us").exists():
            (directory / "cpu.cfs_quota_us").write_text("50000")
        else:
            (directory / "cpu.max").write_text("50000 100000")
    except OSError:
        return False
    return True
