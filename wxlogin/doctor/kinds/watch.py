"""Findings about the audit trail and the alert webhook."""

from __future__ import annotations

from wxlogin.doctor.findings import Words, fault, ok, unknown, warning

WHOLE = ok(
    "audit.whole",
    en="The newest {entries} entries of the audit trail are as they were written.",
    zh="最新的 {entries} 条审计记录完好。",
)
BROKEN = fault(
    "audit.broken",
    en=Words(
        "The audit trail: {fault}",
        "Nothing for users. Somebody changed the trail, or a store was restored.",
        "Run `flask --app wsgi audit verify`; docs/audit.md says what each line means.",
    ),
    zh=Words(
        "审计记录：{fault}",
        "对用户没有影响；有人改动过记录，或恢复过存储。",
        "运行 `flask --app wsgi audit verify`，各行含义见 docs/audit.md。",
    ),
)
UNREAD = unknown(
    "audit.unread",
    en=Words(
        "The audit trail could not be read: {error}.",
        "Whether it is whole is not known.",
        "Mend the stores first, then run `flask --app wsgi audit verify`.",
    ),
    zh=Words(
        "无法读取审计记录：{error}。",
        "记录是否完好尚不清楚。",
        "先修复存储，再运行 `flask --app wsgi audit verify`。",
    ),
)
NO_WEBHOOK = warning(
    "alerts.no_webhook",
    en=Words(
        "WXLOGIN_ALERT_WEBHOOK is not set.",
        "An attack, or a WeChat that refuses, shows in the console alone: nobody is told.",
        "Set it to a WeCom robot's URL: docs/watch.md.",
    ),
    zh=Words(
        "未设置 WXLOGIN_ALERT_WEBHOOK。",
        "遭到攻击或微信接口异常时只在控制台显示，不会通知任何人。",
        "设为企业微信群机器人的地址，见 docs/watch.md。",
    ),
)
WEBHOOK_SILENT = fault(
    "alerts.webhook_silent",
    en=Words(
        "The alert webhook does not take alerts: {reason}.",
        "Nobody is told of an attack, or of a WeChat that refuses.",
        "Correct WXLOGIN_ALERT_WEBHOOK, or open the way to it in the firewall.",
    ),
    zh=Words(
        "告警 webhook 不接收告警：{reason}。",
        "遭到攻击或微信接口异常时不会通知任何人。",
        "修正 WXLOGIN_ALERT_WEBHOOK，或在防火墙放行。",
    ),
)
