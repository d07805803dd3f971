"""What any check may find."""

from __future__ import annotations

from wxlogin.doctor.findings import Words, ok, unknown

IN_ORDER = ok("ok", en="In order.", zh="正常。")
HUNG = unknown(
    "check.hung",
    en=Words(
        "The check did not end within {seconds} s.",
        "Whether this part works is not known; whatever needs it may hang too.",
        "Look at the other findings first, then run the doctor again.",
    ),
    zh=Words(
        "检查未在 {seconds} 秒内完成。",
        "这一部分是否正常尚不清楚，依赖它的请求也可能卡住。",
        "先处理其他问题，再重新运行 doctor。",
    ),
)
FAILED = unknown(
    "check.failed",
    en=Words(
        "The check ended with an error: {error}.",
        "Whether this part works is not known.",
        "Look at the other findings first, then run the doctor again.",
    ),
    zh=Words(
        "检查出错：{error}。",
        "这一部分是否正常尚不清楚。",
        "先处理其他问题，再重新运行 doctor。",
    ),
)
NOT_EXAMINED = unknown(
    "check.skipped",
    en=Words(
        "Not examined: the settings come first.",
        "Whether stores, WeChat and proxies work is not known.",
        "Correct the settings, then run the doctor again.",
    ),
    zh=Words(
        "未检查：需要先修正配置。",
        "存储、微信接口和反向代理是否正常尚不清楚。",
        "修正配置后重新运行 doctor。",
    ),
)
