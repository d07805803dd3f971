"""What goes in and out of the calls on scans."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, model_validator

from wxlogin.guard.bodies import Body, TextPattern

Appid = Annotated[str, TextPattern(r"[0-9A-Za-z]{1,32}", "an appid such as wx0123456789abcdef")]
Secret = Annotated[str, TextPattern(r"[\x21-\x7e]{1,128}", "the secret that the scan began with")]


class NoBody(Body):
    """A call that takes no fields."""

    @model_validator(mode="before")
    @classmethod
    def _no_body(cls, value: Any) -> Any:
        return {} if value is None else value


class BeginBody(NoBody):
    """The mini-program whose user is to be signed in; left out, the one that a login would mean."""

    appid: Appid | None = None


class ScanPath(BaseModel):
    """The scan that is meant."""

    scan: str


class SecretBody(Body):
    """The secret of the scan, which only the page that began it knows."""

    secret: Secret


class BegunScan(BaseModel):
    """A scan that began. The secret stands in no picture and in no other answer."""

    scan: str
    secret: str
    expires_in: int
    interval: int = Field(description="Seconds to wait between two questions for the token.")
    image: str


class Pending(BaseModel):
    """A scan that nobody has confirmed yet."""

    state: Literal["waiting", "seen"]


class SeenScan(BaseModel):
    """What the phone shows before it asks: which browser, where."""

    state: Literal["seen", "confirmed"]
    browser: str | None
    system: str | None
    ip: str
    region: str | None
    same_region: bool = Field(
        description="Whether browser and phone have one address, or are in one province of China, "
        "elsewhere in one country. False where that is not known."
    )
    expires_in: int


class ScanState(BaseModel):
    """The scan after the user's word."""

    state: Literal["confirmed", "refused"]
