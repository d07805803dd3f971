"""What an alert says to people, in the language of WXLOGIN_ALERT_LANGUAGE."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import NamedTuple

from wxlogin.languages import Language
from wxlogin.local_time import offset_name
from wxlogin.plural import plural
from wxlogin.watch.alert_rules import BY_NAME
from wxlogin.watch.folding import OTHERS


@dataclass(frozen=True)
class Notice:
    """The content of an alert. `window` and `threshold` are 0 if a single event raises it."""

    rule: str
    subject: str
    count: int
    window: int
    threshold: int
    logins: int
    failures: int
    at: datetime
    console: str
    """The URL of the page where operators look on; empty without WXLOGIN_PUBLIC_URL."""


class RuleWords(NamedTuple):
    """What happened, and what an operator does about it."""

    title: str
    advice: str


CHINESE: Mapping[str, RuleWords] = {
    "logins_openid": RuleWords(
        "同一用户大量登录",
        "查看该用户的会话和登录记录；页面循环登录也会这样。若非本人，请踢下线或封禁该用户。",
    ),
    "decrypt_openid": RuleWords(
        "同一用户大量解密失败",
        "可能有人在尝试不属于自己的数据，或页面反复提交旧数据。"
        "查看该用户的事件，重置 session_key 或封禁。",
    ),
    "fail_ip": RuleWords(
        "同一地址大量伪造令牌或无效 code",
        "若不认识该地址，请在代理层封禁。密钥移除之后，旧令牌也会计为伪造。",
    ),
    "openids_ip": RuleWords(
        "同一地址有大量不同用户登录",
        "运营商、学校或公司会有成千上万人共用一个地址，失败很少即属此类。"
        "失败很多时，封禁该地址或收紧 WXLOGIN_LIMIT_LOGIN_IP。",
    ),
    "admin_login": RuleWords(
        "控制台登录失败次数过多", "有人在猜测管理员密码，请在代理层封禁该地址。"
    ),
    "admin_login_anywhere": RuleWords(
        "多个地址合计登录控制台失败次数过多",
        "有人在猜测管理员密码，请只允许自己的网络访问控制台。",
    ),
    "admin_code_guessed": RuleWords(
        "有人掌握了管理员密码并在猜测二次验证码",
        "事件中写明了管理员；若非本人，请重置其密码。",
    ),
    "admin_signed_in_elsewhere": RuleWords(
        "管理员从新地址登录", "事件中写明了管理员；若非本人，请停用该账号。"
    ),
    "admin_recovery_code_used": RuleWords(
        "管理员使用了恢复码", "若非本人，请停用该账号：有人拿到了密码和恢复码。"
    ),
    "admin_created": RuleWords(
        "新增了管理员", "事件中写明了创建者；若不是你们创建的，请停用这两个账号。"
    ),
    "admin_token_created": RuleWords(
        "新增了 API 令牌", "事件中写明了创建者；若不是你们创建的，请吊销令牌并停用该管理员。"
    ),
    "admin_data": RuleWords(
        "有管理员或令牌大量查询用户",
        "审计日志写明了是谁、查了谁；若非工作需要，请停用该账号或吊销令牌。",
    ),
    "wx_errors": RuleWords(
        "微信接口大量出错", "检查微信是否故障、本服务器能否访问微信，以及小程序的调用额度还剩多少。"
    ),
    "phone_calls": RuleWords(
        "付费手机号调用超过当日阈值",
        "手机号快速验证按次收费：查看是哪个页面在调用、套餐还剩多少，再决定是否调高 "
        "WXLOGIN_RULE_PHONE_CALLS。",
    ),
    "scans_elsewhere": RuleWords(
        "同一浏览器地址的多次扫码由其他地区的手机确认",
        "可能有人把自己的小程序码发给别人扫。查看该地址的事件；若不认识，请在代理层封禁，并结束相关用户的网页会话。",
    ),
    "wx_misconfigured": RuleWords(
        "微信拒绝了本服务器",
        "在 AppSecret、IP 白名单和小程序权限改正之前，无人能够登录；日志中有 errcode。",
    ),
    "leak_blocked": RuleWords(
        "响应中含有密钥，已拦截",
        "调用方得到的是 INTERNAL。事件中有接口名：查明密钥如何进入响应，若已在别处泄露请更换。",
    ),
    "webhook_paused": RuleWords(
        "某个 Webhook 连续三天未接收任何事件，已暂停",
        "事件中有它的 ID。修复接收端后重新启用：仍在等待的会补发，暂停期间发生的不会。",
    ),
    "certificate_ends": RuleWords(
        "TLS 证书即将到期或无效",
        "到期后用户无法登录。在终结 HTTPS 的地方续期，并检查自动续期为何没有生效；"
        "具体原因见事件和“实时状态”页。",
    ),
}
SUBJECT_KINDS = {
    "user": "用户",
    "address": "地址",
    "app": "小程序",
    "admin": "管理员",
    "token": "API 令牌",
}


def rule_words(rule: str, language: Language) -> RuleWords:
    """Return the words of a rule; KeyError for one that this program does not know."""
    return (
        CHINESE[rule] if language == "zh" else RuleWords(BY_NAME[rule].title, BY_NAME[rule].advice)
    )


def lines(notice: Notice, language: Language, zone: tzinfo) -> list[tuple[str, str]]:
    """Return the label and the value of each line, with times of this zone."""
    at = notice.at.astimezone(zone)
    when = f"{at:%Y-%m-%d %H:%M:%S} {offset_name(at)}"
    advice = rule_words(notice.rule, language).advice
    said = (
        _in_chinese(notice, when, advice) if language == "zh" else _in_english(notice, when, advice)
    )
    return [(label, text) for label, text in said if text]


def subject_words(notice: Notice, language: Language) -> str:
    """Return whom an alert is about, with what kind of thing that is."""
    kind = BY_NAME[notice.rule].subject_kind
    if language == "en":
        return f"{kind} `{notice.subject}`"
    subject = "其他多个" if notice.subject == OTHERS else f"`{notice.subject}`"
    return f"{SUBJECT_KINDS[kind]} {subject}"


def _in_english(notice: Notice, when: str, advice: str) -> list[tuple[str, str]]:
    times = plural(notice.count, "user" if notice.logins else "time")
    if notice.window:
        limit = f"the alert is at more than {notice.threshold}"
        times += f" within {_duration(notice.window, ' h', ' min', ' s')}; {limit}"
    beside = ""
    if notice.logins:
        logins, failures = plural(notice.logins, "login"), plural(notice.failures, "failure")
        beside = f"{logins} ({_a_minute(notice):.0f} a minute), {failures}"
    return [
        ("Who", subject_words(notice, "en")),
        ("How many", times),
        ("Beside", beside),
        ("Since", when),
        ("What to do", advice),
        ("Look on", notice.console),
    ]


def _in_chinese(notice: Notice, when: str, advice: str) -> list[tuple[str, str]]:
    unit = "个用户" if notice.logins else "次"
    times = f"{notice.count} {unit}"
    if notice.window:
        within = _duration(notice.window, " 小时", " 分钟", " 秒")
        times += f"（{within}内，超过 {notice.threshold} {unit}即告警）"
    beside = ""
    if notice.logins:
        a_minute = f"每分钟 {_a_minute(notice):.0f} 次"
        beside = f"登录 {notice.logins} 次（{a_minute}），失败 {notice.failures} 次"
    return [
        ("对象", subject_words(notice, "zh")),
        ("数量", times),
        ("同期", beside),
        ("时间", when),
        ("处理", advice),
        ("查看", notice.console),
    ]


def _a_minute(notice: Notice) -> float:
    return notice.logins * 60 / notice.window


def _duration(seconds: int, hours: str, minutes: str, rest: str) -> str:
    if seconds % 3600 == 0:
        return f"{seconds // 3600}{hours}"
    return f"{seconds // 60}{minutes}" if seconds % 60 == 0 else f"{seconds}{rest}"
