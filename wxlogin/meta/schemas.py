"""What the service says of itself."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field, SerializerFunctionWrapHandler, model_serializer

from wxlogin.redisdb.causes import State
from wxlogin.watch.readiness import Database, Migrations


class Health(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Key(BaseModel):
    """A public key of Ed25519, as RFC 8037 writes it."""

    kty: Literal["OKP"] = "OKP"
    crv: Literal["Ed25519"] = "Ed25519"
    alg: Literal["EdDSA"] = "EdDSA"
    use: Literal["sig"] = "sig"
    kid: str
    x: str


class KeySet(BaseModel):
    """The keys that verify assertions, newest first."""

    keys: list[Key]


class Readiness(BaseModel):
    """Whether sessions can be answered and written, and each part that wxlogin stands on.

    `degraded` is 200: who is signed in goes on, and logins may be refused. `maxmemory_policy` is
    there if Redis evicts keys by it: then sessions end when its memory is full.
    """

    status: Literal["ok", "degraded", "out"]
    redis: State
    maxmemory_policy: str | None = Field(default=None, exclude_if=lambda policy: policy is None)
    database: Database
    migrations: Migrations
    keys: Literal["refused"] | None = Field(
        None,
        description="There while a key of the settings is not the one that the database knows by "
        "its id, or rows need one that is missing; the log says which.",
    )
    clock: str | None = Field(
        None, description="How the clock differs from WeChat's, if by more than a minute."
    )

    @property
    def code(self) -> int:
        """The status of the answer."""
        return 503 if self.status == "out" else 200

    @model_serializer(mode="wrap")
    def _without_what_is_in_order(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in write(self).items() if value is not None}
