"""The doctor: examines an installation and names its faults. No Flask in here.

`examine` runs the table of checks (`examination.py`). A check is a function that looks at the
`Installation` and returns findings. Each kind of finding is declared in `kinds/` with its words in
every language: what is wrong, what that means for users, what to do.
"""

from wxlogin.doctor.examination import Report, examine, without_settings
from wxlogin.doctor.findings import Finding, Kind, Level, Words

__all__ = [
    "Finding",
    "Kind",
    "Level",
    "Report",
    "Words",
    "examine",
    "without_settings",
]
