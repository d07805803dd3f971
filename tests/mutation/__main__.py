"""Mutation testing: which changes of a file do its tests not notice?

    python -m tests.mutation [--sample N] FILE TEST...

The tests run in a copy of the tree, for each mutant until the first of them fails. A mutant that
all of them pass survives, and is printed.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.house.source import ROOT
from tests.mutation.mutants import Mutant, mutants

PATIENCE_SECONDS = 600


def copied_tree(target: Path) -> None:
    """Copy what git tracks, with the changes that are not committed yet."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    for name in listed.stdout.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)


def passes(tree: Path, tests: list[str]) -> bool:
    """Return whether the tests pass in a tree; tests that hang do not."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    settings = {"WXLOGIN_ENV": "testing", "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command,
            cwd=tree,
            env=os.environ | settings,
            capture_output=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def survivors(file: str, tests: list[str], tried: list[Mutant]) -> list[Mutant]:
    """Return the mutants of a file that the tests do not notice."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        copied_tree(tree)
        if not passes(tree, tests):
            sys.exit("The tests fail without any change.")
        found = []
        for mutant in tried:
            (tree / file).write_text(mutant.source, encoding="utf-8")
            if passes(tree, tests):
                found.append(mutant)
                print(f"{file}:{mutant.line}: {mutant.before!r} as {mutant.after!r}", flush=True)  # noqa: T201
        return found


def main() -> None:
    """Try the mutants, and say how many the tests noticed."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation")
    parser.add_argument("--sample", type=int, help="how many mutants to try, drawn by chance")
    parser.add_argument("file", help="the file to change, from the root of the project")
    parser.add_argument("tests", nargs="+", help="what pytest is given")
    chosen = parser.parse_args()
    every = list(mutants((ROOT / chosen.file).read_text(encoding="utf-8")))
    sample = min(chosen.sample or len(every), len(every))
    tried = random.Random(1).sample(every, sample)
    left = len(survivors(chosen.file, chosen.tests, tried))
    print(f"{sample - left} of {sample} mutants noticed")  # noqa: T201


if __name__ == "__main__":
    main()
