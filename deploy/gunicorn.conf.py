"""How gunicorn serves wxlogin, in production and under `make run`.

    gunicorn -c deploy/gunicorn.conf.py wsgi:app

What stands here yields to the command line (`--bind`, `--workers`, ...).
"""

import os
import shutil
import tempfile
from pathlib import Path

from gunicorn.arbiter import Arbiter
from gunicorn.http.wsgi import Response
from gunicorn.workers.base import Worker

# The reverse proxy that ends HTTPS is on this machine; nobody else has business here.
bind = "127.0.0.1:8000"
# A unix socket (--bind unix:/run/wxlogin/http.sock) is open to its group, the proxy's, alone.
umask = 0o007

# A login waits for WeChat most of its time. Greenlets make waiting cheap; a core needs one worker.
worker_class = "gevent"
workers = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
# Requests a worker holds at once; what is over that waits in the backlog, not in memory.
worker_connections = 1000
backlog = 2048
# Each worker opens its own pools after gevent has patched it; none is shared over a fork.
preload_app = False

# A worker whose event loop stands still this long is replaced. Requests have their own deadlines.
timeout = 30
# The longest call waits for WeChat twice (connect and read, then once more): let it finish.
graceful_timeout = 20
# nginx keeps its idle connections 60 s: longer than that, so that it is never the one surprised.
keepalive = 75

# A token, an address chain and a browser's cookies fit many times over.
limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 8190

# The app alone judges X-Forwarded-* (WXLOGIN_TRUSTED_HOPS, counted from the right). Gunicorn would
# believe any caller on this machine, and everybody on a unix socket, so it is given nothing to
# believe: no address, no scheme header, no header that may rewrite the path.
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""
# Of X-Forwarded_For and X-Forwarded-For one would hide the other in WSGI's names.
header_map = "drop"

# The app writes one line a request, without secrets; gunicorn's own line would hold URLs.
accesslog = None
errorlog = "-"
loglevel = "info"

# The control socket would lie in somebody's home and steer the server; signals do that.
control_socket_disable = True
# Heartbeats are file operations: in memory they never wait for a disk.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 # nosec B108


def on_starting(server: Arbiter) -> None:
    """Give the workers a fresh directory, in which their numbers for /metrics add up.

    The numbers of a worker that ended stay in it: counters never go back. No number is the state
    of one living worker, so there is nothing to take out when one ends.
    """
    server.metrics = tempfile.mkdtemp(prefix="wxlogin-metrics-", dir=worker_tmp_dir)
    os.chown(server.metrics, server.cfg.uid, server.cfg.gid)
    # Read by prometheus_client when a worker loads the app.
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = server.metrics


def post_worker_init(worker: Worker) -> None:
    """Have the worker post the alerts that others left, whether or not anything happens here."""
    engines = worker.wsgi.extensions.get("wxlogin")
    if engines:  # the bench serves others with this file too
        engines.recorder.alerts.begin()


def on_exit(server: Arbiter) -> None:
    """Leave nothing behind."""
    shutil.rmtree(server.metrics, ignore_errors=True)


def _without_banner(response: Response) -> list[str]:
    """The lines that gunicorn puts before the app's headers, less the one that names it."""
    return [line for line in _with_banner(response) if not line.startswith("Server:")]


# No setting leaves the Server header out. Gunicorn's own refusals (400, 431) carry none.
_with_banner = Response.default_headers
Response.default_headers = _without_banner
