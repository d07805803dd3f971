"""Whether wxlogin in this container answers: exit 0 if it does.

    python deploy/healthcheck.py [/healthz]

With `/readyz` it asks whether sessions can be answered and written. An orchestrator that restarts
what is unhealthy must not ask that: no restart mends a store.
"""

import http.client
import sys

path = sys.argv[1] if len(sys.argv) > 1 else "/healthz"
connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=5)
try:
    connection.request("GET", path)
    answer = connection.getresponse()
except (OSError, http.client.HTTPException) as fault:
    sys.exit(f"{path}: {fault}")
if answer.status != http.client.OK:
    sys.exit(f"{path}: {answer.status} {answer.read(2000).decode(errors='replace').strip()}")
