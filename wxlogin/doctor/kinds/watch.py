"""Findings about the audit trail, the alert webhook and the webhooks of a team's systems."""

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
        "Set it to the URL of a WeCom, Feishu or DingTalk robot: docs/watch.md.",
    ),
    zh=Words(
        "未设置 WXLOGIN_ALERT_WEBHOOK。",
        "遭到攻击或微信接口异常时只在控制台显示，不会通知任何人。",
        "设为企业微信、飞书或钉钉群机器人的地址，见 docs/watch.md。",
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
ENDPOINT_PAUSED = fault(
    "webhooks.paused",
    en=Words(
        "The webhook {webhook} ({host}) was paused at {at}, after three days of failures: {fault}.",
        "Nothing for users. That system learns of nothing any more: no user, session or alert.",
        "Mend the receiver, then enable the webhook in the console and send it a test.",
    ),
    zh=Words(
        "Webhook {webhook}（{host}）连续失败三天，已于 {at} 暂停：{fault}。",
        "对用户没有影响；对方系统不再收到任何用户、会话和告警事件。",
        "修复接收方，再在控制台启用该 Webhook 并发送测试。",
    ),
)
ENDPOINT_FAILS = fault(
    "webhooks.fails",
    en=Words(
        "The webhook {webhook} ({host}) fails since {since}: {fault}.",
        "Nothing for users. That system learns late; what fails for a day is never delivered.",
        "Mend the receiver; each delivery and its fault stand in the console under Webhooks.",
    ),
    zh=Words(
        "Webhook {webhook}（{host}）自 {since} 起投递失败：{fault}。",
        "对用户没有影响；对方系统收到事件会延迟，持续失败一天的事件不再投递。",
        "修复接收方；每次投递及其错误见控制台的 Webhook 页。",
    ),
)
ENDPOINT_FAILED = warning(
    "webhooks.failed",
    en=Words(
        "The webhook {webhook} ({host}) fails since {since}: {fault}.",
        "Nothing for users. Deliveries are tried again for a day.",
        "Wait if the receiver is being restarted; else look at its deliveries in the console.",
    ),
    zh=Words(
        "Webhook {webhook}（{host}）自 {since} 起投递失败：{fault}。",
        "对用户没有影响；投递会重试一天。",
        "接收方若正在重启，稍候即可；否则在控制台查看其投递记录。",
    ),
)
ENDPOINT_UNREACHABLE = fault(
    "webhooks.unreachable",
    en=Words(
        "The webhook {webhook} ({host}) cannot be connected to from here: {reason}.",
        "Nothing for users. That system is told of nothing.",
        "Open the way to it in the firewall, renew its certificate, or correct its URL. An address "
        "that is not public needs WXLOGIN_WEBHOOK_PRIVATE.",
    ),
    zh=Words(
        "从本机连接不上 Webhook {webhook}（{host}）：{reason}。",
        "对用户没有影响；对方系统收不到任何事件。",
        "在防火墙放行、更新其证书或修正其地址；内网地址需要设置 WXLOGIN_WEBHOOK_PRIVATE。",
    ),
)
UNSENT = fault(
    "webhooks.unsent",
    en=Words(
        "Events wait to be sent for {minutes} minutes, and no worker has tried.",
        "Nothing for users. No webhook is told of anything.",
        "Look for `outbox` in the log. Workers send if they run under deploy/gunicorn.conf.py.",
    ),
    zh=Words(
        "有事件已等待 {minutes} 分钟，没有任何进程尝试发送。",
        "对用户没有影响；所有 Webhook 都收不到事件。",
        "在日志中查找 `outbox`；使用 deploy/gunicorn.conf.py 运行的进程才会发送。",
    ),
)
ENDPOINTS_UNREAD = unknown(
    "webhooks.unread",
    en=Words(
        "The webhooks could not be read: {error}.",
        "Whether they are delivered is not known.",
        "Mend the database first, then run this again.",
    ),
    zh=Words(
        "无法读取 Webhook：{error}。",
        "是否正常投递尚不清楚。",
        "先修复数据库，再重新运行。",
    ),
)
