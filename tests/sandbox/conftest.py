from collections.abc import Iterator

import pytest
import requests

from wxlogin.sandbox import SandboxServer, World

from .client import APPID, OTHER_APPID, OTHER_SECRET, SECRET, Client, Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(clock: Clock) -> Iterator[SandboxServer]:
    with SandboxServer({APPID: SECRET, OTHER_APPID: OTHER_SECRET}, clock=clock) as running:
        yield running


@pytest.fixture
def world(server: SandboxServer) -> World:
    return server.world


@pytest.fixture
def client(server: SandboxServer) -> Iterator[Client]:
    with requests.Session() as http:
        http.trust_env = False
        yield Client(server, http)
