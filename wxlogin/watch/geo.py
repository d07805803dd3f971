"""Coordinates and canonical names of regions: China's provinces and the countries of the world.

places.csv holds the coordinates of each capital, in degrees to one decimal, the names as the region
data that ships with the dependencies writes them, in English too, and ISO 3166 codes, which newer
data contains.
"""

from __future__ import annotations

import csv
import math
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

CHINA = "中国"
EARTH_RADIUS_KM = 6371.0


class Point(NamedTuple):
    """A point on Earth, in degrees."""

    latitude: float
    longitude: float


def distance(one: Point, other: Point) -> float:
    """Return the great-circle distance in km (the haversine formula)."""
    lat1, lon1, lat2, lon2 = map(math.radians, (*one, *other))
    a = (
        math.sin((lat2 - lat1) / 2) ** 2
        + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(a))


def canonical_province(name: str) -> str:
    """Return the canonical name of a province of China, found by its first two characters.

    Data sets differ: 广东 and 广东省, 香港 and 香港特别行政区.
    """
    return _PROVINCES.get(name[:2], name)


def canonical_country(name: str, code: str = "") -> str:
    """Return the canonical name of a country; `code` is its ISO 3166 code, if the data has it."""
    return _COUNTRIES.get(code, name)


@lru_cache(4096)
def in_english(region: str) -> str:
    """Return a region's text, such as `中国 广东省 深圳市`, as `China, Guangdong, 深圳市`.

    The names of cities, and of provinces abroad, stay as the data has them.
    """
    return ", ".join(_ENGLISH.get(name, name) for name in region.split(" "))


def _rows() -> list[dict[str, str]]:
    with Path(__file__).with_name("places.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


_PROVINCES = {row["province"][:2]: row["province"] for row in _rows() if row["province"]}
_COUNTRIES = {row["code"]: row["country"] for row in _rows()}
_ENGLISH = {CHINA: "China"} | {row["province"] or row["country"]: row["english"] for row in _rows()}
CAPITALS = {
    row["province"] or row["country"]: Point(float(row["latitude"]), float(row["longitude"]))
    for row in _rows()
}
"""The capital of each province of China and of each other country."""
