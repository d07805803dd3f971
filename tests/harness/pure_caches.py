"""What gives the same for the same input, worked out once in a process that makes many sites."""

from __future__ import annotations

import importlib.metadata
from functools import cache

from wxlogin.operators import passwords


def install() -> None:
    """Remember from now on, in this process, what all sites ask for again."""
    # Every operator of a test has the same password.
    passwords.is_guessable = cache(passwords.is_guessable)
    # Each of werkzeug's servers asks for werkzeug's.
    importlib.metadata.version = cache(importlib.metadata.version)
