"""WeChat's HTTP API: passes the parameters to the platform, and injects faults."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, g, request
from werkzeug.exceptions import RequestEntityTooLarge

from wxlogin.sandbox import pictures, wire
from wxlogin.sandbox.errcodes import WxError
from wxlogin.sandbox.faults import Fault, Faults, Incident
from wxlogin.sandbox.platform import Platform
from wxlogin.sandbox.world import World

_GATEWAY_PAGE = "<html><head><title>error</title></head><body>error</body></html>"


class WechatApi:
    """The blueprint with the endpoints of `wire.PATHS`."""

    def __init__(self, world: World, faults: Faults) -> None:
        self._world = world
        self._faults = faults
        self._platform = Platform(world)
        self.blueprint = self._add_routes(Blueprint("wechat", __name__))

    def refusal(self, error: WxError) -> Response:
        """Return WeChat's response to a refused call: HTTP 200, with the errcode in the body."""
        return self._response(wire.error_text(request.path, error, self._world.now()))

    def unknown_path(self) -> Response:
        """Return WeChat's response to an unknown path."""
        self._world.count("unknown")
        return self.refusal(WxError(40066))

    def _add_routes(self, blueprint: Blueprint) -> Blueprint:
        views = {
            wire.CODE2SESSION: self._code2session,
            wire.CHECK_SESSION: self._check_session,
            wire.RESET_SESSION_KEY: self._reset_session_key,
            wire.TOKEN: self._token,
            wire.STABLE_TOKEN: self._stable_token,
            wire.PHONE_NUMBER: self._phone_number,
            wire.ENCRYPT_KEYS: self._encrypt_keys,
            wire.RISK_RANK: self._risk_rank,
            wire.SCAN_PICTURE: self._scan_picture,
            wire.MSG_SEC_CHECK: self._msg_sec_check,
        }
        for path, view in views.items():
            name = path.rpartition("/")[2]
            blueprint.add_url_rule(path, name, view, methods=["GET", "POST"])
        blueprint.before_request(self._before)
        blueprint.after_request(self._after)
        blueprint.register_error_handler(WxError, self.refusal)
        blueprint.register_error_handler(RequestEntityTooLarge, self._too_large)
        return blueprint

    # The calls

    def _code2session(self) -> Response:
        # WeChat ignores the parameters of a POST, and finds no appid.
        if request.method == "POST":
            raise WxError(41002)
        return self._answer(
            self._platform.code2session(*_query("appid", "secret", "js_code", "grant_type"))
        )

    def _check_session(self) -> Response:
        _require_method("GET")
        return self._answer(
            self._platform.check_session(
                *_query("access_token", "openid", "signature", "sig_method")
            )
        )

    def _reset_session_key(self) -> Response:
        _require_method("GET")
        return self._answer(
            self._platform.reset_session_key(
                *_query("access_token", "openid", "signature", "sig_method")
            )
        )

    def _token(self) -> Response:
        _require_method("GET")
        return self._answer(self._platform.token(*_query("appid", "secret", "grant_type")))

    def _stable_token(self) -> Response:
        _require_method("POST")
        body = _json_body()
        force = body.get("force_refresh", False)
        if not isinstance(force, bool):
            raise WxError(47001)
        appid, secret, grant_type = _texts(body, "appid", "secret", "grant_type")
        return self._answer(self._platform.stable_token(appid, secret, grant_type, force=force))

    def _phone_number(self) -> Response:
        _require_method("POST")
        (token,) = _query("access_token")
        # The token is checked before the body.
        self._platform.require_token(token)
        body = _json_body()
        code, openid = _texts(body, "code", "openid")
        return self._answer(self._platform.phone_number(token, code, openid or None))

    def _encrypt_keys(self) -> Response:
        # The page says GET, older ones POST with the same query.
        return self._answer(
            self._platform.encrypt_keys(
                *_query("access_token", "openid", "signature", "sig_method")
            )
        )

    def _risk_rank(self) -> Response:
        _require_method("POST")
        (token,) = _query("access_token")
        self._platform.require_token(token)
        body = _json_body()
        scene = body.get("scene")
        if isinstance(scene, bool) or not isinstance(scene, int):
            raise WxError(47001)
        appid, openid, address = _texts(body, "appid", "openid", "client_ip")
        return self._answer(self._platform.risk_rank(token, appid, openid, scene, address))

    def _scan_picture(self) -> Response:
        _require_method("POST")
        (token,) = _query("access_token")
        appid = self._platform.require_token(token)
        picture = pictures.draw(self._world, appid, _json_body())
        return Response(picture, content_type="image/png")

    def _msg_sec_check(self) -> Response:
        _require_method("POST")
        (token,) = _query("access_token")
        self._platform.require_token(token)
        body = _json_body()
        openid, content = _texts(body, "openid", "content")
        if b"\\u" in request.get_data():
            content = ""  # WeChat's check reads the body as it was sent, not what it escapes
        return self._answer(self._platform.msg_sec_check(token, openid, content, body.get("scene")))

    # Faults

    def _before(self) -> Response | None:
        self._world.count(request.path)
        incident = self._faults.take(request.path)
        g.incident = incident
        if incident is None or incident.fault.after:
            return None
        incident.delay()
        return self._faulty(incident.fault) if incident.fault.answers else None

    def _after(self, response: Response) -> Response:
        incident: Incident | None = g.get("incident")
        if incident is None:
            return response
        fault = incident.fault
        if fault.after:
            incident.delay()
            response = self._faulty(fault) if fault.answers else response
        if fault.content_type is not None:
            response.content_type = fault.content_type
        return response

    def _faulty(self, fault: Fault) -> Response:
        if fault.close:
            connection: socket.socket = request.environ["werkzeug.socket"]
            connection.shutdown(socket.SHUT_RDWR)
            return Response()
        response = self._response(self._faulty_body(fault).ljust(fault.size or 0))
        response.status_code = fault.status or 200
        return response

    def _faulty_body(self, fault: Fault) -> bytes:
        if fault.body is not None:
            return fault.body.encode() if isinstance(fault.body, str) else fault.body
        if fault.errcode is not None:
            error = WxError(fault.errcode, fault.errmsg)
            return wire.error_text(request.path, error, self._world.now()).encode()
        return _GATEWAY_PAGE.encode() if fault.status is not None else b""

    # Answers

    def _too_large(self, _: RequestEntityTooLarge) -> Response:
        return self.refusal(WxError(45002))

    def _answer(self, fields: Mapping[str, Any]) -> Response:
        return self._response(wire.encoded(fields))

    def _response(self, text: str | bytes) -> Response:
        sns = wire.is_sns(request.path)
        kind = self._world.sns_content_type if sns else wire.JSON_TYPE
        return Response(text, content_type=kind)


def _require_method(method: str) -> None:
    if request.method not in (method, "HEAD"):
        raise WxError(43001 if method == "GET" else 43002)


def _query(*names: str) -> list[str]:
    return [request.args.get(name, "") for name in names]


def _json_body() -> dict[str, Any]:
    body = request.get_data()
    if not body:
        raise WxError(44002)
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        raise WxError(47001) from None
    if not isinstance(fields, dict):
        raise WxError(47001)
    return fields


def _texts(body: Mapping[str, Any], *names: str) -> list[str]:
    values = [body.get(name, "") for name in names]
    if not all(isinstance(value, str) for value in values):
        raise WxError(47001)
    return values
