"""deploy/compose.yaml: by Compose's own rules, and by what each of its services is there for."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import compose_spec
import pytest
import requests
import yaml

from tests.deploy.harness import acl, manifests
from tests.harness import databases
from tests.harness.certificates import certificate
from tests.harness.redis_process import RedisProcess, free_port
from tests.harness.site import Site
from tests.harness.timing import eventually
from tests.house.source import ROOT
from wxlogin.development.valkey import binary

TEXT = manifests.COMPOSE.read_text(encoding="utf-8")
SERVICES = manifests.services()


def judged(text: str) -> Any:
    """What Compose reads; ValueError where its rules are broken."""
    options = compose_spec.PyOptions()
    options.apply_merge = True
    found = options.from_yaml(text)
    found.validate()
    return found


def test_compose_reads_it() -> None:
    assert set(judged(TEXT).service_names()) == set(SERVICES)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("read_only:", "read_olny:"),
        ("condition: service_healthy", "condition: healthy"),
        ("secrets: [redis_acl]", "secrets: [redis_acll]"),
        ("networks: [front, stores]", "networks: [front, shop]"),
    ],
)
def test_a_mistake_is_found(right: str, wrong: str) -> None:
    assert right in TEXT
    with pytest.raises(ValueError, match=r"extension key|unknown variant|not defined"):
        judged(TEXT.replace(right, wrong))


@pytest.mark.parametrize("name", SERVICES)
def test_no_service_keeps_a_right_it_does_not_need(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "cap_add" not in service or name == "nginx"
    assert "privileged" not in service


def test_only_nginx_can_be_reached_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx"]
    assert yaml.safe_load(TEXT)["networks"]["stores"] == {"internal": True}
    assert [name for name, one in SERVICES.items() if "front" in one["networks"]] == [
        "nginx",
        "app",
    ]


def test_no_secret_stands_in_an_environment() -> None:
    for name, service in SERVICES.items():
        for setting, value in service.get("environment", {}).items():
            if re.search("KEYS|SECRET|PASSWORD|URL", setting):
                assert setting.endswith("_FILE"), (name, setting)
                assert value.startswith("/run/secrets/")
                assert value.removeprefix("/run/secrets/") in service["secrets"], (name, setting)


def test_the_app_starts_after_its_stores_are_migrated_and_granted() -> None:
    def before(name: str) -> dict[str, str]:
        return {one: how["condition"] for one, how in SERVICES[name]["depends_on"].items()}

    done, healthy = "service_completed_successfully", "service_healthy"
    assert before("nginx") == {"app": healthy}
    assert before("app") == {"grants": done, "valkey": healthy}
    assert before("grants") == {"migrate": done}
    assert before("migrate") == {"roles": done}
    assert before("roles") == {"postgres": healthy}
    assert SERVICES["app"]["deploy"]["replicas"] == 2


def test_the_app_is_given_longer_to_end_than_gunicorn_takes() -> None:
    conf = (ROOT / "deploy/gunicorn.conf.py").read_text(encoding="utf-8")
    graceful = re.search(r"^graceful_timeout = (\d+)", conf, re.MULTILINE)
    assert graceful
    assert int(SERVICES["app"]["stop_grace_period"].removesuffix("s")) > int(graceful[1])


def test_what_is_mounted_is_there() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            # The folder beside nginx.conf is there as soon as that file includes it.
            wanted = source != "./nginx" or "include wxlogin/" in nginx_conf()
            if source.startswith("./") and wanted:
                assert (ROOT / "deploy" / source).exists(), source


def test_secrets_are_no_part_of_the_repository() -> None:
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {"/deploy/.env", "/deploy/secrets/"} <= set(ignored)
    for secret in yaml.safe_load(TEXT)["secrets"].values():
        assert secret["file"].startswith("./secrets/")


def test_valkey_starts_and_its_health_check_tells_whether_it_answers(tmp_path: Path) -> None:
    client = shutil.which("redis-cli")
    if not client:
        pytest.skip("redis-cli is not installed (apt-get install redis-server)")
    service, port = SERVICES["valkey"], free_port()
    within = {
        "valkey-server": str(binary()),
        "/etc/valkey/redis.conf": str(ROOT / "deploy/redis/redis.conf"),
        "/run/secrets/redis_acl": str(acl.written(tmp_path)),
        "/data": str(tmp_path),
    }
    command = [within.get(word, word) for word in service["command"]]
    operator = {"username": "operator", "password": acl.PASSWORDS["operator"]}
    process = RedisProcess(tmp_path, [*command, "--port", str(port)], port, **operator)
    _, program, *words = service["healthcheck"]["test"]
    assert program == "valkey-cli"
    check = [client, "-p", str(port), *words]
    assert subprocess.run(check, capture_output=True, check=False).returncode != 0
    process.start()
    try:
        done = subprocess.run(check, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, "PONG\n", "")
    finally:
        process.stop()


def nginx_conf() -> str:
    """The configuration that a team has as well."""
    return (ROOT / "deploy/nginx.conf").read_text(encoding="utf-8")


class Elsewhere:
    """The places of nginx's container in a directory, and the app at another address."""

    def __init__(self, place: Path, program: str, app: str) -> None:
        self.place = place
        self.port = free_port()
        for name in ("conf.d", "temp"):
            (place / name).mkdir()
        certificate(place, "tls").rename(place / "tls.pem")
        (place / "wxlogin").symlink_to(ROOT / "deploy/nginx")
        (place / "main.conf").write_text(self._main(), encoding="utf-8")
        (place / "given.conf").write_text(self._given(), encoding="utf-8")
        run = f"exec {program} -e {place}/errors -p {place} -c {place}/main.conf"
        self._places = {
            "app:8000": app,
            "/run/secrets/tls.": f"{place}/tls.",
            "/etc/wxlogin/nginx.conf": f"{place}/given.conf",
            "/etc/nginx/conf.d": f"{place}/conf.d",
            "/dev/stdout": f"{place}/stdout",
            "/dev/stderr": f"{place}/stderr",
            "exec nginx": run,
        }

    def script(self, text: str) -> str:
        """The service's command with these places in it."""
        for there, here in self._places.items():
            assert there in text, there
            text = text.replace(there, here)
        return text

    def listens(self) -> bool:
        """Whether it takes connections."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _main(self) -> str:
        temporary = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        paths = "".join(f"{kind}_temp_path {self.place}/temp; " for kind in temporary)
        inside = f"include {self.place}/conf.d/*.conf; {paths} access_log off;"
        return f"pid {self.place}/pid; events {{}} http {{ {inside} }}"

    def _given(self) -> str:
        """deploy/nginx.conf on ports of its own."""
        conf = re.sub(r"\n *listen \[::\]:.*", "", nginx_conf())
        conf = conf.replace("listen 80;", f"listen 127.0.0.1:{free_port()};")
        return conf.replace("listen 443 ", f"listen 127.0.0.1:{self.port} ")


@pytest.fixture
def nginx(site: Site, tmp_path: Path) -> Iterator[Elsewhere]:
    """The service's own command, with the site as the app."""
    program = databases.binary("nginx")
    if not program:
        pytest.skip("nginx is not installed (apt-get install nginx-light)")
    elsewhere = Elsewhere(tmp_path, str(program), site.base.removeprefix("http://"))
    _, _, script = SERVICES["nginx"]["command"]
    environment = {**SERVICES["nginx"]["environment"], "PATH": os.defpath}
    process = subprocess.Popen(["/bin/sh", "-c", elsewhere.script(script)], env=environment)
    try:
        yield elsewhere
    finally:
        process.terminate()
        process.wait(20)


@pytest.mark.settings(WXLOGIN_TRUSTED_HOPS="1")
def test_nginx_serves_the_app_with_its_names_put_in(site: Site, nginx: Elsewhere) -> None:
    url = f"https://127.0.0.1:{nginx.port}/v1/session"
    eventually(nginx.listens)
    answer = requests.get(url, verify=nginx.place / "tls.pem", timeout=10)
    assert site.problem(answer) == "TOKEN_MISSING"
    made = (nginx.place / "conf.d/wxlogin.conf").read_text(encoding="utf-8")
    assert not re.search(r"/var/log|/etc/ssl|server 127\.0\.0\.1:8000", made)
    eventually(lambda: "/v1/session" in (nginx.place / "stdout").read_text(encoding="utf-8"))
