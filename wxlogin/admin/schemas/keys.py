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
    rows: int | None = Field(description="How many rows it still seals, chains or indexes.")


class KeyPage(Page[KeyItem]):
    """Keys, newest first of each kind."""

    lost: int = Field(description="Rows that need a key which the settings do not name.")
