"""What is forked in place of a command is as the command would be."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness import forked

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")

TELLS = """
import json, os, sys
sys.stderr.write("on the side\\n")
files = [name for name in os.listdir("/proc/self/fd") if int(name) < 32]
told = [os.getcwd(), dict(os.environ), sys.argv, os.getsid(0) == os.getpid(), sys.stdin.read()]
print(json.dumps([*told, sorted(map(int, files))[:3]]))
sys.exit(3)
"""
WAITS = "import signal\nprint('here', flush=True)\nsignal.pause()\n"


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """Where a command's own script may stand."""
    return tmp_path / "script"


def test_it_has_its_own_directory_environment_words_and_streams(
    script: Path, tmp_path: Path
) -> None:
    script.write_text(TELLS)
    (tmp_path / "typed").write_text("typed")
    with (tmp_path / "typed").open() as typed:
        done = forked.run([str(script), "a", "b"], {"ONLY": "this"}, tmp_path, stdin=typed)
    assert (done.returncode, done.stderr) == (3, "on the side\n")
    told = json.loads(done.stdout)
    words = [str(script), "a", "b"]
    assert told == [str(tmp_path), {"ONLY": "this"}, words, False, "typed", [0, 1, 2]]


def test_a_signal_ends_it_and_the_status_says_so(script: Path, tmp_path: Path) -> None:
    script.write_text(WAITS)
    with (tmp_path / "said").open("w") as said:
        files = (subprocess.DEVNULL, said, said)
        process = forked.start([str(script)], {}, tmp_path, files=files, new_session=True)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.1)
    assert process.poll() is None
    process.terminate()
    assert process.wait() == process.poll() == -signal.SIGTERM
    process.kill()  # of what ended nothing is left to be hit


def test_an_error_is_told_as_python_tells_it(script: Path, tmp_path: Path) -> None:
    script.write_text("1 / 0\n")
    done = forked.run([str(script)], {}, tmp_path)
    assert done.returncode == 1
    assert done.stderr.endswith("ZeroDivisionError: division by zero\n")
