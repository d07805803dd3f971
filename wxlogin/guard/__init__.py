"""The gate that every request passes: who asks, from where, with what body."""

from flask import Flask

from wxlogin.guard.answers import bind_answers
from wxlogin.guard.bodies import MAX_BYTES, StrictJson
from wxlogin.guard.cookies import NoSessions
from wxlogin.guard.request_id import answer_request_id


def bind_guard(app: Flask) -> None:
    """Hang the guard's parts into the app."""
    app.json = StrictJson(app)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BYTES
    app.session_interface = NoSessions()
    app.after_request(answer_request_id)
    bind_answers(app)
