"""A vulnerability database over HTTPS on port 443, for a script in a network of its own.

    python vulnerabilities.py CERTIFICATE KEY ANSWERS

ANSWERS is JSON: by a package's name a status and a body, "*" for all others.
"""

from __future__ import annotations

import json
import ssl
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer


class Handler(BaseHTTPRequestHandler):
    """Answers `/pypi/NAME/VERSION/json`."""

    def do_GET(self) -> None:
        """Answer as was told."""
        name = self.path.split("/")[2]
        status, body = answers.get(name, answers.get("*"))
        self.send_response(status)
        if status == 302:
            self.send_header("Location", self.path)
        self.end_headers()
        self.wfile.write(body.encode())


certificate, key, told = sys.argv[1:]
answers = json.loads(told)
server = HTTPServer(("127.0.0.1", 443), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
