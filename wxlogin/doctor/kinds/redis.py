"""Findings about Redis."""

from __future__ import annotations

from wxlogin.doctor.findings import Words, fault, unknown, warning

OUT = fault(
    "redis.out",
    en=Words(
        "Redis is out: {reason}.",
        "Nobody signs in, and every signed-in call answers STORE_UNAVAILABLE; no session ends.",
        "Start Redis, or correct WXLOGIN_REDIS_URL; docs/redis.md says more.",
    ),
    zh=Words(
        "Redis 不可用：{reason}。",
        "无法登录，所有已登录的请求返回 STORE_UNAVAILABLE；会话不会因此结束。",
        "启动 Redis 或修正 WXLOGIN_REDIS_URL，详见 docs/redis.md。",
    ),
)
FULL = fault(
    "redis.full",
    en=Words(
        "Redis takes no more data: {reason}.",
        "Nobody signs in or out, and signed-in calls fail.",
        "Raise maxmemory, or move what is not wxlogin's elsewhere; docs/sizing.md has the figures.",
    ),
    zh=Words(
        "Redis 内存已满：{reason}。",
        "无法登录或退出，已登录的请求失败。",
        "调大 maxmemory，或移走与 wxlogin 无关的数据；容量见 docs/sizing.zh-CN.md。",
    ),
)
READ_ONLY = fault(
    "redis.read_only",
    en=Words(
        "Redis takes no writes: {reason}.",
        "Nobody signs in or out, and signed-in calls fail.",
        "Let WXLOGIN_REDIS_URL lead to the primary, or mend what the reason names.",
    ),
    zh=Words(
        "Redis 拒绝写入：{reason}。",
        "无法登录或退出，已登录的请求失败。",
        "让 WXLOGIN_REDIS_URL 指向主节点，或按原因处理。",
    ),
)
NO_INFO = unknown(
    "redis.no_info",
    en=Words(
        "{server} does not tell of itself: {reason}.",
        "Version, eviction, persistence, replicas and clock of Redis are not known.",
        "Give its user `+info +time`, as deploy/redis/users.acl does.",
    ),
    zh=Words(
        "{server} 不提供自身信息：{reason}。",
        "Redis 的版本、淘汰策略、持久化、副本数和时钟尚不清楚。",
        "给该用户加上 `+info +time` 权限，参见 deploy/redis/users.acl。",
    ),
)
TOO_OLD = fault(
    "redis.too_old",
    en=Words(
        "{server} runs Redis {version}; wxlogin needs 5.0 or newer.",
        "Scripts that write fail, and so do logins.",
        "Upgrade it.",
    ),
    zh=Words(
        "{server} 的 Redis 版本是 {version}，wxlogin 需要 5.0 以上。",
        "写入脚本会失败，用户无法登录。",
        "升级 Redis。",
    ),
)
OLD = warning(
    "redis.old",
    en=Words(
        "{server} runs Redis {version}, which gets no fixes any more.",
        "Nothing today; a hole that is found in it stays open.",
        "Upgrade to 6.2 or newer.",
    ),
    zh=Words(
        "{server} 的 Redis 版本是 {version}，已停止维护。",
        "目前没有影响，但新发现的漏洞不会被修复。",
        "升级到 6.2 以上。",
    ),
)
EVICTS = fault(
    "redis.evicts",
    en=Words(
        "{server} evicts keys when it is full (maxmemory-policy {policy}).",
        "Users are signed out unasked, and marks that block somebody may vanish.",
        "Set maxmemory-policy to noeviction, as deploy/redis/redis.conf does.",
    ),
    zh=Words(
        "{server} 内存满时会淘汰数据（maxmemory-policy {policy}）。",
        "用户会被无故登出，封禁等标记也可能丢失。",
        "将 maxmemory-policy 设为 noeviction，参见 deploy/redis/redis.conf。",
    ),
)
NEARLY_FULL = warning(
    "redis.nearly_full",
    en=Words(
        "{server} uses {percent} % of its maxmemory.",
        "Once it is full, nobody signs in.",
        "Raise maxmemory; docs/sizing.md has the figures.",
    ),
    zh=Words(
        "{server} 已使用 maxmemory 的 {percent}%。",
        "内存满后用户将无法登录。",
        "调大 maxmemory，容量见 docs/sizing.zh-CN.md。",
    ),
)
NO_PERSISTENCE = fault(
    "redis.no_persistence",
    en=Words(
        "{server} writes nothing to disk: neither AOF nor RDB is on.",
        "A restart of Redis signs out every user and admin.",
        "Set appendonly to yes, as deploy/redis/redis.conf does.",
    ),
    zh=Words(
        "{server} 没有任何持久化：AOF 和 RDB 都未开启。",
        "Redis 重启后，所有用户和管理员都会被登出。",
        "将 appendonly 设为 yes，参见 deploy/redis/redis.conf。",
    ),
)
NO_AOF = warning(
    "redis.no_aof",
    en=Words(
        "{server} has no AOF.",
        "A crash of Redis takes back what happened since its last snapshot: logins are lost, and "
        "sessions that ended live again until SQL ends them.",
        "Set appendonly to yes, as deploy/redis/redis.conf does.",
    ),
    zh=Words(
        "{server} 未开启 AOF。",
        "Redis 崩溃会回退到上一次快照：之后的登录丢失，已结束的会话可能恢复。",
        "将 appendonly 设为 yes，参见 deploy/redis/redis.conf。",
    ),
)
SAVE_FAILED = fault(
    "redis.save_failed",
    en=Words(
        "{server} could not write to its disk the last time ({what}).",
        "A restart of Redis takes back what happened since; Redis may refuse writes meanwhile.",
        "Look at the room on that disk and at the log of Redis.",
    ),
    zh=Words(
        "{server} 上一次写盘失败（{what}）。",
        "Redis 重启会丢失此后的变更；在此期间 Redis 可能拒绝写入。",
        "检查该磁盘的空间和 Redis 的日志。",
    ),
)
FEW_REPLICAS = fault(
    "redis.few_replicas",
    en=Words(
        "{server} has {replicas} replicas in step; WXLOGIN_REDIS_WAIT asks for {wanted}.",
        "Logins, logouts and bans answer STORE_UNAVAILABLE, though they happened.",
        "Start the missing replicas, or lower WXLOGIN_REDIS_WAIT.",
    ),
    zh=Words(
        "{server} 只有 {replicas} 个同步的副本，WXLOGIN_REDIS_WAIT 要求 {wanted} 个。",
        "登录、退出和封禁虽已生效，但会返回 STORE_UNAVAILABLE。",
        "启动缺少的副本，或调低 WXLOGIN_REDIS_WAIT。",
    ),
)
CLOCK = warning(
    "redis.clock",
    en=Words(
        "The clock of {server} differs from this host's by {seconds} s.",
        "Sessions and limits end at the time of the host that judges them; hosts that differ "
        "judge differently.",
        "Synchronise the clocks of all hosts by NTP.",
    ),
    zh=Words(
        "{server} 的时钟与本机相差 {seconds} 秒。",
        "会话和限流按各主机自己的时间判断，时钟不一致时各主机的判断也不一致。",
        "用 NTP 同步所有主机的时钟。",
    ),
)
