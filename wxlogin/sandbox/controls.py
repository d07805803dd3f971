"""The phone's controls over HTTP, for curl or a browser: everything under /sandbox/."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from wxlogin.sandbox import push_sender, wire
from wxlogin.sandbox.faults import Fault, Faults
from wxlogin.sandbox.world import World

PREFIX = "/sandbox"

HELP = f"""\
This is a stand-in for WeChat's server, with the phone beside it. All users are made up.

GET or POST, with `user` (default alice) and `appid` (default: the first app):
  /sandbox/code        wx.login: a code for five minutes, once
  /sandbox/phone-code  the phone-number button: a code for five minutes, once
  /sandbox/realtime-phone-code
                       the button of the real-time phone component: likewise
  /sandbox/profile     wx.getUserProfile: rawData, signature, encryptedData, iv
  /sandbox/phone       the phone-number button, old style: encryptedData, iv
  /sandbox/rotate      put a fresh session_key in force
  /sandbox/risk        getUserRiskRank gives the user `rank` from now on: 0 (default) to 4

/sandbox/webhooks takes webhooks (POST) and shows in a browser what arrived; `.json` behind it gives
the same to a program, DELETE empties it. To have signatures verified:
  curl -X POST BASE/sandbox/webhooks/secret -d secret=whsec_...

POST to /sandbox/push, to have WeChat push an event of a user to `url`, on this machine:
  curl -X POST BASE/sandbox/push -d event=user_authorization_revoke -d revoke_info=8 \\
      -d url=http://127.0.0.1:8000/v1/push/APPID -d token=TOKEN -d aes_key=ENCODING_AES_KEY
  fields: user, appid, event, revoke_info, mode (plain, compatible, secure), form (json, xml),
          resend (0-2: how often the same message comes again, as when an answer was late)
  events: user_authorization_revoke, user_info_modified, user_authorization_cancellation, or any

POST JSON to /sandbox/faults, to spoil the next call of a path; GET counts what waits, DELETE
drops it:
  {{"path": "{wire.CODE2SESSION}", "errcode": -1, "times": 2}}
  fields: path, times, delay, errcode, errmsg, status, body, size, content_type, close, after
  paths:  {", ".join(wire.PATHS)}

GET /sandbox/orders tells what the command that runs this can do besides, POST has it done:
  {{"name": "single-device", "value": "all"}}

The content check (msgSecCheck): a text with 赌博 or risky is risky, one with 疑似 is for review,
all others pass. A user who last called wx.login more than two hours ago is refused with 61010.

Fields come as a query, a form or JSON:
  curl -X POST BASE/sandbox/code -d user=bob
"""

_FAULT_FIELDS = (*Fault.__dataclass_fields__, "path", "times")


class InputError(ValueError):
    """The request is invalid; the message says what to send."""


class PhoneControls:
    """The blueprint of the controls. No response contains an openid or a session_key."""

    def __init__(self, world: World, faults: Faults) -> None:
        self._world = world
        self._faults = faults
        self.blueprint = self._add_routes(Blueprint("phone", __name__, url_prefix=PREFIX))

    def _add_routes(self, blueprint: Blueprint) -> Blueprint:
        phone: dict[str, Callable[[], Response]] = {
            "code": self._code,
            "phone-code": self._phone_code,
            "realtime-phone-code": self._realtime_phone_code,
            "profile": self._profile,
            "phone": self._phone,
            "rotate": self._rotate,
            "risk": self._risk,
        }
        blueprint.add_url_rule("/push", "push", self._push, methods=["POST"])
        for name, view in phone.items():
            blueprint.add_url_rule(f"/{name}", name, view, methods=["GET", "POST"])
        blueprint.add_url_rule("/faults", "faults", self._queue_fault, methods=["POST"])
        blueprint.add_url_rule("/faults", "waiting-faults", self._show_faults, methods=["GET"])
        blueprint.add_url_rule("/faults", "no-faults", self._clear_faults, methods=["DELETE"])
        blueprint.add_url_rule("/", "help", self._help)
        blueprint.register_error_handler(ValueError, self._bad_input)
        blueprint.register_error_handler(HTTPException, self.failure)
        return blueprint

    def failure(self, error: HTTPException) -> Response:
        """Return the response to a path, method or body that cannot be served."""
        sentence = f"{error.description} See {PREFIX}/ for what there is."
        return _json({"error": sentence}, error.code or 500)

    def _code(self) -> Response:
        return _json({"code": self._world.login_code(*_user_and_app())})

    def _phone_code(self) -> Response:
        return _json({"code": self._world.phone_code(*_user_and_app())})

    def _realtime_phone_code(self) -> Response:
        return _json({"code": self._world.realtime_phone_code(*_user_and_app())})

    def _profile(self) -> Response:
        return _json(self._world.profile(*_user_and_app()))

    def _phone(self) -> Response:
        return _json(self._world.phone(*_user_and_app()))

    def _rotate(self) -> Response:
        user, appid = _user_and_app()
        self._world.rotate_session_key(user, appid)
        return _json({"user": user, "rotated": True})

    def _risk(self) -> Response:
        fields = _texts(("user", "rank"))
        user, rank = fields.get("user", "alice"), fields.get("rank", "0")
        if rank not in ("0", "1", "2", "3", "4"):
            raise InputError("rank must be 0, 1, 2, 3 or 4")
        self._world.set_risk_rank(user, int(rank))
        return _json({"user": user, "rank": int(rank)})

    def _push(self) -> Response:
        return _json(push_sender.send(self._world, _texts(push_sender.FIELDS)))

    def _queue_fault(self) -> Response:
        fields = _fields(_FAULT_FIELDS)
        path, times = fields.pop("path", ""), fields.pop("times", 1)
        if not isinstance(path, str):
            raise InputError("path must be text")
        self._faults.queue(path, Fault(**fields), times)
        return _json({"queued": times})

    def _show_faults(self) -> Response:
        return _json({"waiting": self._faults.waiting()})

    def _clear_faults(self) -> Response:
        self._faults.clear()
        return _json({"cleared": True})

    def _help(self) -> Response:
        return Response(HELP, content_type="text/plain; charset=utf-8")

    def _bad_input(self, error: ValueError) -> Response:
        return _json({"error": str(error)}, 400)


def _user_and_app() -> tuple[str, str | None]:
    fields = _texts(("user", "appid"))
    return fields.get("user", "alice"), fields.get("appid")


def _texts(known: tuple[str, ...]) -> dict[str, str]:
    """Return the fields of query and body, all of them text."""
    fields = _fields(known)
    if not all(isinstance(value, str) for value in fields.values()):
        raise InputError(f"{' and '.join(known)} must be text")
    return fields


def _fields(known: tuple[str, ...]) -> dict[str, Any]:
    """Return the fields of query and body; the body takes precedence."""
    fields: dict[str, Any] = {**request.args.to_dict(), **_body_fields()}
    if strange := sorted(set(fields) - set(known)):
        raise InputError(
            f"unknown field {strange[0][:40]!r}: use {', '.join(known)}, "
            "and for JSON the header Content-Type: application/json"
        )
    return fields


def _body_fields() -> Mapping[str, Any]:
    if not request.is_json:
        return request.form.to_dict()
    try:
        fields = request.get_json(silent=True)
    except RecursionError:
        fields = None
    if not isinstance(fields, dict):
        raise InputError('the body must be a JSON object, such as {"user": "alice"}')
    return fields


def _json(fields: Mapping[str, Any], status: int = 200) -> Response:
    response = jsonify(fields)
    response.status_code = status
    return response
