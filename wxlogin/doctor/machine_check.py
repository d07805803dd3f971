"""This machine: room on its disks, and how many files a process may open."""

from __future__ import annotations

import resource
import shutil
import tempfile
from pathlib import Path

from sqlalchemy.engine import make_url

from config import ROOT
from wxlogin.doctor.findings import Finding
from wxlogin.doctor.installation import Installation
from wxlogin.doctor.kinds import machine as kinds

MEGABYTE = 1_000_000
LOW_MEGABYTES, LOW_PERCENT, FULL_MEGABYTES = 1000, 5, 50
CONNECTIONS = 1000
"""What deploy/gunicorn.conf.py lets a worker hold at once."""
OTHER_FILES = 256
"""Connections to Redis, logs, libraries."""


def check_machine(installation: Installation) -> list[Finding]:
    """Look at the disks that this process writes to, and at its limit of open files."""
    settings = installation.settings
    found = [finding for at in _directories(settings.database_url) for finding in _room(at)]
    wanted = CONNECTIONS + settings.database_pool + settings.wx_concurrency + OTHER_FILES
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit != resource.RLIM_INFINITY and limit < wanted:
        found.append(kinds.FEW_FILES.found(limit=limit, wanted=wanted))
    return found


def _directories(database_url: str) -> list[Path]:
    """Return one directory of each disk."""
    url = make_url(database_url)
    places = [ROOT, Path(tempfile.gettempdir())]
    if url.get_backend_name() == "sqlite" and url.database:
        places.append(Path(url.database).absolute().parent)
    by_disk = {place.stat().st_dev: place for place in reversed(places) if place.exists()}
    return list(by_disk.values())


def _room(directory: Path) -> list[Finding]:
    disk = shutil.disk_usage(directory)
    free, percent = disk.free // MEGABYTE, disk.free * 100 // max(1, disk.total)
    if free < FULL_MEGABYTES:
        return [kinds.DISK_FULL.found(directory=directory, free=free)]
    if (percent < LOW_PERCENT and free < LOW_MEGABYTES * 10) or free < LOW_MEGABYTES:
        return [kinds.DISK_LOW.found(directory=directory, free=free, percent=percent)]
    return []
