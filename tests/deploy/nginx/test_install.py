"""docs/nginx.md is followed as it stands, and nginx takes what comes of it without a warning."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.deploy.nginx.unix_socket import on_socket
from tests.harness.doc_pages import commands
from tests.harness.nginx import CONF, Backend, Nginx
from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.house.source import ROOT

PAGES = (ROOT / "docs/nginx.md", ROOT / "docs/nginx.zh-CN.md")
WRITTEN = ("/etc/nginx", "/etc/ssl", "/var/log/nginx", "/run")
"""What the page's commands write into, and the test has of its own."""


def followed(page: Path, place: Path) -> subprocess.CompletedProcess[str]:
    """The page's commands with a copy of the machine's folders in the place of these."""
    steps = ["set -e"]
    for folder in WRITTEN:
        own = place / folder.replace("/", "_")
        copied = folder != "/run"
        steps += [f"mkdir -p {own} {folder}"]
        steps += [f"cp -a {folder}/. {own}/"] * copied + [f"mount --bind {own} {folder}"]
    script = "\n".join([*steps, commands(page)])
    alone = ["unshare", "--mount", "--propagation", "private", "bash", "-c", script]
    return subprocess.run(alone, cwd=ROOT, capture_output=True, text=True, check=False)


def test_both_pages_have_the_same_commands() -> None:
    assert commands(PAGES[0])
    assert commands(PAGES[0]) == commands(PAGES[1])


@pytest.mark.skipif(os.geteuid() != 0, reason="the page is for root: it writes into /etc")
def test_the_page_sets_nginx_up_without_a_warning(binary: str, tmp_path: Path) -> None:
    done = followed(PAGES[0], tmp_path)
    assert done.returncode == 0, done.stderr
    assert "test is successful" in done.stderr
    # Later versions say so of the form that the older ones need.
    warnings = [line for line in done.stderr.splitlines() if "[warn]" in line]
    assert [line for line in warnings if "http2" not in line] == []
    assert not Path("/etc/nginx/wxlogin").exists()


def test_nginx_has_nothing_to_say_against_the_files(nginx: Nginx) -> None:
    assert nginx.logged == ""
    assert [line.partition(" ")[0] for line in nginx.check().splitlines()] == ["nginx:"] * 2
    assert "[warn]" not in nginx.check()


def test_the_ways_in_the_comments_are_there() -> None:
    text = CONF.read_text(encoding="utf-8")
    for line in (
        "# server unix:/run/wxlogin/http.sock;",
        "# 192.0.2.0/24 ours;",
        "# set_real_ip_from 10.0.0.0/28;",
        "# listen 8080;",
    ):
        assert line in text


def test_wxlogin_may_listen_on_a_unix_socket(
    site: Site, make_nginx: Callable[..., Nginx], backend: Backend, tmp_path: Path
) -> None:
    with on_socket(site) as socket:
        place = "server 127.0.0.1:1;\n    # server unix:/run/wxlogin/http.sock;"
        make_nginx("127.0.0.1:1", {place: f"server unix:{socket};"})
        phone = Phone(site)
        phone.login()
        assert phone.ask("GET", "/orders").status_code == 200
        sessions = phone.ask("GET", "/v1/sessions").json()["sessions"]
    assert {session["ip"] for session in sessions} == {"127.0.0.1"}
    assert backend.got[0].headers["X-Wxlogin-User"] == phone.user_id


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
@pytest.mark.parametrize("version", ["1.1", "2"])
def test_callers_may_speak_either_http(phone: Phone, nginx: Nginx, version: str) -> None:
    asking = [
        "curl",
        "-sS",
        f"--http{version}",
        "--cacert",
        str(nginx.certificate),
        "--config",
        "-",
    ]
    told = ["-o", "/dev/null", "-w", "%{http_version} %{http_code}", f"{nginx.base}/orders"]
    token = f'header = "Authorization: Bearer {phone.token}"'
    done = subprocess.run([*asking, *told], input=token, capture_output=True, text=True, check=True)
    assert done.stdout == f"{version} 200"
