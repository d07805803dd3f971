"""Rate limits, and failures by address.

Limits are declared with Flask-Limiter, as its documentation says, and its own hooks count them:

    from wxlogin.extensions import limiter
    from wxlogin.limits.key_functions import openid_key, setting

    limiter.shared_limit("1000/hour", scope="orders")(blueprint)  # by address

    @limiter.limit("20/minute")  # by address
    @limiter.limit(setting("decrypt_openid"), key_func=openid_key)  # on a view of `guard_account`

Beneath it lies the storage of `storage.py`: fixed windows in the app's own Redis, on the app's own
clock. Where Redis does not answer, the call is refused with 503.

Four places count without Flask-Limiter's hook, by `RateLimits.hit` or by `RateLimits.windows`:

- **Signed-in calls** (`guard/gate.py`, and `guard/fast_path.py` for `GET /v1/auth`). The counters
  of the address and of the user travel with the session: one round trip, where the hook needs one
  for each window. The openid counter must count for a live session alone, so that an old token
  cannot spend its owner's limit, and only the script that reads the session knows whether it lives.
- **Introspection** (`server_api/service.py`): the API token's counter travels with the session.
- **A login's limit by openid** (`login/service.py`): the user is known once WeChat has answered.
  Its counter travels with the session_key.
- **Admin calls**: sign-ins by name (the name is in a body that is JSON or a form), and API tokens,
  exports and searches. These are known once the limit by address has passed; the hook evaluates all
  limits of a call at once, sorted by their windows.
"""

from pathlib import Path

from wxlogin.redisdb.scripts import ScriptFolder

LUA = ScriptFolder(Path(__file__).parent / "lua")
