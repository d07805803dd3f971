"""Ties a child's life to its parent's, so that a parent ended by SIGKILL leaves nothing behind.

The child runs this file first, which asks the kernel for a signal at the parent's death and then
becomes the real command under the same process id. Nothing runs between fork and exec in the
parent, as a preexec_fn would, so threads there are no danger.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # <sys/prctl.h>


def tethered(command: list[str], ending: signal.Signals) -> list[str]:
    """The command line that runs `command` and sends it `ending` when this process dies.

    Linux only; elsewhere it just runs the command. The kernel watches the thread that starts the
    child, so that thread has to live as long as the child should.
    """
    here = [sys.executable, "-I", "-S", __file__]
    return [*here, str(os.getpid()), str(int(ending)), *command]


def main(parent: str, ending: str, *command: str) -> None:
    """Tie this process to `parent` and become `command`."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(ending))
        if os.getppid() != int(parent):  # it died before the request was made
            sys.exit(1)
    os.execv(command[0], command)  # noqa: S606 -- our own words, no shell # nosec B606


if __name__ == "__main__":
    main(*sys.argv[1:])
