"""Redis of several servers, all from the Valkey binary: a cluster, and a primary with sentinels."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import redis
from redis.crc import key_slot
from redis.exceptions import AskError, MovedError

from tests.harness.redis_process import RedisProcess, free_port, until
from wxlogin.development.valkey import ValkeyServer, binary

NAME = "sessions"
QUICK = ("--repl-diskless-sync-delay", "0", "--shutdown-timeout", "0")
SLOTS = 16384
# Sentinels look and tell more often than every ten and two seconds.
PACE = ("INFO-PERIOD", 200, "ASK-PERIOD", 200, "PUBLISH-PERIOD", 500)


def port_of(server: ValkeyServer) -> int:
    """The port it listens on."""
    return int(urlsplit(server.url).port or 0)


def ask(server: ValkeyServer, *words: str | int) -> Any:
    """One command over a connection of its own."""
    with redis.Redis.from_url(
        server.url, socket_timeout=10, decode_responses=True, protocol=2
    ) as client:
        return client.execute_command(*words)


def is_primary(server: ValkeyServer) -> bool:
    """Whether it says of itself that it is one."""
    return bool(server.alive and ask(server, "ROLE")[0] == "master")


def follows(server: ValkeyServer) -> bool:
    """Whether it is a replica that has all of its primary's data."""
    return bool(server.alive and ask(server, "ROLE")[3:4] == ["connected"])


class SentinelSet:
    """A primary, its replicas, and three sentinels that put one of them in its place."""

    def __init__(self, directory: Path, *, replicas: int = 1) -> None:
        self._directory = directory
        first = ValkeyServer(directory / "primary", port=0, extra=QUICK)
        of = ("--replicaof", f"127.0.0.1 {port_of(first)}")
        self.replicas = [
            ValkeyServer(directory / f"replica-{n}", port=0, extra=(*QUICK, *of))
            for n in range(replicas)
        ]
        self.servers = [first, *self.replicas]
        self.sentinels = [self._sentinel(free_port()) for _ in range(3)]

    @property
    def url(self) -> str:
        """The setting for it."""
        hosts = ",".join(f"127.0.0.1:{sentinel.port}" for sentinel in self.sentinels)
        return f"redis+sentinel://{hosts}/0?master={NAME}"

    def start(self) -> None:
        """Start all, and wait until a failover could be made."""
        for part in (*self.servers, *self.sentinels):
            part.start()
        for sentinel in self.sentinels:
            sentinel.ask("SENTINEL DEBUG", *PACE)
        until(self.is_whole, "sentinels that know each other and the replicas")

    def is_whole(self) -> bool:
        """Whether every sentinel knows the others and a replica that follows the primary."""
        return all(
            (state := sentinel.ask("SENTINEL MASTERS")[NAME])["num-other-sentinels"] == 2
            and state["num-slaves"] == len(self.replicas)
            and not state["is_sdown"]
            for sentinel in self.sentinels
        ) and all(follows(replica) for replica in self.replicas)

    def stop(self) -> None:
        """End all."""
        for part in (*self.sentinels, *self.servers):
            part.stop()

    def _sentinel(self, port: int) -> RedisProcess:
        directory = self._directory / f"sentinel-{port}"
        directory.mkdir(parents=True)
        settings = directory / "sentinel.conf"
        settings.write_text(
            f"port {port}\nbind 127.0.0.1\ndir {directory}\n"
            f"sentinel monitor {NAME} 127.0.0.1 {port_of(self.servers[0])} 2\n"
            f"sentinel down-after-milliseconds {NAME} 800\n"
            f"sentinel failover-timeout {NAME} 1500\n",
            encoding="utf-8",
        )
        return RedisProcess(directory, [str(binary()), str(settings), "--sentinel"], port)


class Cluster:
    """Three primaries that share the slots, and a replica of each where `replicated`."""

    def __init__(self, directory: Path, *, replicated: bool = False) -> None:
        self._bus: dict[int, int] = {}
        self.primaries = [self._node(directory / f"primary-{n}") for n in range(3)]
        number = 3 if replicated else 0
        self.replicas = [self._node(directory / f"replica-{n}") for n in range(number)]

    @property
    def nodes(self) -> list[ValkeyServer]:
        """All servers."""
        return [*self.primaries, *self.replicas]

    @property
    def url(self) -> str:
        """The setting for it; two of the nodes are enough to find the rest."""
        hosts = ",".join(f"127.0.0.1:{port_of(node)}" for node in self.primaries[:2])
        return f"redis+cluster://{hosts}"

    def start(self) -> None:
        """Start all, share the slots out and wait until every node knows it."""
        for node in self.nodes:
            node.start()
        share = SLOTS // 3
        for number, node in enumerate(self.primaries):
            last = SLOTS - 1 if number == 2 else (number + 1) * share - 1
            ask(node, "CLUSTER ADDSLOTSRANGE", number * share, last)
            ask(node, "CLUSTER SET-CONFIG-EPOCH", number + 1)
        first = port_of(self.primaries[0])
        for node in self.nodes[1:]:
            ask(node, "CLUSTER MEET", "127.0.0.1", first, self._bus[first])
        until(self._is_met, "nodes that know each other")
        for primary, replica in zip(self.primaries, self.replicas, strict=False):
            ask(replica, "CLUSTER REPLICATE", ask(primary, "CLUSTER MYID"))
        until(self.is_whole, "a cluster that is up and replicated")

    def is_whole(self) -> bool:
        """Whether all nodes find all slots served, and every replica follows."""
        states = [ask(node, "CLUSTER INFO")["cluster_state"] for node in self.nodes]
        return set(states) == {"ok"} and all(follows(replica) for replica in self.replicas)

    def owner(self, name: str) -> ValkeyServer:
        """The primary that holds the key, by its own word."""
        return next(node for node in self.primaries if self._holds(node, name))

    def other(self, name: str) -> ValkeyServer:
        """A primary that does not hold the key."""
        return next(node for node in self.primaries if not self._holds(node, name))

    def begin_move(self, name: str) -> None:
        """Open the key's slot for a move to another primary."""
        source, target = self.owner(name), self.other(name)
        slot = key_slot(name.encode())
        ask(target, "CLUSTER SETSLOT", slot, "IMPORTING", ask(source, "CLUSTER MYID"))
        ask(source, "CLUSTER SETSLOT", slot, "MIGRATING", ask(target, "CLUSTER MYID"))

    def end_move(self, name: str) -> None:
        """Give the key's slot, which is empty, to the other primary."""
        source, target = self.owner(name), self.other(name)
        chosen = ask(target, "CLUSTER MYID")
        for node in (target, source, *self.primaries):
            ask(node, "CLUSTER SETSLOT", key_slot(name.encode()), "NODE", chosen)

    def _holds(self, node: ValkeyServer, name: str) -> bool:
        try:
            ask(node, "EXISTS", name)
        except AskError as elsewhere:
            return not isinstance(elsewhere, MovedError)
        return True

    def stop(self) -> None:
        """End all."""
        for node in self.nodes:
            node.stop()

    def _is_met(self) -> bool:
        known = [int(ask(node, "CLUSTER INFO")["cluster_known_nodes"]) for node in self.nodes]
        return set(known) == {len(self.nodes)}

    def _node(self, directory: Path) -> ValkeyServer:
        port, bus = free_port(), free_port()
        self._bus[port] = bus
        words = {"enabled": "yes", "node-timeout": "1000", "port": str(bus)}
        extra = [word for name, text in words.items() for word in (f"--cluster-{name}", text)]
        return ValkeyServer(directory, port=port, extra=(*extra, *QUICK))
