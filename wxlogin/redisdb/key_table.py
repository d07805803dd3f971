"""The table of all keys in Redis: what stands under which names, for how long, and whose it is.

docs/redis.md is made of it. The names themselves are made in `keys.py`.
"""

from __future__ import annotations

from typing import NamedTuple


class KeyRow(NamedTuple):
    """One row of the table in docs/redis.md."""

    pattern: str
    type: str
    ttl: str
    owner: str
    meaning: str


TABLE = (
    KeyRow(
        "wxl:1:{tag}:s:<id>",
        "hash",
        "the nearer of the idle and the absolute limit; 30 s once replaced",
        "sessions/store.py",
        "One session.",
    ),
    KeyRow(
        "wxl:1:{tag}:i",
        "sorted set",
        "as the user's longest session",
        "sessions/store.py",
        "The user's sessions, by the time at which each expires.",
    ),
    KeyRow(
        "wxl:1:{tag}:x",
        "hash",
        "24 h after the latest end",
        "sessions/store.py",
        "Tombstones: why a session ended and when, and until when a ban lasts; the latest 20.",
    ),
    KeyRow(
        "wxl:1:{tag}:e",
        "hash",
        "24 h after the latest login",
        "sessions/login_outcomes.py",
        "Which sessions a login ended, until the outbox has told it.",
    ),
    KeyRow(
        "wxl:1:{<slot>}:ended",
        "sorted set",
        "7 days after the latest end",
        "sessions/end_notes.py",
        "Sessions that ended and why, by time, until the database has it: 1000 at most of all "
        "users whose keys share a slot of a cluster; the number in the name is in that slot.",
    ),
    KeyRow(
        "wxl:1:{tag}:k",
        "hash",
        "`WXLOGIN_SESSION_KEY_TTL`, 7200 s at most",
        "sessions/session_keys.py",
        "WeChat's session_key of the user, sealed: the current and the previous one.",
    ),
    KeyRow(
        "wxl:1:{tag}:n:<digest>",
        "string",
        "660 s",
        "sessions/nonces.py",
        "A nonce of a signed request, by a digest of session and nonce.",
    ),
    KeyRow(
        "wxl:1:{tag}:b",
        "hash",
        "1 h after the latest mark",
        "sessions/store.py",
        "Marks on which every login of the user is refused: `banned` and until when, `erased`, "
        "`app` for one that is disabled; the versions of their latest changes. Likewise the user's "
        "person and external id, where they changed. Before a mark goes, SQL has long said the "
        "same.",
    ),
    KeyRow(
        "wxl:1:{tag}:l/<limit>",
        "string",
        "until its window ends",
        "limits/windows.py",
        "A counter of the user's: limit, amount, window.",
    ),
    KeyRow(
        "wxl:1:l/<limit>",
        "string",
        "until its window ends",
        "limits/windows.py",
        "A counter of an address, or by a digest of an admin's name, an API token, the key of a "
        "limit of your own: whose, limit, amount, window.",
    ),
    KeyRow(
        "wxl:1:admin:<id>",
        "hash",
        "`WXLOGIN_ADMIN_MAX_AGE` after the latest sign-in",
        "operators/admin_sessions.py",
        "An admin's sessions, each a JSON record by its id; the deadlines stand in the record.",
    ),
    KeyRow(
        "wxl:1:api-tokens",
        "string",
        "24 h",
        "operators/api_tokens.py",
        "Changes with every change of an API token; workers read the database when it does.",
    ),
    KeyRow(
        "wxl:1:audit-head",
        "hash",
        "a year after the latest entry",
        "watch/audit.py",
        "Number and MAC of the latest entry of the audit trail, so that a cut tail shows.",
    ),
    KeyRow(
        "wxl:1:live:<shard>",
        "sorted set",
        "`WXLOGIN_SESSION_MAX_AGE` after the latest login",
        "sessions/live.py",
        "Live sessions by the time of their login, for the console; 64 shards, by user.",
    ),
    KeyRow(
        "wxl:1:{tag}:r/<limit>",
        "string",
        "until its window ends",
        "watch/rules.py",
        "A counter of the user's that alerts are made by: rule, amount, window.",
    ),
    KeyRow(
        "wxl:1:r/<limit>",
        "string",
        "until its window ends",
        "watch/rules.py",
        "As above, of an address or an appid; `users` are counted in a HyperLogLog.",
    ),
    KeyRow(
        "wxl:1:access-token:<appid>",
        "hash",
        "as WeChat says",
        "wechat/access_tokens.py",
        "The app's access_token, sealed.",
    ),
    KeyRow(
        "wxl:1:access-token-lock:<appid>",
        "string",
        "15 s",
        "wechat/access_tokens.py",
        "Who is fetching the app's access_token.",
    ),
    KeyRow(
        "wxl:1:apps",
        "string",
        "24 h",
        "accounts/apps.py",
        "Changes with every change of a mini-program or webhook; workers read the database when it "
        "does.",
    ),
    KeyRow(
        "wxl:1:app-changes:<number>",
        "hash",
        "a year after the latest change",
        "accounts/applied_changes.py",
        "By appid, which change of a mini-program has reached all of its users: that it was "
        "disabled or enabled, or all sessions ended; in a cluster one on each primary.",
    ),
    KeyRow(
        "wxl:1:reconciled:<id>",
        "string",
        "a year after the latest connection",
        "redisdb/reconciled_servers.py",
        "That what SQL ended for good was ended in the server of this replication id.",
    ),
    KeyRow(
        "wxl:1:key-usage:<digest>",
        "string",
        "600 s",
        "accounts/key_usage.py",
        "How many rows need each key, as one worker counted them for all; by a digest of the keys.",
    ),
    KeyRow(
        "wxl:1:statistics:<steps>x<seconds>",
        "string",
        "as long as the time that they cover",
        "watch/statistics.py",
        "The overview's figures, as one worker counted them for all; an hour or a day that is over "
        "is counted once.",
    ),
    KeyRow(
        "wxl:1:hosts",
        "hash",
        "60 s after the latest note",
        "keyring/hosts.py",
        "What each worker notes every few seconds: its host, its process, the ids of its keys, "
        "WeChat's last answer for each mini-program.",
    ),
    KeyRow(
        "wxl:1:certificate:<host>",
        "string",
        "9 days after the latest look",
        "watch/certificate.py",
        "What was seen of the certificate of `WXLOGIN_PUBLIC_URL`, and when an alert last told.",
    ),
    KeyRow(
        "wxl:1:certificate-turn:<host>",
        "string",
        "1 h",
        "watch/certificate.py",
        "That a worker has looked at it.",
    ),
    KeyRow(
        "wxl:1:key-rotation",
        "string",
        "a day after the latest step",
        "keyring/rotation.py",
        "How far the latest rotation of keys has come, for the console and `keys list`.",
    ),
    KeyRow(
        "wxl:1:key-rotation-lock",
        "string",
        "60 s",
        "keyring/rotation.py",
        "Which process rotates keys; it renews this with every batch.",
    ),
    KeyRow(
        "wxl:1:probe:<number>",
        "hash",
        "60 s",
        "watch/readiness.py",
        "What `/readyz` tries to write; in a cluster one on each primary.",
    ),
    KeyRow(
        "wxl:1:passkey:<id>",
        "string",
        "120 s",
        "operators/passkey_challenges.py",
        "A challenge, good once: of a sign-in, or by an admin's session of a new passkey.",
    ),
    KeyRow(
        "wxl:1:found:<session>:<id>",
        "string",
        "1800 s",
        "operators/search_results.py",
        "What an admin found by a search or selected in a list, for its page; kinds and ids alone.",
    ),
    KeyRow(
        "wxl:1:clock:<digest>",
        "string",
        "600 s",
        "wechat/clock_difference.py",
        "By how many seconds a host's clock differs from WeChat's, if by more than a minute.",
    ),
    KeyRow(
        "wxl:1:access-token-reset:<appid>",
        "string",
        "60 s",
        "wechat/access_tokens.py",
        "A worker makes the second forced refresh of the app's access_token.",
    ),
    KeyRow(
        "wxl:1:phone-calls:<appid>:<day>",
        "string",
        "3 days",
        "accounts/phone_number_usage.py",
        "How often an app got a phone number from WeChat on a day, in Beijing's time.",
    ),
    KeyRow(
        "wxl:1:code:<digest>",
        "string",
        "600 s",
        "sessions/codes.py",
        "A code that was seen here, by a digest of its kind, appid and code.",
    ),
    KeyRow(
        "wxl:1:push:<digest>",
        "string",
        "30 s while it is handled, then twice `WXLOGIN_PUSH_MAX_AGE`",
        "wechat/push_marks.py",
        "A message that WeChat pushed, by a digest of its appid and identity.",
    ),
    KeyRow(
        "wxl:1:scan:<id>",
        "hash",
        "181 s",
        "scan_store/store.py",
        "A scan: state, deadline, the browser that began it, a digest of its secret, who confirmed "
        "it.",
    ),
    KeyRow(
        "wxl:1:doctor:<digest>",
        "string",
        "60 s",
        "doctor/invitation.py",
        "A nonce with which the doctor calls wxlogin from outside, by a digest of it.",
    ),
)
