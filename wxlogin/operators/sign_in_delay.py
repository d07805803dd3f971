"""How long somebody waits who knows a password and guesses the second factor."""

from __future__ import annotations

WRONG_CODES = 5
"""Wrong codes in a row that cost no time: people mistype."""
FIRST_SECONDS = 30
LONGEST_SECONDS = 3600
DOUBLINGS = 7
"""After so many the delay is the longest one."""


def delay_after(wrong_codes: int) -> int:
    """Return the seconds until the next try after so many wrong codes in a row; 0 for a few."""
    if wrong_codes < WRONG_CODES:
        return 0
    return min(FIRST_SECONDS << min(wrong_codes - WRONG_CODES, DOUBLINGS), LONGEST_SECONDS)
