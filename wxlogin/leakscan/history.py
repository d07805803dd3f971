"""The whole history of a git repository: every blob once, and every commit message."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from wxlogin.leakscan.batches import batches
from wxlogin.leakscan.content import Search
from wxlogin.leakscan.files import FOREIGN, findings_of_file
from wxlogin.leakscan.findings import Finding
from wxlogin.leakscan.members import NotReadable

# What the reflog still names was pushed once, perhaps.
EVERYTHING = ("--all", "--reflog")
LARGEST = 1 << 30
BATCH_BYTES = 8 << 20
BATCH_OBJECTS = 500
MESSAGE = "(commit message)"
TAG = "(tag)"


class GitFault(Exception):
    """git is missing, or says that this is no repository; the message is its own."""


class GitObject(NamedTuple):
    """A blob, commit or tag; of a blob, one path that it has."""

    id: str
    size: int
    path: str


@dataclass(frozen=True)
class ObjectBatch:
    """Objects of a repository that one `git cat-file` reads."""

    repository: str
    objects: tuple[GitObject, ...]

    @property
    def path(self) -> str:
        """The repository, for a message."""
        return self.repository

    @property
    def length(self) -> int:
        """How many bytes are to be searched."""
        return sum(one.size for one in self.objects)

    def findings(self, search: Search, appid: str) -> Iterator[Finding]:
        """Yield the findings, each with the id of its object; containers as far as they open."""
        for one, data in _read(self.repository, self.objects):
            foreign = not FOREIGN.isdisjoint(one.path.split("/"))
            own = search._replace(shapes=search.shapes and not foreign)
            try:
                for finding in findings_of_file(data, one.path, own, appid):
                    yield replace(finding, blob=one.id)
            except NotReadable:
                continue  # a bundle that was committed once; the scan of the files names it


class First(NamedTuple):
    """The first commit that holds a blob, its place in the history, and the path there."""

    order: int
    commit: str
    path: str


def object_batches(repository: Path) -> Iterator[ObjectBatch]:
    """Yield every blob, commit and tag of a repository; raise GitFault if it is none."""
    objects = _objects(repository)
    for batch in batches(objects, lambda one: one.size, BATCH_BYTES, BATCH_OBJECTS):
        yield ObjectBatch(str(repository), tuple(batch))


def with_first_commits(repository: Path, found: list[Finding]) -> list[Finding]:
    """Return a finding for each value and path, with the first commit that holds it."""
    firsts = _firsts(repository, {finding.blob for finding in found})
    oldest: dict[tuple[str, str], tuple[int, Finding]] = {}
    for finding in found:
        first = firsts.get(finding.blob, First(0, finding.blob, finding.path))
        path = str(repository / first.path)
        key = finding.digest, path
        if key not in oldest or first.order < oldest[key][0]:
            oldest[key] = first.order, replace(finding, path=path, commit=first.commit)
    return [finding for _, finding in oldest.values()]


def _objects(repository: Path) -> Iterator[GitObject]:
    """Yield the objects that any reference or reflog reaches, but trees."""
    names = _git(repository, "rev-list", "--objects", *EVERYTHING)
    asked = "--batch-check=%(objectname) %(objecttype) %(objectsize) %(rest)"
    for line in (
        _git(repository, "cat-file", asked, given=names).decode("utf-8", "replace").splitlines()
    ):
        id_, kind, size, path = line.split(" ", 3)
        if kind != "tree" and int(size) <= LARGEST:
            other = MESSAGE if kind == "commit" else TAG
            yield GitObject(id_, int(size), path if kind == "blob" else other)


def _read(repository: str, objects: Iterable[GitObject]) -> Iterator[tuple[GitObject, bytes]]:
    ids = "".join(f"{one.id}\n" for one in objects).encode()
    output = memoryview(_git(Path(repository), "cat-file", "--batch", given=ids))
    for one in objects:
        header = len(f"{one.id} ") + bytes(output[len(one.id) + 1 : 200]).index(b"\n") + 1
        yield one, bytes(output[header : header + one.size])
        output = output[header + one.size + 1 :]


def _firsts(repository: Path, wanted: set[str]) -> dict[str, First]:
    """Return the first commit of each object, in one pass over the history, oldest first."""
    order = ("--reverse", "--topo-order", "--diff-merges=first-parent", "--root")
    form = ("--raw", "--no-abbrev", "--no-renames", "--format=%H")
    log = _git(repository, "log", *EVERYTHING, *order, *form) if wanted else b""
    firsts: dict[str, First] = {}
    commit = ""
    for number, line in enumerate(log.decode("utf-8", "replace").splitlines()):
        if line.startswith(":"):
            blob, path = line.split(" ", 4)[3], line.partition("\t")[2]
            if blob in wanted and blob not in firsts:
                firsts[blob] = First(number, commit, path)
        elif line:
            commit = line
            if commit in wanted:
                firsts[commit] = First(number, commit, MESSAGE)
    return firsts


def _git(repository: Path, *words: str, given: bytes = b"") -> bytes:
    command = ["git", "-c", "core.quotePath=false", "-C", str(repository), *words]
    try:
        done = subprocess.run(  # noqa: S603 -- our own words, no shell
            command, input=given, capture_output=True, check=False
        )
    except FileNotFoundError:
        raise GitFault("git is not installed") from None
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["git failed"]
        raise GitFault(said[-1].removeprefix("fatal: "))
    return done.stdout


def top_level(path: Path) -> Path:
    """Return the folder of the repository that a path belongs to; raise GitFault."""
    inside = _git(path, "rev-parse", "--show-cdup") if not _is_bare(path) else b""
    return path / inside.decode().strip()


def _is_bare(path: Path) -> bool:
    return _git(path, "rev-parse", "--is-bare-repository").strip() == b"true"
