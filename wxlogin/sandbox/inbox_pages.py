"""The receiver of webhooks over HTTP: POST takes one, GET shows what arrived."""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, Response, jsonify, render_template, request

from wxlogin.sandbox.inbox import KEPT, Inbox

PATH = "/sandbox/webhooks"
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
STYLE = """\
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem;
  color: #1f2328; background: #fff }
article { border: 1px solid #d0d7de; border-radius: .4rem; margin: 1rem 0; padding: .8rem 1rem }
h2 { font-size: 1.1rem; margin: 0 }
pre { background: #f6f8fa; margin: .6rem 0 0; overflow-x: auto; padding: .6rem }
.soft { color: #57606a; margin: .2rem 0 }
.good { color: #116329 }
.bad { color: #b3261e }
"""
TEXTS = {
    "en": {
        "title": "Webhooks that arrived",
        "about": "wxlogin tells a team's own systems what happens. This page plays such a system.",
        "empty": "Nothing yet. Log in once: user.created arrives.",
        "kept": f"The latest {KEPT}, newest first; the page reads them again every five seconds.",
        "good": "signature verified",
        "bad": "signature not verified",
        "unknown": "not checked: the secret is not known here",
    },
    "zh": {
        "title": "收到的 Webhook",
        "about": "wxlogin 会把发生的事通知业务系统，本页扮演这样的系统。",
        "empty": "还没有收到。登录一次，就会收到 user.created。",
        "kept": f"显示最近 {KEPT} 条，新的在前；页面每五秒刷新。",
        "good": "签名验证通过",
        "bad": "签名验证未通过",
        "unknown": "未验证：这里没有密钥",
    },
}


class InboxPages:
    """The blueprint of the receiver."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self.blueprint = Blueprint("webhooks", __name__, template_folder="templates")
        add = self.blueprint.add_url_rule
        add(PATH, "take", self._take, methods=["POST"])
        add(PATH, "show", self._show, methods=["GET"])
        add(PATH, "clear", self._clear, methods=["DELETE"])
        add(f"{PATH}.json", "list", self._list, methods=["GET"])
        add(f"{PATH}.css", "style", self._style, methods=["GET"])
        add(f"{PATH}/secret", "secret", self._add_secret, methods=["POST"])
        self.blueprint.after_request(_protect)

    def _take(self) -> Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        arrival = self._inbox.take(headers, request.get_data())
        # A receiver that cannot verify must not say that it has the event.
        return Response(status=401 if arrival.verified is False else 204)

    def _show(self) -> Response:
        language = request.accept_languages.best_match(list(TEXTS), default="en")
        arrivals, texts = self._inbox.latest(), TEXTS[language]
        page = render_template("webhooks.html", arrivals=arrivals, texts=texts, language=language)
        return Response(page, headers={"Vary": "Accept-Language"})

    def _list(self) -> Response:
        return jsonify({"items": [asdict(arrival) for arrival in self._inbox.latest()]})

    def _style(self) -> Response:
        return Response(STYLE, content_type="text/css; charset=utf-8")

    def _clear(self) -> Response:
        self._inbox.clear()
        return jsonify({"cleared": True})

    def _add_secret(self) -> Response:
        try:
            self._inbox.add_secret(request.form.get("secret", ""))
        except ValueError as fault:
            response = jsonify({"error": str(fault)})
            response.status_code = 400
            return response
        return jsonify({"added": True})


def _protect(response: Response) -> Response:
    response.headers.update(HEADERS)
    return response
