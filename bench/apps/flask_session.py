"""Flask-Session in Redis, in its default form, and two limits of Flask-Limiter."""

from __future__ import annotations

import os

from flask import Flask, Response, abort, session
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_session import Session
from redis import Redis

REDIS_URL = os.environ["BENCH_REDIS_URL"]
LIMIT = os.environ["BENCH_LIMIT"]

app = Flask(__name__)
app.config["SESSION_TYPE"] = "redis"
app.config["SESSION_REDIS"] = Redis.from_url(REDIS_URL)
Session(app)
limiter = Limiter(get_remote_address, app=app, storage_uri=REDIS_URL)


def _user() -> str:
    return str(session.get("user", ""))


@app.post("/login/<user>")
def login(user: str) -> Response:
    """Sign in."""
    session["user"] = user
    return Response(status=204)


@app.get("/me")
@limiter.limit(LIMIT)
@limiter.limit(LIMIT, key_func=_user)
def me() -> dict[str, str]:
    """Say who asks."""
    if "user" not in session:
        abort(401)
    return {"user": _user()}
