"""What WeChat's errcodes mean, and what a person does about them; listed to be translated."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from wxlogin.wechat.errcodes import ADVICE, FOR_A_PERSON

MEANINGS = (
    _("the appid is wrong"),
    _("the AppSecret is wrong"),
    _("this server's address is not in the IP allow list"),
    _("the AppSecret is frozen"),
    _("the appid is missing"),
    _("the AppSecret is missing"),
    _("the app has no permission for this API"),
    _("the API is blocked for the app"),
    _("the user or the app is restricted"),
    _("the API is forbidden for the app"),
    _("the account is frozen"),
    _("an administrator of the app has to confirm this server's address"),
    _("an administrator of the app refused this server's address for 24 hours"),
    _("an administrator of the app refused this server's address for an hour"),
)
ADVICES = (
    _("Add this server's address to the IP allow list at mp.weixin.qq.com (开发设置)."),
    _("See the mini-program's notices at mp.weixin.qq.com, and apply for the API there."),
    _("Compare the appid with mp.weixin.qq.com (开发设置)."),
    _("Reset the AppSecret at mp.weixin.qq.com if nobody has it, and replace it here."),
    _("Unfreeze the AppSecret at mp.weixin.qq.com, or reset it and replace it here."),
    _("Replace the AppSecret here."),
    _("Look into the notices of the mini-program at mp.weixin.qq.com."),
    _("An administrator of the mini-program confirms the address in the message of WeChat."),
    _("Try again after 24 hours, and let an administrator of the mini-program confirm it."),
    _("Try again after an hour, and let an administrator of the mini-program confirm it."),
)


def errcode(number: int) -> str:
    """Return what an errcode means, empty for one that no person has to mend."""
    meaning = FOR_A_PERSON.get(number)
    return str(gettext(meaning)) if meaning else ""


def errcode_advice(number: int) -> str:
    """Return what a person does about an errcode, empty for one that no person has to mend."""
    advice = ADVICE.get(number)
    return str(gettext(advice)) if advice else ""


FILTERS: dict[str, Callable[[int], str]] = {
    "errcode": errcode,
    "errcode_advice": errcode_advice,
}
"""Filters of the templates."""
