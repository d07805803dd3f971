"""Examining the installation for an admin."""

from __future__ import annotations

from wxlogin.doctor import Report
from wxlogin.doctor.consulting import Doctor
from wxlogin.limits.rate_limits import RateLimits


def examine(rates: RateLimits, doctor: Doctor, who: str) -> Report:
    """Return what the doctor found; RATE_LIMITED over the limit, or while an examination runs."""
    rates.hit(who, "doctor")
    return doctor.examine()
