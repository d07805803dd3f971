"""A lock on a directory, for one process at a time."""

import contextlib
import fcntl
import os
from pathlib import Path

from wxlogin.development.errors import StartError


class DirectoryLock:
    """A lock on `directory` that the kernel releases when its last holder exits for any reason."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._descriptor: int | None = None

    def acquire(self) -> int:
        """Acquire the lock and return its descriptor; StartError names the process that holds it.

        A child that inherits the descriptor holds the lock too.
        """
        if self._descriptor is not None:
            return self._descriptor
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.directory / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.pread(descriptor, 20, 0).decode().strip() or "unknown"
            os.close(descriptor)
            raise StartError(
                f"{self.directory} is in use by process {owner}. Stop that one first, "
                "or use another directory."
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        self._descriptor = descriptor
        return descriptor

    def release(self) -> None:
        """Release the lock, if it is held."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            with contextlib.suppress(OSError):
                os.close(descriptor)
