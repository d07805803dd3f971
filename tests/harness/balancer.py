"""A load balancer in front of nginx: another nginx, which adds the client's address as all do."""

from __future__ import annotations

from pathlib import Path

from tests.harness.nginx import Process
from tests.harness.redis_process import free_port

SITE = """
server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {certificate};
    ssl_certificate_key {key};
    access_log off;
    location / {{
        proxy_http_version 1.1;
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_bind {from_address};
        proxy_pass {behind};
    }}
}}
"""
ADDRESS = "127.0.0.9"
"""From where it asks."""


class Balancer(Process):
    """Ends TLS and passes everything on to the URL `behind`."""

    def __init__(self, binary: str, directory: Path, behind: str) -> None:
        super().__init__(binary, directory, free_port())
        site = SITE.format(
            port=self.port,
            certificate=self.certificate,
            key=self.certificate.with_suffix(".key"),
            from_address=ADDRESS,
            behind=behind,
        )
        (directory / "site.conf").write_text(site, encoding="utf-8")
