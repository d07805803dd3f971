"""Findings about the settings and their keys."""

from __future__ import annotations

from wxlogin.doctor.findings import Words, fault, ok, unknown, warning

WRONG = fault(
    "settings.wrong",
    en=Words(
        "{fault}.",
        "wxlogin does not start with these settings.",
        "Correct the setting; docs/settings.md describes each.",
    ),
    zh=Words(
        "{fault}。",
        "wxlogin 无法以当前配置启动。",
        "修正该配置项，说明见 docs/settings.md。",
    ),
)
SANDBOX = warning(
    "settings.sandbox",
    en=Words(
        "WXLOGIN_SANDBOX is on.",
        "A sandbox stands in WeChat's place: whoever reaches it signs in as anybody.",
        "Set it to off, unless this is a machine for development.",
    ),
    zh=Words(
        "WXLOGIN_SANDBOX 已开启。",
        "沙箱代替了微信，能访问沙箱的人可以登录任何账号。",
        "除非是开发机，否则请关闭。",
    ),
)
STAND_IN = warning(
    "settings.stand_in",
    en=Words(
        "WXLOGIN_WX_API_BASE leads to this machine: {base}.",
        "If that is a sandbox, whoever reaches it signs in as anybody.",
        "Remove the setting, unless a relay to WeChat listens there.",
    ),
    zh=Words(
        "WXLOGIN_WX_API_BASE 指向本机：{base}。",
        "如果那里运行的是沙箱，能访问它的人可以登录任何账号。",
        "除非那里是通往微信的代理，否则请删除该配置。",
    ),
)
LOOSENED = warning(
    "settings.loosened",
    en=Words(
        "Production runs with {settings}, which is {default} by default there.",
        "A protection is off: users and admins are easier to impersonate.",
        "Remove the setting, unless you know what stands in its place; docs/settings.md.",
    ),
    zh=Words(
        "生产环境设置了 {settings}，默认应为 {default}。",
        "一项保护被关闭，用户和管理员更容易被冒充。",
        "除非清楚有什么替代了它，否则请删除该配置；见 docs/settings.md。",
    ),
)
WEAK_KEY = fault(
    "keys.weak",
    en=Words(
        "A key of {setting} can be guessed.",
        "Whoever guesses it forges tokens or reads what it sealed.",
        "Put a random key in front, as docs/settings.md shows.",
    ),
    zh=Words(
        "{setting} 中有密钥可以被猜到。",
        "猜到密钥的人可以伪造 token，或解开用它加密的数据。",
        "按 docs/settings.md 生成随机密钥并放在最前面。",
    ),
)
REUSED = fault(
    "keys.reused",
    en=Words(
        "{settings} have the same secret.",
        "Whoever learns the one has the other too.",
        "Give each setting a secret of its own.",
    ),
    zh=Words(
        "{settings} 使用了相同的密钥。",
        "一处泄露，另一处也随之泄露。",
        "为每个配置项设置不同的密钥。",
    ),
)
LOST_KEY = fault(
    "keys.lost",
    en=Words(
        "Rows that need a key which the settings do not name: {rows}.",
        "What they hold cannot be read, and users whose index key is gone sign in as new users.",
        "Put the missing key back: docs/settings.md.",
    ),
    zh=Words(
        "有 {rows} 行数据需要的密钥不在配置中。",
        "这些数据无法读取；缺少索引密钥的用户再次登录时会被当作新用户。",
        "把缺少的密钥放回配置，见 docs/settings.md。",
    ),
)
UNCOUNTED = unknown(
    "keys.uncounted",
    en=Words(
        "The rows that need each key could not be counted: {error}.",
        "Whether a key is missing is not known.",
        "Run `flask --app wsgi keys list`, which has no time limit.",
    ),
    zh=Words(
        "无法统计各密钥对应的行数：{error}。",
        "是否缺少密钥尚不清楚。",
        "运行 `flask --app wsgi keys list`，它没有时间限制。",
    ),
)
HOST_LAGS = warning(
    "keys.host_lags",
    en=Words(
        "{host} has {setting} in another order: {there} there, {here} here.",
        "Nothing: each host can read what the other signs and seals. Until all have one order, "
        "`keys rotate` refuses.",
        "Finish the change on every host: docs/settings.md has the two rounds.",
    ),
    zh=Words(
        "{host} 的 {setting} 顺序不同：那边是 {there}，本机是 {here}。",
        "没有影响：各主机能读取彼此签名和加密的内容。顺序一致之前 `keys rotate` 会拒绝执行。",
        "在每台主机上完成更换，两步的做法见 docs/settings.md。",
    ),
)
HOST_LACKS = fault(
    "keys.host_lacks",
    en=Words(
        "{host} has other keys in {setting}: {there} there, {here} here.",
        "What one of them signs or seals the other cannot read: calls answer STORE_UNAVAILABLE, "
        "and AppSecrets do not open.",
        "Give every host the newest key of the others, behind its own first.",
    ),
    zh=Words(
        "{host} 的 {setting} 密钥不同：那边是 {there}，本机是 {here}。",
        "一台签名或加密的内容另一台读不了：请求返回 STORE_UNAVAILABLE，AppSecret 无法解密。",
        "把其他主机的最新密钥加到每台主机的配置中，先放在自己的密钥之后。",
    ),
)
HOSTS_UNREAD = unknown(
    "keys.hosts_unread",
    en=Words(
        "What keys the other hosts have could not be read: {error}.",
        "Whether they can read each other's tokens is not known.",
        "Mend Redis first.",
    ),
    zh=Words(
        "无法读取其他主机的密钥信息：{error}。",
        "各主机能否识别彼此的 token 尚不清楚。",
        "先修复 Redis。",
    ),
)
DOUBLES = fault(
    "keys.double_users",
    en=Words(
        "{keep} and {drop} are users of one person in one mini-program.",
        "That person sees the data of one of them only.",
        "Run `flask --app wsgi users merge {keep} {drop}`.",
    ),
    zh=Words(
        "{keep} 和 {drop} 是同一个人在同一小程序中的两个用户。",
        "该用户只能看到其中一个的数据。",
        "运行 `flask --app wsgi users merge {keep} {drop}`。",
    ),
)
NO_DOUBLES = ok(
    "keys.no_double_users",
    en="None of the newest {users} users is there twice.",
    zh="最新的 {users} 个用户没有重复。",
)
USERS_UNREAD = unknown(
    "keys.users_unread",
    en=Words(
        "The users could not be read: {error}.",
        "Whether somebody is there twice is not known.",
        "Mend the database first.",
    ),
    zh=Words(
        "无法读取用户：{error}。",
        "是否有重复的用户尚不清楚。",
        "先修复数据库。",
    ),
)
