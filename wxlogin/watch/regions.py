"""Finds the region of an address in ip2region's data, offline.

Its records are country|area|province|city|ISP in xdb files of structure 2, and
country|province|city|ISP|code in those of structure 3. `0` means unknown.
"""

from __future__ import annotations

import logging
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path

from ip2region import searcher, util

from wxlogin.watch import geo

logger = logging.getLogger(__name__)

CACHE_SIZE = 4096
MAX_LENGTH = 64
"""Characters of a region's text, as wide as the database column."""

UNKNOWN = {"", "0", "内网IP", "Reserved"}
CONTINENTS = {"亚太地区", "欧洲", "北美地区", "非洲地区"}
"""What the data says if it knows no country."""


@dataclass(frozen=True)
class Region:
    """A region by its names. An unknown name is empty; the country is always known."""

    country: str
    province: str = ""
    city: str = ""

    @property
    def text(self) -> str:
        """The text that sessions and logins store, such as `中国 广东省 深圳市`."""
        names = dict.fromkeys(filter(None, (self.country, self.province, self.city)))
        return " ".join(names)[:MAX_LENGTH]

    @property
    def area(self) -> str:
        """What login anomalies compare: the province in China, elsewhere the country."""
        return self.province if self.country == geo.CHINA else self.country


def parse(text: str) -> Region:
    """Return the region with this `text`."""
    return Region(*text.split(" ", 2))


class Regions:
    """Looks addresses up in the data that ships with the dependencies, or in the settings' files.

    A file of the settings replaces the shipped data for its IP version; the shipped data covers
    IPv4 alone. Threads and greenlets may share an instance.
    """

    def __init__(self, files: Sequence[str] = ()) -> None:
        self._data = _load(files)
        self.of = lru_cache(CACHE_SIZE)(self._of)

    def _of(self, address: str) -> Region | None:
        """Return the region, None for an address that is private, unknown or malformed."""
        try:
            packed = ip_address(address).packed
        except ValueError:
            return None
        data = self._data.get(len(packed))
        return data.find(packed) if data else None


@dataclass(frozen=True)
class _Data:
    """One xdb file, in memory."""

    searcher: searcher.Searcher
    structure: int

    def find(self, packed: bytes) -> Region | None:
        """Return the region of an address, None if its record is damaged."""
        try:
            record = self.searcher.search(packed).split("|")
        except (ValueError, IndexError, struct.error):
            _warn_about_damage()
            return None
        fields = ["" if field in UNKNOWN else field for field in (*record, *[""] * 5)]
        if self.structure == util.XdbStructure20:
            country, _, province, city, *_ = fields
            code = ""
        else:
            country, province, city, _, code, *_ = fields
        if not country or country in CONTINENTS:
            return None
        return _region(geo.canonical_country(country, code), province, city)


@cache
def _warn_about_damage() -> None:
    logger.warning("a file of region data is damaged: some addresses have no region")


def _region(country: str, province: str, city: str) -> Region:
    if country == geo.CHINA:
        province = geo.canonical_province(province)
        city = "" if city.removesuffix("市") == province else city  # 北京 北京市
    return Region(*(name.replace(" ", "-") for name in (country, province, city)))


def preload(files: Sequence[str] = ()) -> None:
    """Read the data of these files, so that processes forked later share its memory."""
    _load(files)


def _load(files: Sequence[str]) -> dict[int, _Data]:
    """Return the data by address length; the shipped data is read if no file replaces it."""
    data = {one.searcher.version.byte_num: one for one in map(_open, files)}
    return data if util.IPv4.byte_num in data else data | {util.IPv4.byte_num: _open(_shipped())}


def _shipped() -> str:
    """Return the data file of the package ip-region without importing it: its code goes online."""
    spec = find_spec("ipregion")
    assert spec is not None
    assert spec.origin is not None
    return str(Path(spec.origin).parent / "ip2region.xdb")


def _open(file: str) -> _Data:
    """Return the file's content, in memory: a search then touches no disk."""
    state = Path(file).stat()
    return _read(file, state.st_ino, state.st_mtime_ns)


@cache
def _read(file: str, *_state: int) -> _Data:
    """Read a file once per process and its forks, and again after it was replaced."""
    content = util.load_content_from_file(file)
    header = util.Header(content)
    version = util.version_from_header(header)
    assert version is not None
    return _Data(searcher.new_with_buffer(version, content), header.version)
