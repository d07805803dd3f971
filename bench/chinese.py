"""What the report says, in Chinese: for docs/performance.zh-CN.md."""

from __future__ import annotations

import re

WORDS = (
    (r"Run of (\S+) on (\d+) cores of ", r"\1 在 \2 核 "),
    ("Bytes of Redis a signed-in user:", "每个已登录用户占用的 Redis 字节数："),
    (
        re.escape("Microseconds a call of the store, in the client, median (99th percentile):"),
        "一次存储操作的微秒数，在客户端测量，中位数（99 分位）：",
    ),
    (r": (\d+) answers were refusals\.", r"：\1 个响应是拒绝。"),
    (r"The other calls, two workers on (\w+):", r"其他接口，两个 worker，使用 \1："),
    (
        "Logins of one worker while WeChat takes 100 ms, beside a bare view that asks WeChat:",
        "微信响应需要 100 毫秒时一个 worker 每秒的登录次数，与只请求微信的视图对比：",
    ),
    (r"\|  \| requests/s \| p50", "|  | 请求/秒 | p50"),
    (r"\| round trips \| SQL \|", "| Redis 往返 | SQL 语句 |"),
    (
        r"\| connections \| bare/s \| logins/s \| to bare \| bare p50 ms \| login p50 ms \|",
        "| 连接数 | 视图/秒 | 登录/秒 | 相对视图 | 视图 p50 ms | 登录 p50 ms |",
    ),
    (r"\| bare CPU µs \| login CPU µs \|", "| 视图 CPU µs | 登录 CPU µs |"),
    (r"`, a first login \|", "`，首次登录 |"),
    (r"`, waiting \|", "`，等待中 |"),
    (r"`, confirmed \|", "`，已确认 |"),
    (r", a load of ([\d.]+) before it began\.", r"，开始前负载 \1。"),
    (
        r"\|  \| requests/s \| p50 ms \| p99 ms \| nginx \| wxlogin \| Redis \| backend \| kept ",
        "|  | 请求/秒 | p50 ms | p99 ms | nginx | wxlogin | Redis | 业务后端 | 命中 ",
    ),
    (r"\| asks nobody, ", "| 不鉴权，"),
    (r"\| asks wxlogin and keeps the answer, ", "| 鉴权并缓存结果，"),
    (r"\| asks wxlogin, ", "| 每次鉴权，"),
    (r"，sockets \|", "，socket |"),
    (r"\|  \| requests/s \| to bare Flask", "|  | 请求/秒 | 相对 bare Flask"),
    (r"\| bare Flask, no session ", "| bare Flask，无会话 "),
    (r"\| devices \| index ", "| 设备数 | 索引 "),
    (r"\| counters \| sessions ", "| 计数器 | 会话 "),
    (r"\| all keys \| growth of Redis ", "| 全部键 | Redis 增长 "),
    (r"\| call \|", "| 操作 |"),
    (r"([\d,]+) sessions \|", r"\1 个会话 |"),
    (r"\| read a session ", "| 读取会话 "),
    (r"\| sign in ", "| 登录 "),
    (r"\| list a user's sessions ", "| 列出用户的会话 "),
    (r"\| count a user's sessions ", "| 统计用户的会话数 "),
    (r"\| end one ", "| 结束一个 "),
    (r"\| end all of a user ", "| 结束用户的全部会话 "),
)


def in_chinese(report: str) -> str:
    """Return a report of the bench with its words in Chinese; names and numbers stay."""
    for english, chinese in WORDS:
        report = re.sub(english, chinese, report)
    return report
