"""Findings about this machine."""

from __future__ import annotations

from wxlogin.doctor.findings import Words, fault, warning

DISK_LOW = warning(
    "machine.disk_low",
    en=Words(
        "{directory} has {free} MB left ({percent} %).",
        "Once it is full, logs and metrics are lost, and SQLite takes no logins.",
        "Make room on that disk.",
    ),
    zh=Words(
        "{directory} 剩余 {free} MB（{percent}%）。",
        "磁盘满后日志和指标会丢失，SQLite 无法写入登录。",
        "清理该磁盘。",
    ),
)
DISK_FULL = fault(
    "machine.disk_full",
    en=Words(
        "{directory} is full: {free} MB left.",
        "Logs and metrics are lost, and SQLite takes no logins.",
        "Make room on that disk now.",
    ),
    zh=Words(
        "{directory} 已满：剩余 {free} MB。",
        "日志和指标正在丢失，SQLite 无法写入登录。",
        "立即清理该磁盘。",
    ),
)
FEW_FILES = warning(
    "machine.few_files",
    en=Words(
        "This process may open {limit} files; a worker may need {wanted}.",
        "Under load connections are refused.",
        "Raise the limit: LimitNOFILE in the systemd unit, `ulimit -n` in a shell.",
    ),
    zh=Words(
        "本进程最多打开 {limit} 个文件，一个工作进程可能需要 {wanted} 个。",
        "负载高时连接会被拒绝。",
        "调大限制：systemd 用 LimitNOFILE，shell 用 `ulimit -n`。",
    ),
)
