"""Runs a page's Python, file after file in one scope."""

from __future__ import annotations

import sys
from pathlib import Path

names: dict[str, object] = {"__name__": "__main__"}
for path in sys.argv[1:]:
    exec(compile(Path(path).read_text(encoding="utf-8"), path, "exec"), names)
