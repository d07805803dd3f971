"""What goes in and out of the calls for other services."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, RootModel

from wxlogin.guard.bodies import Body, TextPattern
from wxlogin.wechat.virtual_payment import CLIENT_CALL

Appid = Annotated[str, TextPattern(r"[0-9A-Za-z]{1,32}", "an appid such as wx0123456789abcdef")]
UserId = Annotated[str, TextPattern(r"[A-Za-z0-9_-]{22}", "a user's id")]
ExternalId = Annotated[
    str, TextPattern(r"[\x21-\x7e]{1,64}", "1 to 64 visible ASCII characters, without spaces")
]
SignedText = Annotated[str, TextPattern(r"[\s\S]{0,100000}", "up to 100,000 characters")]

PaymentCall = Annotated[
    str,
    TextPattern(r"[A-Za-z0-9_./-]{1,200}", "`requestVirtualPayment`, or the path of WeChat's call"),
]


class IntrospectForm(BaseModel):
    """The token to introspect; other fields are ignored."""

    token: str = Field(min_length=1)


class Active(BaseModel):
    """A token whose session lives: the user, the mini-program, the session, times in seconds."""

    active: Literal[True] = True
    sub: str
    username: str | None = Field(description="The external id.")
    person: str | None = Field(description="The same for all users of one person.")
    client_id: str
    sid: str
    iat: int
    exp: int


class Inactive(BaseModel):
    """Any other token; the answer gives no reason."""

    active: Literal[False] = False


class Introspected(RootModel[Active | Inactive]):
    """The result of an introspection."""


class UserBody(Body):
    """A user by the public id."""

    user: UserId


class LinkBody(UserBody):
    """A user, and the id that the team knows the user by."""

    external_id: ExternalId


class AppBody(Body):
    """A mini-program."""

    appid: Appid


class AccessTokenBody(AppBody):
    """A mini-program, and a token of it that WeChat refused, if there is one."""

    dead: (
        Annotated[str, TextPattern(r"[\x21-\x7e]{1,512}", "an access_token that WeChat refused")]
        | None
    ) = None


class SignBody(UserBody):
    """A user, and the data to sign, exactly as it will be sent to WeChat."""

    data: SignedText


class PaymentBody(UserBody):
    """A user, the data of the payment as they will be sent to WeChat, and the call they are for."""

    sign_data: SignedText
    uri: PaymentCall = CLIENT_CALL


class IdentityAnswer(BaseModel):
    """A user's ids at WeChat; `unionid` is null unless WeChat has sent it."""

    openid: str
    unionid: str | None
    appid: str
    person: str | None = Field(description="The same for all users of one person.")
    external_id: str | None = Field(description="The team's own id of the user.")


class Linked(BaseModel):
    """A user and the team's own id of the user."""

    user: str
    external_id: str


class AccessTokenAnswer(BaseModel):
    """WeChat's access_token and its remaining lifetime in seconds."""

    access_token: str
    expires_in: int


class SignatureAnswer(BaseModel):
    """Lower-case hex HMAC-SHA256."""

    signature: str


class PaymentAnswer(BaseModel):
    """The signatures of a payment: lower-case hex HMAC-SHA256."""

    pay_sig: str
    signature: str


class EncryptKeyItem(BaseModel):
    """A key of the user's encrypted channel. `expires_in`: remaining seconds, 0 once it is over."""

    encrypt_key: str
    iv: str
    version: int
    expires_in: int


class EncryptKeysAnswer(BaseModel):
    """The user's last three keys, newest first."""

    keys: list[EncryptKeyItem]
