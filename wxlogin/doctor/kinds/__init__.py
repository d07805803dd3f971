"""The kinds of findings, a module for each subject of the checks."""

from __future__ import annotations

from wxlogin.doctor.findings import Kind
from wxlogin.doctor.kinds import database, general, machine, public, redis, settings, watch, wechat

MODULES = (settings, redis, database, wechat, public, watch, machine, general)

ALL = tuple(kind for one in MODULES for kind in vars(one).values() if isinstance(kind, Kind))
"""Every kind, in the order of the docs."""
