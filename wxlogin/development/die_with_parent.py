"""Ends a child process when its parent dies, so that not even SIGKILL leaves a process behind.

The child runs this file first. It requests a signal for the parent's death from the kernel, and
then replaces itself with the real command, under the same process id. No code runs between fork
and exec in the parent, unlike with preexec_fn, so this is safe with threads.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # <sys/prctl.h>


def die_with_parent(command: list[str], death_signal: signal.Signals) -> list[str]:
    """Return the command line that runs `command` and signals it when this process dies.

    On systems other than Linux it only runs the command. The kernel watches the thread that starts
    the child, so that thread must live as long as the child.
    """
    launcher = [sys.executable, "-I", "-S", __file__]
    return [*launcher, str(os.getpid()), str(int(death_signal)), *command]


def main(parent: str, death_signal: str, *command: str) -> None:
    """Request the signal for the death of `parent`, and execute `command`."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != int(parent):  # it died before the request was made
            sys.exit(1)
    os.execv(command[0], command)  # noqa: S606 -- our own command, no shell


if __name__ == "__main__":
    main(*sys.argv[1:])
