"""Where addresses are: what ships, what other files say, and one spelling for both."""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

import pytest

from tests.harness import traveller
from tests.harness.environment import fault_of
from tests.unit.xdb import xdb
from wxlogin.watch import regions
from wxlogin.watch.geo import CAPITALS, distance, in_english
from wxlogin.watch.regions import MAX_LENGTH, Region, Regions, _shipped, parse

SHIPPED = {
    traveller.SHENZHEN: "中国 广东省 深圳市",
    traveller.BEIJING: "中国 北京",
    traveller.HONG_KONG: "中国 香港",
    "1.160.0.1": "中国 台湾省",
    traveller.TOKYO: "日本 东京都 东京",
    traveller.AMERICA: "美国",
    "17.1.1.1": "美国 加利福尼亚",
}
NOWHERE = ("127.0.0.1", "10.1.2.3", "100.64.0.1", "203.0.113.5", "0.0.0.0", "::1", "240e:3b7::1")
NEWER = {
    "223.104.60.0/25": ("中国|广东省|深圳市|移动|CN", "中国 广东省 深圳市"),
    "1.36.0.0/16": ("中国|香港特别行政区|0|电讯盈科|CN", "中国 香港"),
    "39.144.0.0/16": ("中国|内蒙古自治区|包头市|移动|CN", "中国 内蒙古 包头市"),
    "77.97.180.0/24": ("United Kingdom|England|Yateley|0|GB", "英国 England Yateley"),
    "9.9.9.0/24": ("Nowhere Land|New South|Some City|0|0", "Nowhere-Land New-South Some-City"),
    "192.168.0.0/16": ("Reserved|Reserved|Reserved|0|0", None),
}


@pytest.mark.parametrize(("address", "text"), SHIPPED.items())
def test_what_ships_knows_the_cities_of_china_and_the_countries(address: str, text: str) -> None:
    region = Regions().of(address)
    assert region is not None
    assert region.text == text


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("中国 广东省 深圳市", "China, Guangdong, 深圳市"),
        ("中国 内蒙古 包头市", "China, Inner Mongolia, 包头市"),
        ("美国 加利福尼亚", "United States, 加利福尼亚"),
        ("日本", "Japan"),
        ("Nowhere-Land New-South", "Nowhere-Land, New-South"),
        ("", ""),
    ],
)
def test_countries_and_provinces_have_english_names(text: str, english: str) -> None:
    assert in_english(text) == english


def test_every_country_and_province_has_an_english_name_of_its_own() -> None:
    names = [in_english(name) for name in CAPITALS]
    assert [name for name in names if not name[0].isalpha() or name[0] > "\u00ff"] == []
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("address", [*NOWHERE, "", "unknown", "1.2.3"])
def test_private_and_unknown_addresses_have_no_region(address: str) -> None:
    assert Regions().of(address) is None


def test_the_package_of_the_data_is_not_run() -> None:
    assert Regions().of(traveller.SHENZHEN)
    assert "ipregion" not in sys.modules


def test_the_data_that_ships_is_read_only_where_no_file_takes_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    shipped = _shipped()

    def ask() -> str:
        asked.append(shipped)
        return shipped

    monkeypatch.setattr(regions, "_shipped", ask)
    file = xdb(tmp_path / "v4.xdb", {"1.36.0.0/16": "中国|香港特别行政区|0|电讯盈科|CN"})
    regions.preload([file])
    Regions([file])
    assert asked == []
    regions.preload()
    assert asked == [shipped]


def test_a_file_that_was_replaced_is_read_anew(tmp_path: Path) -> None:
    file = xdb(tmp_path / "v4.xdb", {"1.36.0.0/16": "中国|香港特别行政区|0|电讯盈科|CN"})
    regions.preload([file])
    newer = xdb(tmp_path / "new.xdb", {"1.36.0.0/16": "中国|广东省|深圳市|移动|CN"})
    Path(newer).replace(file)
    region = Regions([file]).of("1.36.0.1")
    assert region is not None
    assert region.text == "中国 广东省 深圳市"


def test_newer_files_lead_to_the_same_spelling(tmp_path: Path) -> None:
    records = {network: record for network, (record, _) in NEWER.items()}
    regions = Regions([xdb(tmp_path / "v4.xdb", records)])
    for network, (_, text) in NEWER.items():
        found = regions.of(network.partition("/")[0])
        assert (found.text if found else None) == text


def test_a_file_of_ipv6_stands_beside_what_ships(tmp_path: Path) -> None:
    record = {"240e:3b7::/32": "中国|广东省|深圳市|电信|CN"}
    regions = Regions([xdb(tmp_path / "v6.xdb", record)])
    assert regions.of("240e:3b7::1") == regions.of(traveller.SHENZHEN)
    assert regions.of("240e:3b8::1") is None


def test_a_file_of_the_old_structure_is_read_as_what_ships(tmp_path: Path) -> None:
    record = {"9.9.0.0/16": "中国|0|广东|深圳市|电信"}
    regions = Regions([xdb(tmp_path / "old.xdb", record, structure=2)])
    assert regions.of("9.9.9.9") == Region("中国", "广东省", "深圳市")
    assert regions.of("9.8.9.9") is None


def test_a_continent_is_no_region_and_a_long_name_is_cut(tmp_path: Path) -> None:
    record = {"9.9.0.0/16": "欧洲|0|0|0|0", "8.8.0.0/16": f"美国|0|{'长' * 80}|0|0"}
    regions = Regions([xdb(tmp_path / "odd.xdb", record, structure=2)])
    assert regions.of("9.9.9.9") is None
    long = regions.of("8.8.8.8")
    assert long is not None
    assert len(long.text) == MAX_LENGTH


@pytest.mark.parametrize("text", [text for text in SHIPPED.values() if text])
def test_a_region_is_read_back_from_its_text(text: str) -> None:
    assert parse(text).text == text


def test_in_china_the_province_counts_and_elsewhere_the_country() -> None:
    assert parse("中国 广东省 深圳市").area == "广东省"
    assert parse("美国 加利福尼亚").area == "美国"
    assert parse("中国").area == ""


def test_ways_between_capitals_are_about_right() -> None:
    assert distance(CAPITALS["北京"], CAPITALS["上海"]) == pytest.approx(1067, rel=0.02)
    assert distance(CAPITALS["广东省"], CAPITALS["日本"]) == pytest.approx(2900, rel=0.02)
    assert distance(CAPITALS["新西兰"], CAPITALS["西班牙"]) == pytest.approx(19_850, rel=0.02)


def test_a_file_that_is_no_xdb_is_a_fault_of_the_setting(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("country,province\n" * 100)
    whole = xdb(tmp_path / "whole.xdb", {"9.9.0.0/16": "美国|0|0|0|0"})
    (tmp_path / "cut").write_bytes(Path(whole).read_bytes()[:-20])
    (tmp_path / "empty").touch()
    wrong = ["/nowhere.xdb", str(tmp_path), f"{whole},{whole}", ","]
    wrong += [str(tmp_path / name) for name in ("text", "cut", "empty")]
    for value in wrong:
        fault = fault_of(WXLOGIN_IP_REGION_DB=value)
        assert fault.startswith("WXLOGIN_IP_REGION_DB should be the path of a readable xdb file")


def test_damaged_records_are_no_region_and_no_fault(tmp_path: Path) -> None:
    content = bytearray(Path(_shipped()).read_bytes())
    content[256:] = Random(1).randbytes(len(content) - 256)
    file = tmp_path / "damaged.xdb"
    file.write_bytes(content)
    regions = Regions([str(file)])
    assert {regions.of(f"{n}.{n}.{n}.{n}") for n in range(1, 224)} <= {None}
