"""Findings about the database."""

from __future__ import annotations

from wxlogin.doctor.findings import Words, fault, unknown, warning

OUT = fault(
    "database.out",
    en=Words(
        "The database is out: {reason}.",
        "Nobody new signs in, and the console is closed; who is signed in goes on.",
        "Start the database, or correct WXLOGIN_DATABASE_URL.",
    ),
    zh=Words(
        "数据库不可用：{reason}。",
        "无法登录，控制台不可用；已登录的用户不受影响。",
        "启动数据库或修正 WXLOGIN_DATABASE_URL。",
    ),
)
READ_ONLY = fault(
    "database.read_only",
    en=Words(
        "The database takes no writes: it is a standby, or was set read-only.",
        "Nobody signs in; who is signed in goes on.",
        "Let WXLOGIN_DATABASE_URL lead to the primary.",
    ),
    zh=Words(
        "数据库拒绝写入：它是备库，或被设为只读。",
        "无法登录；已登录的用户不受影响。",
        "让 WXLOGIN_DATABASE_URL 指向主库。",
    ),
)
PENDING = fault(
    "database.pending",
    en=Words(
        "The database is at {found}; this program needs {needed}.",
        "/readyz answers 503: load balancers send nobody here.",
        "Run `flask --app wsgi db upgrade`.",
    ),
    zh=Words(
        "数据库版本是 {found}，本程序需要 {needed}。",
        "/readyz 返回 503，负载均衡不会转发请求。",
        "运行 `flask --app wsgi db upgrade`。",
    ),
)
AHEAD = warning(
    "database.ahead",
    en=Words(
        "A newer program migrated the database: it is at {found}.",
        "Nothing: the version before a migration runs beside it.",
        "Bring this host to the newer version.",
    ),
    zh=Words(
        "数据库已由更新的程序迁移到 {found}。",
        "没有影响：上一个版本可以在迁移后的库上运行。",
        "把本机升级到新版本。",
    ),
)
CHANGES_TABLES = warning(
    "database.changes_tables",
    en=Words(
        "The account of WXLOGIN_DATABASE_URL may create and change tables.",
        "Nothing today; whoever breaks into wxlogin could drop a table.",
        "Use the two accounts of deploy/sql, and the owner's for `db upgrade` alone.",
    ),
    zh=Words(
        "WXLOGIN_DATABASE_URL 的账号可以创建和修改表。",
        "目前没有影响，但攻破 wxlogin 的人可以删表。",
        "使用 deploy/sql 中的两个账号，owner 只用于 `db upgrade`。",
    ),
)
CHANGES_AUDIT = warning(
    "database.changes_audit",
    en=Words(
        "The account of WXLOGIN_DATABASE_URL may change the audit trail ({rights}).",
        "Nothing today; whoever breaks into wxlogin could remove its traces.",
        "Run the file of deploy/sql again: the app needs SELECT and INSERT on audit_entry.",
    ),
    zh=Words(
        "WXLOGIN_DATABASE_URL 的账号可以修改审计记录（{rights}）。",
        "目前没有影响，但攻破 wxlogin 的人可以抹去痕迹。",
        "重新执行 deploy/sql 中的脚本：应用对 audit_entry 只需要 SELECT 和 INSERT。",
    ),
)
RIGHTS_UNKNOWN = unknown(
    "database.rights_unknown",
    en=Words(
        "The database does not tell what its account may do: {reason}.",
        "Whether it may do more than it needs is not known.",
        "Compare its rights with deploy/sql.",
    ),
    zh=Words(
        "数据库不提供账号的权限信息：{reason}。",
        "账号权限是否过大尚不清楚。",
        "对照 deploy/sql 检查权限。",
    ),
)
TOO_FEW_CONNECTIONS = fault(
    "database.too_few_connections",
    en=Words(
        "wxlogin may open {wanted} connections ({hosts} x {workers} workers x {pool}); the "
        "database takes {most}.",
        "Under load logins answer STORE_UNAVAILABLE.",
        "Raise max_connections, or lower WXLOGIN_DATABASE_POOL; docs/sizing.md has the formula.",
    ),
    zh=Words(
        "wxlogin 最多会打开 {wanted} 个连接（{hosts} 台主机 × {workers} 个进程 × {pool}），"
        "数据库只允许 {most} 个。",
        "负载高时登录会返回 STORE_UNAVAILABLE。",
        "调大 max_connections 或调小 WXLOGIN_DATABASE_POOL，公式见 docs/sizing.zh-CN.md。",
    ),
)
TIGHT_CONNECTIONS = warning(
    "database.tight_connections",
    en=Words(
        "The database takes {most} connections; a rolling restart and commands besides need "
        "{wanted}.",
        "During a restart logins may answer STORE_UNAVAILABLE.",
        "Raise max_connections, or lower WXLOGIN_DATABASE_POOL; docs/sizing.md has the formula.",
    ),
    zh=Words(
        "数据库允许 {most} 个连接；滚动重启和运维命令同时进行时需要 {wanted} 个。",
        "重启期间登录可能返回 STORE_UNAVAILABLE。",
        "调大 max_connections 或调小 WXLOGIN_DATABASE_POOL，公式见 docs/sizing.zh-CN.md。",
    ),
)
