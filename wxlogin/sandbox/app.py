"""The sandbox as a Flask app: WeChat's API, the phone's controls, a receiver of webhooks."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from wxlogin.sandbox import controls, wire
from wxlogin.sandbox.api import WechatApi
from wxlogin.sandbox.controls import PhoneControls
from wxlogin.sandbox.faults import Faults
from wxlogin.sandbox.inbox import Inbox
from wxlogin.sandbox.inbox_pages import InboxPages
from wxlogin.sandbox.orders import OrderCalls, Orders
from wxlogin.sandbox.world import World

HOSTS = ("127.0.0.1", "::1", "localhost")


def create_app(world: World, faults: Faults, inbox: Inbox, orders: Orders) -> Flask:
    """Return the WSGI app for a world, its faults, what webhooks bring and what is ordered."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = wire.BODY_LIMIT
    app.url_map.merge_slashes = False
    app.before_request(_require_this_machine)
    api = WechatApi(world, faults)
    phone = PhoneControls(world, faults)
    app.register_blueprint(api.blueprint)
    app.register_blueprint(phone.blueprint)
    app.register_blueprint(InboxPages(inbox).blueprint)
    app.register_blueprint(OrderCalls(orders).blueprint)

    def not_served(error: HTTPException) -> Response:
        if request.path.startswith(controls.PREFIX):
            return phone.failure(error)
        return api.unknown_path()

    for kind in (NotFound, MethodNotAllowed):
        app.register_error_handler(kind, not_served)
    return app


def _require_this_machine() -> Response | None:
    """Refuse calls under another name: a web page's own may lead here (DNS rebinding)."""
    try:
        here = urlsplit(f"//{request.host}").hostname in HOSTS
    except ValueError:
        here = False
    if here:
        return None
    sentence = f"The sandbox answers under these names alone: {', '.join(HOSTS)}.\n"
    return Response(sentence, 403, content_type="text/plain; charset=utf-8")
