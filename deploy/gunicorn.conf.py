"""How gunicorn serves wxlogin, in production and under `make run`.

    gunicorn -c deploy/gunicorn.conf.py wsgi:app

The command line (`--bind`, `--workers`, ...) overrides these settings.
"""

import gc
import os
import shutil
import sys
import tempfile
from pathlib import Path

# What is imported stays: to look through it again and again would take a fifth of the start.
gc.disable()

# All comes from the directory that the link `current` names at the start, until a new master (USR2)
# looks where it leads by then. What gunicorn and Python found through the link is found without.
if "wxlogin" not in sys.modules:
    own = str(Path(__file__).resolve().parents[1])
    sys.path[:] = dict.fromkeys([own, *(os.path.realpath(path) for path in sys.path)])
    for module in list(sys.modules.values()):
        if isinstance(found := getattr(module, "__path__", None), list):
            found[:] = [os.path.realpath(path) for path in found]

from gevent import monkey

# The master imports what all workers share, and what is imported must find itself patched. Signals
# and children stay as the master's own loop knows them.
monkey.patch_all(os=False, signal=False)

import gevent
import gunicorn.app.base
import gunicorn.config
from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker as AnyWorker

import wxlogin.app
import wxlogin.blueprints
import wxlogin.database.postgres_connection  # noqa: F401 -- with these come all modules of the workers
from config import ROOT, region_files, worker_count
from wxlogin import background, metrics, serving
from wxlogin.guard.access_log import access_lines
from wxlogin.watch import regions

gc.enable()

gunicorn.app.base.Arbiter = serving.Master
chdir = str(ROOT)
# HUP changes the directory before it reads this file.
gunicorn.config.Chdir.default = chdir

# The reverse proxy that ends HTTPS is on this machine; nobody else has business here.
bind = "127.0.0.1:8000"
# A unix socket (--bind unix:/run/wxlogin/http.sock) is open to its group, the proxy's, alone.
umask = 0o007

# A login waits for WeChat most of its time. Greenlets make waiting cheap; a core needs one worker.
worker_class = serving.Worker
workers = worker_count() or serving.cpus()
# Requests a worker holds at once; what is over that waits in the backlog, not in memory.
worker_connections = 1000
backlog = 2048
# The modules are loaded before the fork, the app after it: connections, threads and keys are each
# worker's own, and HUP reads the settings anew.
preload_app = False

# A worker whose event loop is blocked this long is replaced. Requests have their own deadlines.
timeout = 30
# The longest call waits for WeChat twice (connect and read, then once more): let it finish.
graceful_timeout = 20
# nginx keeps its idle connections 60 s: longer than that, so that it is never the one surprised.
keepalive = 75

# A token, an address chain and a browser's cookies fit many times over: 64 headers of a caller's
# and what proxies on the way add to them.
limit_request_line = 4094
limit_request_fields = 80
limit_request_field_size = 8190
# Another parser, which gunicorn would take wherever it is installed, is not the one that is tested.
http_parser = "python"

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
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108


def on_starting(server: Arbiter) -> None:
    """Create the directory in which the workers share their numbers for /metrics.

    The numbers of a worker that exited stay in it: counters never decrease. No number is the state
    of a single live worker, so nothing is removed when one exits.
    """
    server.metrics = tempfile.mkdtemp(prefix="wxlogin-metrics-", dir=worker_tmp_dir)
    os.chown(server.metrics, server.cfg.uid, server.cfg.gid)
    metrics.enable_multiprocess(server.metrics)
    regions.preload(region_files())
    # Pages stay shared as long as nobody writes to them, and a collection writes to every object.
    gc.collect()
    gc.freeze()


def pre_exec(server: Arbiter) -> None:
    """Pass the sockets to the new master of an upgrade (USR2)."""
    serving.hand_sockets_on(server)


def post_worker_init(worker: AnyWorker) -> None:
    """Start what a worker does beside requests: sending, counting, noting keys, writing lines."""
    if "wxlogin" in worker.wsgi.extensions:  # the bench serves others with this file too
        background.start(worker.wsgi)
        access_lines.write_by(gevent.get_hub().loop.run_callback)


def worker_exit(_server: Arbiter, worker: AnyWorker) -> None:
    """Take the worker's note of its keys away, then write the lines that still wait.

    The note of a worker that was killed lapses by itself.
    """
    app = getattr(worker, "wsgi", None)  # one that failed to start has none
    services = getattr(app, "extensions", {}).get("wxlogin")
    try:
        if services:
            services.keyring.hosts.stop()
            services.watch.certificate.stop()
    finally:
        access_lines.flush()


def on_exit(server: Arbiter) -> None:
    """Remove the directory of the metrics."""
    shutil.rmtree(server.metrics, ignore_errors=True)
