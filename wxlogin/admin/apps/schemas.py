"""What goes in and out of the calls on mini-programs; no answer contains an AppSecret."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from wxlogin.accounts.app_admin import app_name, scan_page_path
from wxlogin.admin.csv_lists import CsvList
from wxlogin.guard.bodies import Body, TextPattern
from wxlogin.settings.wechat_values import app_secret, pay_key

Appid = Annotated[str, TextPattern(r"wx[0-9A-Za-z]{8,30}", "an appid such as wx0123456789abcdef")]
AppName = Annotated[str, AfterValidator(app_name)]
AppSecret = Annotated[str, AfterValidator(app_secret)]
PayKey = Annotated[str, AfterValidator(pay_key)]
PagePath = Annotated[str, AfterValidator(scan_page_path)]
Version = Literal["release", "trial", "develop"]
PushToken = Annotated[str, TextPattern(r"[0-9A-Za-z]{3,32}", "3 to 32 letters and digits")]
PushAesKey = Annotated[
    str, TextPattern(r"[0-9A-Za-z]{43}", "an EncodingAESKey: 43 letters and digits")
]


class AppPath(BaseModel):
    """The mini-program that is meant."""

    appid: str = Field(max_length=32)


class NewAppBody(Body):
    """A mini-program with its AppSecret, and what operators call it."""

    appid: Appid
    name: AppName
    secret: AppSecret


class NameBody(Body):
    """What operators call a mini-program."""

    name: AppName


class DisableForm(Body):
    """The name of the mini-program, typed by whoever stops it."""

    typed_name: Annotated[str, Field(max_length=128)]


class SecretBody(Body):
    """Another AppSecret."""

    secret: AppSecret


class PushKeysBody(Body):
    """The Token and the EncodingAESKey of the message push, as WeChat's console shows them."""

    token: PushToken
    aes_key: PushAesKey


class PayKeyBody(Body):
    """An AppKey of virtual payment, as WeChat's console shows it: the live or the sandbox one."""

    key: PayKey
    sandbox: bool = False


class PayKeyForm(PayKeyBody):
    """The same from a form, where everything is text."""

    sandbox: Annotated[bool, Field(strict=False)] = False


class PhoneCallsItem(BaseModel):
    """How many phone numbers WeChat gave for codes; days are those of Beijing."""

    today: int
    yesterday: int


class ScanPageBody(Body):
    """The page that a scan opens: the mini-program's main page if `page` is empty.

    With `check_path` WeChat draws no picture for a page that the released version has not.
    """

    page: PagePath
    env_version: Version = "release"
    check_path: bool = True


class ScanPageForm(Body):
    """As `ScanPageBody`, from the console."""

    page: PagePath = ""
    env_version: Version
    check_path: Literal["on", "off"]

    def body(self) -> ScanPageBody:
        """Return what the API takes."""
        return ScanPageBody(
            page=self.page, env_version=self.env_version, check_path=self.check_path == "on"
        )


class ScanPageItem(BaseModel):
    """The page that a scan opens; empty: the main page."""

    page: str
    env_version: str
    check_path: bool


class AppItem(BaseModel):
    """A mini-program. `status`: `active`, `disabled`, or `unreadable` where no key opens it."""

    id: str
    appid: str
    name: str
    status: str
    push_keys: bool = Field(description="Whether the keys of its message push are set.")
    pay_key: bool = Field(description="Whether the AppKey of virtual payment is set.")
    sandbox_pay_key: bool = Field(description="Whether that of WeChat's sandbox is set.")
    phone_calls: PhoneCallsItem | None = Field(description="Null while Redis is out.")
    scan: ScanPageItem
    created_at: str


APPS = CsvList("apps", "app.export_list", AppItem)
