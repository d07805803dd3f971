"""What the service says of itself."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel


class Health(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """Each part that wxlogin stands on: `ok`, `out`, or, of the migrations, `behind`."""

    redis: Literal["ok", "out"]
    database: Literal["ok", "out"]
    migrations: Literal["ok", "out", "behind"]

    @property
    def ready(self) -> bool:
        """Whether all of them are in order."""
        return {self.redis, self.database, self.migrations} == {"ok"}
