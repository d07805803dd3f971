"""Connections to one Redis server, and a round trip on one of them."""

from __future__ import annotations

from functools import partial
from queue import Empty
from typing import Any

from hiredis import pack_command
from redis.connection import BlockingConnectionPool, ConnectionInterface
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from wxlogin.sessions.convoy import Command, Convoy


class Pool(BlockingConnectionPool):
    """A bounded pool; whoever finds it empty waits for `timeout` seconds."""

    def reset(self) -> None:
        """Begin anew, at first and in a forked child."""
        self._convoy = Convoy(partial(self._exchange, repeatable=True))
        super().reset()  # type: ignore[no-untyped-call]

    def exchange(self, commands: list[Command], *, repeatable: bool) -> list[Any]:
        """Send the commands, read what each brought, refusals among it: one round trip.

        A connection with any fault is closed, so that nobody meets the rest of an answer. What is
        `repeatable` travels with what others ask, on a connection that the server may have closed
        since; then the idle ones are closed too, so that the repetition meets a fresh one.
        """
        self._checkpid()
        if repeatable:
            return self._convoy.carry(commands)
        return self._exchange(commands, repeatable=False)

    def close_idle(self) -> None:
        """Close the connections that nobody uses; each is taken out, so that nobody can."""
        idle = []
        while not self.pool.empty():
            try:
                idle.append(self.pool.get_nowait())
            except Empty:
                break
        for connection in reversed(idle):
            if connection:
                connection.disconnect()
            self.pool.put_nowait(connection)

    def _exchange(self, commands: list[Command], *, repeatable: bool) -> list[Any]:
        # A pipeline of redis-py's would cost as much again as the round trip.
        connection: Any = self._lent() if repeatable else self._checked()
        try:
            connection.send_packed_command([_packed(commands)])
            return [_reply(connection) for _ in commands]
        except BaseException as fault:
            connection.disconnect()
            if isinstance(fault, RedisConnectionError):
                self.close_idle()
            raise
        finally:
            self.pool.put_nowait(connection)

    def _checked(self) -> ConnectionInterface:
        return self.get_connection()  # type: ignore[no-any-return, no-untyped-call]

    def _lent(self) -> ConnectionInterface:
        """A connection that nobody looked at. One that is closed is opened when it sends."""
        try:
            found: ConnectionInterface | None = self.pool.get(timeout=self.timeout)
        except Empty:
            raise RedisConnectionError("no connection is free") from None
        return found or self.make_connection()  # type: ignore[no-untyped-call]


def _packed(commands: list[Command]) -> bytes:
    return b"".join([pack_command(command) for command in commands])  # type: ignore[arg-type]


def _reply(connection: ConnectionInterface) -> Any:
    try:
        return connection.read_response()
    except ResponseError as refusal:
        return refusal
