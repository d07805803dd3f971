"""The alert rules: what each counts, of whom, and what an operator does about it.

The threshold of a rule is a setting, `rule_<name>` in settings/table.py.
"""

from __future__ import annotations

from dataclasses import dataclass

from wxlogin.watch.events import AlertSubject, Kind, Severity


@dataclass(frozen=True)
class Rule:
    """The kinds of events that a rule counts by subject. The setting `rule_<name>` is the limit.

    An `immediate` rule has no such setting: each event raises an alert. A rule with `users` counts
    the distinct users of its logins, and adds the numbers of logins and failures to the alert.
    """

    name: str
    subject_kind: AlertSubject
    kinds: frozenset[Kind]
    title: str
    advice: str
    severity: Severity = "warning"
    immediate: bool = False
    users: bool = False


RULES = (
    Rule(
        "logins_openid",
        "user",
        frozenset({Kind.LOGIN_SUCCEEDED, Kind.LOGIN_RATE_LIMITED, Kind.LOGIN_BANNED}),
        "Many logins of one user",
        "Look at the user's sessions and logins. A page that logs in in a loop looks like this "
        "too. If it is somebody else, end the sessions or ban the user.",
    ),
    Rule(
        "decrypt_openid",
        "user",
        frozenset({Kind.DECRYPT_FAILED, Kind.SESSION_KEY_STALE}),
        "Many failed decryptions of one user",
        "Somebody may be trying data that is not theirs, or a page sends old data again and "
        "again. Look at the user's events; reset the session_key or ban the user.",
    ),
    Rule(
        "fail_ip",
        "address",
        frozenset({Kind.TOKEN_FORGED, Kind.CODE_INVALID, Kind.CODE_REUSED}),
        "Many forged tokens or bad codes from one address",
        "Block the address at the proxy if you do not know it. After a key was taken away, old "
        "tokens count as forged.",
    ),
    Rule(
        "openids_ip",
        "address",
        frozenset({Kind.LOGIN_SUCCEEDED, Kind.TOKEN_FORGED, Kind.CODE_INVALID, Kind.CODE_REUSED}),
        "Many different users from one address",
        "A carrier, a school or a company shares an address among thousands: few failures speak "
        "for that. With many failures, block the address or narrow WXLOGIN_LIMIT_LOGIN_IP.",
        users=True,
    ),
    Rule(
        "scans_elsewhere",
        "address",
        frozenset({Kind.SCAN_CONFIRMED_ELSEWHERE}),
        "Many scans of one browser's address were confirmed from other regions",
        "Somebody may show users a picture of their own sign-in page. The events name the users: "
        "end their web sessions, and block the address at the proxy. A company whose browsers "
        "leave by another province looks like this too.",
    ),
    Rule(
        "admin_login",
        "address",
        frozenset({Kind.ADMIN_LOGIN_FAILED, Kind.ADMIN_CODE_GUESSED}),
        "Many failed sign-ins to the console",
        "Somebody guesses passwords of admins. Block the address at the proxy.",
    ),
    Rule(
        "admin_login_anywhere",
        "app",
        frozenset({Kind.ADMIN_LOGIN_FAILED, Kind.ADMIN_CODE_GUESSED}),
        "Many failed sign-ins to the console, from anywhere",
        "Somebody guesses passwords of admins. Let your own network alone reach the console.",
    ),
    Rule(
        "admin_code_guessed",
        "address",
        frozenset({Kind.ADMIN_CODE_GUESSED}),
        "Somebody knows an admin's password and guesses the second factor",
        "The event names the admin: reset the password, unless the admin says it was them.",
        severity="alarm",
        immediate=True,
    ),
    Rule(
        "admin_signed_in_elsewhere",
        "address",
        frozenset({Kind.ADMIN_SIGNED_IN_ELSEWHERE}),
        "An admin signed in from a new address",
        "The event names the admin. If it was not them, disable the account.",
        immediate=True,
    ),
    Rule(
        "admin_recovery_code_used",
        "admin",
        frozenset({Kind.ADMIN_RECOVERY_CODE_USED}),
        "An admin used a recovery code",
        "If it was not them, disable the account: somebody has their password and their codes.",
        immediate=True,
    ),
    Rule(
        "admin_created",
        "admin",
        frozenset({Kind.ADMIN_CREATED}),
        "A new admin",
        "The event says who created the account. If it was none of you, disable both.",
        immediate=True,
    ),
    Rule(
        "admin_token_created",
        "token",
        frozenset({Kind.ADMIN_TOKEN_CREATED}),
        "A new API token",
        "The event says who created it. If it was none of you, revoke it and disable that admin.",
        immediate=True,
    ),
    Rule(
        "admin_data",
        "address",
        frozenset({Kind.ADMIN_SEARCH_LIMITED, Kind.ADMIN_EXPORT_LIMITED}),
        "An admin or a token looks up many users",
        "The audit trail says who, and whom. If it is not their work, disable or revoke them.",
        severity="alarm",
        immediate=True,
    ),
    Rule(
        "wx_errors",
        "app",
        frozenset({Kind.WECHAT_UNAVAILABLE, Kind.WECHAT_RATE_LIMITED, Kind.WECHAT_MISCONFIGURED}),
        "Many errors of WeChat",
        "See whether WeChat is out, whether this server reaches it, and how much of the app's "
        "quota is left.",
    ),
    Rule(
        "wx_misconfigured",
        "app",
        frozenset({Kind.WECHAT_MISCONFIGURED}),
        "WeChat refuses this server",
        "Nobody can log in until the AppSecret, the list of IP addresses and the app's rights at "
        "WeChat are right; the log has the errcode.",
        severity="alarm",
        immediate=True,
    ),
    Rule(
        "phone_calls",
        "app",
        frozenset({Kind.WECHAT_PHONE_CALLS}),
        "More phone numbers in a day than expected",
        "WeChat charges for them. If no campaign explains it, see whether a page asks again and "
        "again; look at what is left of the quota at mp.weixin.qq.com.",
        immediate=True,
    ),
    Rule(
        "leak_blocked",
        "app",
        frozenset({Kind.SECRET_LEAK_BLOCKED}),
        "An answer held a secret and was stopped",
        "The caller got INTERNAL instead. The event has the endpoint: find out how the secret came "
        "into the answer, and replace it if it was seen elsewhere.",
        severity="alarm",
        immediate=True,
    ),
    Rule(
        "webhook_paused",
        "app",
        frozenset({Kind.WEBHOOK_PAUSED}),
        "A webhook accepted nothing for three days and is paused",
        "The event names it. Mend the receiver, then enable the webhook again: what still waits is "
        "sent, and what happened meanwhile is not.",
        severity="alarm",
        immediate=True,
    ),
    Rule(
        "certificate_ends",
        "app",
        frozenset({Kind.CERTIFICATE_ENDS}),
        "The TLS certificate ends soon, or is not valid",
        "Nobody can sign in once it has ended. Renew it where HTTPS ends, and see why it was not "
        "renewed by itself. The event and the page Now say what is wrong.",
        severity="alarm",
        immediate=True,
    ),
)
BY_NAME = {rule.name: rule for rule in RULES}
BY_KIND = {kind: [rule for rule in RULES if kind in rule.kinds] for kind in Kind}
