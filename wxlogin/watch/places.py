"""Where regions lie, and their one spelling: China's provinces and the countries of the world.

places.csv holds the coordinates of each capital, in degrees to one decimal, beside the names as the
data that ships with the dependencies writes them, and ISO 3166 codes, which newer data has.
"""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import NamedTuple

CHINA = "中国"
EARTH_KM = 6371.0


class Point(NamedTuple):
    """A place on Earth, in degrees."""

    latitude: float
    longitude: float


def distance(one: Point, other: Point) -> float:
    """The way between two places as the crow flies, in km (the haversine formula)."""
    lat1, lon1, lat2, lon2 = map(math.radians, (*one, *other))
    chord = (
        math.sin((lat2 - lat1) / 2) ** 2
        + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    )
    return 2 * EARTH_KM * math.asin(math.sqrt(chord))


def province(name: str) -> str:
    """The spelling that counts of a province of China, whatever follows its first two signs.

    Data sets differ: 广东 and 广东省, 香港 and 香港特别行政区.
    """
    return _PROVINCES.get(name[:2], name)


def country(name: str, code: str = "") -> str:
    """The spelling that counts of a country; `code` is that of ISO 3166, where the data has it."""
    return _COUNTRIES.get(code, name)


def _rows() -> list[dict[str, str]]:
    with Path(__file__).with_name("places.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


_PROVINCES = {row["province"][:2]: row["province"] for row in _rows() if row["province"]}
_COUNTRIES = {row["code"]: row["country"] for row in _rows()}
POINTS = {
    row["province"] or row["country"]: Point(float(row["latitude"]), float(row["longitude"]))
    for row in _rows()
}
"""Where each province of China and each other country has its capital."""
