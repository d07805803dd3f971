"""What the development command prints once all is up."""

from __future__ import annotations

ANOTHER_OWNER = "WXLOGIN_ENV=development .venv/bin/flask --app wsgi admin create NAME --role owner"
SIGN_OUT = r'curl -s -w "\n" -X POST {app}/v1/logout -H "Authorization: Bearer $TOKEN"'
CALL = r'curl -s -w "\n" {app}/v1/session -H "Authorization: Bearer $TOKEN"'
SIGN_IN = (
    "TOKEN=$(curl -s -X POST {sandbox}/sandbox/code -d user=alice"
    " | curl -s {app}/v1/login -H 'Content-Type: application/json' -d @-"
    """ | sed -n 's/.*"token": *"\\([^"]*\\)".*/\\1/p')"""
)


def lines(
    app: str, sandbox: str | None, wechat: str, store: str | None, password: str | None
) -> list[str]:
    """The lines to print: `app`, `sandbox` and `wechat` are URLs, `store` the embedded one's.

    `password` is that of the console's owner, where this start made it.
    """
    places = [
        "",
        f"  wxlogin   {app}",
        f"  API       {app}/docs",
        f"  Console   {app}/admin/",
        *(_owner(password) if password else _no_owner()),
        f"  WeChat    {sandbox} (the sandbox)" if sandbox else f"  WeChat    {wechat}",
        f"  Valkey    {store} (embedded)" if store else "  Redis     from WXLOGIN_REDIS_URL",
        "",
    ]
    return [*places, *(_first_login(app, sandbox) if sandbox else _no_sandbox()), ""]


def _first_login(app: str, sandbox: str) -> list[str]:
    steps = (("Sign in", SIGN_IN), ("Call with the token", CALL), ("Sign out", SIGN_OUT))
    shown = [f"# {title}\n{line.format(app=app, sandbox=sandbox)}\n" for title, line in steps]
    return ["Paste these into another terminal:", "", *shown, "Ctrl-C stops all of it."]


def _owner(password: str) -> list[str]:
    return [f"            admin, password {password} (shown this once)"]


def _no_owner() -> list[str]:
    return [f"            (password lost? {ANOTHER_OWNER})"]


def _no_sandbox() -> list[str]:
    return [
        "The code that POST /v1/login takes comes from wx.login in a mini-program. Without a",
        "phone: run with WXLOGIN_SANDBOX=on and without WXLOGIN_WX_API_BASE.",
        "",
        "Ctrl-C stops all of it.",
    ]
