"""What goes in and out of the open data calls. WeChat's field names stay as WeChat writes them."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from wxlogin.guard.bodies import Body, TextPattern
from wxlogin.wechat.opendata import MAX_TEXT, fault_of_encrypted_data, fault_of_iv


def _checked_data(text: str) -> str:
    if fault := fault_of_encrypted_data(text):
        raise ValueError(fault)
    return text


def _checked_iv(text: str) -> str:
    if fault := fault_of_iv(text):
        raise ValueError(fault)
    return text


EncryptedData = Annotated[
    str, AfterValidator(_checked_data), Field(description="`encryptedData` of the event, base64.")
]
Iv = Annotated[str, AfterValidator(_checked_iv), Field(description="`iv` of the event, base64.")]
RawData = Annotated[
    str,
    Field(min_length=1, max_length=MAX_TEXT, description="`rawData` of the event, byte for byte."),
]
Signature = Annotated[str, TextPattern("[0-9a-f]{40}", "`signature` of the event: 40 hex digits")]
PhoneCode = Annotated[
    str, TextPattern(r"[\x21-\x7e]{1,256}", "`code` of the phone button, not wx.login's")
]


PhoneText = Annotated[str, Field(min_length=1, max_length=32)]


class Detail(Body):
    """All names of an event's detail, so that a page can pass it on; most calls use two of them."""

    errMsg: Any = None  # noqa: N815
    errno: Any = None
    cloudID: Any = None  # noqa: N815
    userInfo: Any = None  # noqa: N815
    rawData: Any = None  # noqa: N815
    signature: Any = None
    encryptedData: Any = None  # noqa: N815
    iv: Any = None
    code: Any = None


class EncryptedBody(Detail):
    """Encrypted data as the page got it."""

    encryptedData: EncryptedData  # noqa: N815
    iv: Iv


class SignedBody(Detail):
    """Signed data as the page got it."""

    rawData: RawData  # noqa: N815
    signature: Signature


class ProfileBody(SignedBody):
    """A profile: in clear with a signature, and encrypted."""

    encryptedData: EncryptedData  # noqa: N815
    iv: Iv


TWO_WAYS = frozenset({"code", "encryptedData", "iv"})


class PhoneBody(Detail):
    """A code of the phone button, or its encrypted data; if both are sent, the code is used."""

    code: PhoneCode | None = None
    encryptedData: EncryptedData | None = None  # noqa: N815
    iv: Iv | None = None

    @model_validator(mode="before")
    @classmethod
    def _without_empty(cls, body: Any) -> Any:
        """Drop the empty fields of the way that was not taken: some clients send both."""
        whole = isinstance(body, dict) and (
            body.get("code") or (body.get("encryptedData") and body.get("iv"))
        )
        if not whole:
            return body
        return {name: value for name, value in body.items() if value != "" or name not in TWO_WAYS}

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.code is None and (self.encryptedData is None or self.iv is None):
            raise ValueError("send code, or encryptedData and iv")
        return self


class DataAnswer(BaseModel):
    """The decrypted object, without openid and unionid."""

    data: dict[str, Any]


class ProfileAnswer(BaseModel):
    """The profile, without openid and unionid."""

    profile: dict[str, Any]


class Phone(BaseModel):
    """A phone number in WeChat's words; `phoneNumber` has the area code where it is foreign.

    WeChat's page shows countryCode as a number, its server sends text.
    """

    model_config = ConfigDict(coerce_numbers_to_str=True, hide_input_in_errors=True)

    phoneNumber: PhoneText  # noqa: N815
    purePhoneNumber: PhoneText  # noqa: N815
    countryCode: PhoneText  # noqa: N815


class PhoneAnswer(BaseModel):
    """The user's phone number."""

    phone: Phone


class Verified(BaseModel):
    """The signature of rawData is right."""

    valid: Literal[True] = True
