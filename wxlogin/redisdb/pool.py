"""Connections to one Redis server, and a round trip on one of them."""

from __future__ import annotations

from queue import Empty
from typing import Any

from redis.connection import BlockingConnectionPool, ConnectionInterface
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from wxlogin.redisdb.batching import Batcher, Command, Packed, pack
from wxlogin.redisdb.replies import Result


class Pool(BlockingConnectionPool):
    """A bounded pool; a request that finds it empty waits for `timeout` seconds."""

    def reset(self) -> None:
        """Start with no connections, at first and in a forked child."""
        self._batcher = Batcher(self._exchange_repeatable)
        super().reset()  # type: ignore[no-untyped-call]

    def exchange(self, commands: list[Command], *, repeatable: bool) -> list[Result]:
        """Send commands and read the result of each, errors included: one round trip.

        After a fault the connection is closed, so that no other request reads the rest of a reply.
        `repeatable` commands share a round trip with other requests, on a connection that the
        server may have closed meanwhile; after such a fault the idle connections are closed too,
        so that the repetition gets a fresh one.
        """
        self._checkpid()
        request = pack(commands)
        if repeatable:
            return self._batcher.submit(request)
        return self._exchange(request, self._checked_connection())

    def close_idle(self) -> None:
        """Close the idle connections; each is taken out meanwhile, so that no request gets it."""
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

    def _exchange_repeatable(self, request: Packed) -> list[Result]:
        return self._exchange(request, self._unchecked_connection())

    def _exchange(self, request: Packed, connection: Any) -> list[Result]:
        # A pipeline of redis-py's would double the cost of the round trip.
        try:
            _send(connection, request.data)
            return [_result(connection) for _ in range(request.commands)]
        except AttributeError as fault:  # redis-py: its socket was closed between two of its steps
            connection.disconnect()
            self.close_idle()
            raise RedisConnectionError("the connection was closed meanwhile") from fault
        except BaseException as fault:
            connection.disconnect()
            if isinstance(fault, RedisConnectionError):
                self.close_idle()
            raise
        finally:
            self.pool.put_nowait(connection)

    def _checked_connection(self) -> ConnectionInterface:
        return self.get_connection()  # type: ignore[no-any-return, no-untyped-call]

    def _unchecked_connection(self) -> ConnectionInterface:
        """Take a connection without a look at it. A closed one is opened when it sends."""
        try:
            found: ConnectionInterface | None = self.pool.get(timeout=self.timeout)
        except Empty:
            raise RedisConnectionError("no connection is free") from None
        return found or self.make_connection()  # type: ignore[no-untyped-call]


def _send(connection: Any, data: bytes) -> None:
    """Send; connect first where the connection is closed.

    redis-py would use `sendall`, which under gevent first asks the system how large its buffer is.
    """
    if not connection._sock:
        connection.connect_check_health(check_health=False)
    try:
        sent = connection._sock.send(data)
        if sent < len(data):
            connection._sock.sendall(data[sent:])
    except TimeoutError:
        raise RedisTimeoutError("the server took no command in time") from None
    except OSError as fault:
        raise RedisConnectionError(f"a command could not be sent: {fault}") from None


def _result(connection: Any) -> Result:
    try:
        reply: Result = connection.read_response()
    except ResponseError as error:
        return error
    return reply
