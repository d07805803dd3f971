"""The message that the development command prints after the start."""

from __future__ import annotations

RESET = "WXLOGIN_ENV=development .venv/bin/flask --app wsgi admin reset-password admin"
SIGN_OUT = r'curl -s -w "\n" -X POST {app}/v1/logout -H "Authorization: Bearer $TOKEN"'
CALL = r'curl -s -w "\n" {app}/v1/session -H "Authorization: Bearer $TOKEN"'
SIGN_IN = (
    "TOKEN=$(curl -s -X POST {sandbox}/sandbox/code -d user=alice"
    " | curl -s {app}/v1/login -H 'Content-Type: application/json' -d @-"
    """ | sed -n 's/.*"token": *"\\([^"]*\\)".*/\\1/p')"""
)


def lines(
    app: str,
    sandbox: str | None,
    wechat: str,
    valkey: str | None,
    password: str | None,
    *,
    docs: bool,
) -> list[str]:
    """Return the lines of the message. All arguments but the last two are URLs.

    `valkey` is the embedded server's. `password` is the first admin's, if it was created now.
    `docs`: the documentation has been built.
    """
    places = [
        "",
        *([f"  Phones    {app}/sandbox/ (open this first)"] if sandbox else []),
        f"  wxlogin   {app}",
        f"  Docs      {app}/docs/"
        if docs
        else f"  Docs      (not built: make site, then {app}/docs/)",
        f"  API       {app}/docs",
        f"  Console   {app}/admin/",
        *(_owner(password) if password else _no_owner()),
        f"  WeChat    {sandbox} (the sandbox)" if sandbox else f"  WeChat    {wechat}",
        *([f"  Webhooks  {sandbox}/sandbox/webhooks (what arrived)"] if sandbox else []),
        f"  Valkey    {valkey} (embedded)" if valkey else "  Redis     from WXLOGIN_REDIS_URL",
        "",
    ]
    return [*places, *(_first_login(app, sandbox) if sandbox else _no_sandbox()), ""]


def _first_login(app: str, sandbox: str) -> list[str]:
    steps = (("Sign in", SIGN_IN), ("Call with the token", CALL), ("Sign out", SIGN_OUT))
    commands = [f"# {title}\n{line.format(app=app, sandbox=sandbox)}\n" for title, line in steps]
    return ["Paste these into another terminal:", "", *commands, "Ctrl-C stops all of it."]


def _owner(password: str) -> list[str]:
    return [f"            admin, password {password} (shown this once)"]


def _no_owner() -> list[str]:
    return [f"            (password lost? {RESET})"]


def _no_sandbox() -> list[str]:
    return [
        "The code that POST /v1/login takes comes from wx.login in a mini-program. Without a",
        "phone: run with WXLOGIN_SANDBOX=on and without WXLOGIN_WX_API_BASE.",
        "",
        "Ctrl-C stops all of it.",
    ]
