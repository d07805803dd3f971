"""What the page is told."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel


class State(BaseModel):
    """The policy that this server has by now: it changes with a restart."""

    single_device: Literal["off", "all", "per-platform"]
