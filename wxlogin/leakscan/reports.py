"""Scans of files and of histories, with what an allow list allows taken out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from wxlogin.leakscan.allow_list import AllowList
from wxlogin.leakscan.files import file_parts
from wxlogin.leakscan.findings import Finding
from wxlogin.leakscan.history import object_batches, top_level, with_first_commits
from wxlogin.leakscan.scan import How, Scan, Skipped, Task

Tell = Callable[[int, int], None]


@dataclass
class Report:
    """The findings of a scan, by place; `stopped` if Ctrl-C ended it, with what was found by then.

    `files` counts files, or the objects of a history; `searched` and `whole` are bytes.
    """

    findings: list[Finding] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    allowed: int = 0
    files: int = 0
    searched: int = 0
    whole: int = 0
    stopped: bool = False


def scan_files(paths: Sequence[Path], how: How, allow: AllowList, tell: Tell) -> Report:
    """Scan files and all files below folders; `tell` gets the bytes done, and all."""
    report = Report()
    parts = list(file_parts(paths, known=bool(how.search.known)))
    report.files = len({part.path for part in parts})
    scan = Scan(how)
    _run(scan, parts, tell, report)
    _add(report, scan.findings, allow)
    return report


def scan_histories(paths: Sequence[Path], how: How, allow: AllowList, tell: Tell) -> Report:
    """Scan the whole histories of git repositories; raise GitFault if a path is in none."""
    report = Report()
    for repository in dict.fromkeys(top_level(path) for path in paths):
        batches = list(object_batches(repository))
        report.files += sum(len(batch.objects) for batch in batches)
        scan = Scan(how)
        _run(scan, batches, tell, report)
        _add(report, with_first_commits(repository, scan.findings), allow)
        if report.stopped:
            break
    return report


def _run(scan: Scan, tasks: Sequence[Task], tell: Tell, report: Report) -> None:
    report.whole += sum(task.length for task in tasks)
    try:
        scan.run(tasks, tell)
    except KeyboardInterrupt:
        report.stopped = True
    report.skipped += scan.skipped
    report.searched += scan.searched


def _add(report: Report, found: list[Finding], allow: AllowList) -> None:
    kept = [finding for finding in found if not allow.allows(finding)]
    report.allowed += len(found) - len(kept)
    report.findings += sorted(kept, key=lambda one: (one.path, one.inside, one.line))
