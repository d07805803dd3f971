"""The mutants that mutation testing tries."""

from __future__ import annotations

from tests.mutation.mutants import mutants

SOURCE = '''
"""A module."""
LIMIT: int = 5

def ended(count: int, names: list[str]) -> bool:
    """Whether it ended."""
    if not names and count >= LIMIT:
        note("over")
        raise ValueError
    return True
'''


def test_each_mutant_has_one_change_and_none_is_in_a_docstring_or_an_annotation() -> None:
    found = [(mutant.before, mutant.after) for mutant in mutants(SOURCE)]
    assert sorted(
        (before.partition("\n")[0], after.partition("\n")[0]) for before, after in found
    ) == [
        ("'over'", "'overX'"),
        ("5", "6"),
        ("True", "False"),
        ("count >= LIMIT", "count > LIMIT"),
        ("if not names and count >= LIMIT:", "if not (not names and count >= LIMIT):"),
        ("not names", "names"),
        ("not names and count >= LIMIT", "not names or count >= LIMIT"),
        ("note('over')", "pass"),
        ("raise ValueError", "pass"),
        ("return True", "return None"),
    ]
    assert all(mutant.source != SOURCE for mutant in mutants(SOURCE))


def _first_line(code: str) -> str:
    return code.partition("\n")[0]
