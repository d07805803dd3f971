"""What gevent replaces, as Python has it: for steps within which no greenlet gives way to another.

Gevent's lock costs ten times as much, and its `poll` runs its loop.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any


def original(module: str, name: str) -> Any:
    """Return what a module of the standard library had under a name before gevent patched it."""
    monkey = sys.modules.get("gevent.monkey")
    return monkey.get_original(module, name) if monkey else getattr(import_module(module), name)
