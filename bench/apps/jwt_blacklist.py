"""PyJWT, a blacklist of ended tokens in Redis, and two limits of Flask-Limiter."""

from __future__ import annotations

import os
import secrets
import time

import jwt
from flask import Flask, abort, g, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from redis import Redis

REDIS_URL = os.environ["BENCH_REDIS_URL"]
LIMIT = os.environ["BENCH_LIMIT"]
KEY = os.environ["BENCH_KEY"]

app = Flask(__name__)
redis = Redis.from_url(REDIS_URL)


@app.before_request
def _authenticate() -> None:
    if request.endpoint == "login":
        return
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    try:
        claims = jwt.decode(token, KEY, algorithms=["HS256"])
    except jwt.InvalidTokenError:
        abort(401)
    if redis.exists(f"blacklist:{claims['jti']}"):
        abort(401)
    g.user = claims["sub"]


# Bound after the hook above, so that the limits know the user.
limiter = Limiter(get_remote_address, app=app, storage_uri=REDIS_URL)


def _user() -> str:
    return str(g.user)


@app.post("/login/<user>")
def login(user: str) -> dict[str, str]:
    """Sign in."""
    claims = {"sub": user, "jti": secrets.token_hex(16), "exp": int(time.time()) + 3600}
    return {"token": jwt.encode(claims, KEY, algorithm="HS256")}


@app.get("/me")
@limiter.limit(LIMIT)
@limiter.limit(LIMIT, key_func=_user)
def me() -> dict[str, str]:
    """Say who asks."""
    return {"user": _user()}
