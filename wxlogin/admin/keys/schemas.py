"""What comes out of the list of keys; a key never does."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from wxlogin.admin.paging import Page


class KeyItem(BaseModel):
    """One key of the settings. A signing key has no name of its own, and no rows need it."""

    id: str
    kind: Literal["data", "index", "signing"]
    key: str | None = Field(description="Its id in the settings.")
    fingerprint: str = Field(description="Equal on two servers that hold the same key.")
    newest: bool = Field(description="Whether it is the one that is used for what is written.")
    rows: int | None = Field(description="How many rows it still seals or indexes.")
    state: Literal["in_use", "rotating", "needed", "unneeded"] = Field(
        description="`unneeded`: it may leave the settings."
    )
    until: str | None = Field(
        description="By when the last token or part of Redis ends that it signed or sealed."
    )


class HostItem(BaseModel):
    """A running host."""

    host: str
    workers: int
    version: str
    agrees: bool = Field(description="Whether it has the same keys in the same order.")


class RotationItem(BaseModel):
    """How far the latest rotation has come."""

    kind: Literal["data", "index"]
    state: Literal["running", "done", "failed", "stopped"]
    done: int
    total: int
    stuck: int = Field(description="Rows that cannot be rotated.")


class KeyPage(Page[KeyItem]):
    """Keys, newest first of each kind."""

    lost: int = Field(description="Rows that need a key which the settings do not name.")
    rotation: RotationItem | None = Field(description="Of the last day.")
    hosts: list[HostItem]
    steps: list[str] = Field(description="What has to be done until all hosts agree.")
