"""The documentation as a site: built without a dead link, in both languages, served in development.

It is built by what `make site` installs, in an environment of its own.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.browser import TELL_CSP
from tests.harness.site import Site
from tests.house.source import ROOT
from wxlogin.meta import service

ELSEWHERE = re.compile(r'<(?:script|link|img|iframe)\b[^>]*?(?:src|href)="(?:https?:)?//[^"]*"')
INLINE = re.compile(r"<script>|<style>| style=\"| on\w+=\"")
BUILD = [str(ROOT / ".venv/site/bin/python"), "docs/site/build.py"]
PACKAGES = ["make", "--no-print-directory", "site-packages"]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built once."""
    done = subprocess.run(PACKAGES, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"mkdocs-material could not be installed: {done.stdout}{done.stderr}")
    target = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [*BUILD, str(target)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return target


def pages(site: Path) -> dict[str, str]:
    """The pages of a built site by their path."""
    return {
        file.relative_to(site).as_posix(): file.read_text(encoding="utf-8")
        for file in site.rglob("*.html")
    }


def test_the_end_of_a_line_inside_a_chinese_sentence_is_no_space(built: Path) -> None:
    torn = re.compile(r"[\u4e00-\u9fff，。；：、）”]\n *[\u4e00-\u9fff]")
    for path, text in pages(built).items():
        if not path.startswith("en/"):
            paragraphs = re.findall(r"<p>(.*?)</p>", text, re.DOTALL)
            assert [one for one in paragraphs if torn.search(one)] == [], path


def test_every_page_is_built_in_both_languages(built: Path) -> None:
    names = {page.name.partition(".")[0] for page in (ROOT / "docs").glob("*.md")} - {"index"}
    assert len(names) > 30
    for name in names:
        assert (built / name / "index.html").is_file()
        assert (built / "en" / name / "index.html").is_file()
    assert 'lang="zh' in (built / "index.html").read_text(encoding="utf-8")
    assert 'lang="en' in (built / "en/index.html").read_text(encoding="utf-8")


def test_each_page_leads_to_itself_in_the_other_language(built: Path) -> None:
    chinese = (built / "signing/index.html").read_text(encoding="utf-8")
    assert re.search(r'href="../en/signing/"[^>]*data-language', chinese)
    english = (built / "en/signing/index.html").read_text(encoding="utf-8")
    assert re.search(r'href="../../signing/"[^>]*data-language', english)


def test_nothing_comes_from_elsewhere_and_nothing_is_inline(built: Path) -> None:
    for name, text in pages(built).items():
        assert ELSEWHERE.findall(text) == [], name
        assert INLINE.findall(re.sub(r"<svg.*?</svg>|<pre.*?</pre>", "", text, flags=re.S)) == [], (
            name
        )


def test_chinese_is_cut_into_words_for_the_search(built: Path) -> None:
    index = json.loads((built / "search/search_index.json").read_text(encoding="utf-8"))
    assert index["config"]["lang"] == ["zh"]
    [signing] = [doc for doc in index["docs"] if doc["location"] == "signing/"]
    assert "请求\u200b签名" in signing["title"]


def test_a_dead_link_ends_the_build(built: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    for name in ("docs/site", "deploy", "wxlogin/watch"):
        (tree / name).mkdir(parents=True)
    subprocess.run(["cp", "-r", str(ROOT / "docs/site"), str(tree / "docs")], check=True)
    (tree / "docs/index.md").write_text("# One\n\n[two](two.md)\n")
    (tree / "docs/index.zh-CN.md").write_text("# 一\n")
    command = [*BUILD, str(tmp_path / "out")]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "two.md" in done.stderr


def test_it_is_served_in_development_alone(
    make_site: Callable[..., Site], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "index.html").write_text("<p>first page</p>")
    (tmp_path / "en/index.html").write_text("<p>in English</p>")
    monkeypatch.setattr(service, "SITE", tmp_path)
    site = make_site()
    first = site.request("GET", "/docs/")
    assert "first page" in first.text
    assert "script-src 'self';" in first.headers["Content-Security-Policy"]
    assert "in English" in site.request("GET", "/docs/en/").text
    assert site.problem(site.request("GET", "/docs/../config.py")) == "NOT_FOUND"
    assert site.problem(site.request("GET", "/docs/none/")) == "NOT_FOUND"
    monkeypatch.setattr(service, "SITE", tmp_path / "none")
    assert site.problem(site.request("GET", "/docs/")) == "NOT_FOUND"


@pytest.fixture
def reader(
    built: Path,
    browser: Browser,
    make_site: Callable[..., Site],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Reader]:
    """Somebody who reads the built site at a wxlogin of development, in Chromium."""
    monkeypatch.setattr(service, "SITE", built)
    with browser.new_context(locale="zh-CN", color_scheme="dark") as context:
        context.add_init_script(TELL_CSP)
        one = Reader(context.new_page(), make_site().base)
        yield one
        assert one.faults == []


class Reader:
    """A page of the browser, and what it complained of."""

    def __init__(self, page: Page, base: str) -> None:
        self.page = page
        self.base = base
        self.faults: list[str] = []
        page.set_default_timeout(60_000)
        page.on(
            "console", lambda told: self.faults.append(told.text) if told.type == "error" else None
        )

    def open(self, name: str, width: int = 1440) -> Page:
        """Load a page of the site into a window of this width."""
        self.page.set_viewport_size({"width": width, "height": 800})
        self.page.goto(f"{self.base}/docs/{name}")
        return self.page


@pytest.mark.parametrize("width", [360, 1440])
def test_wide_tables_and_diagrams_stay_within_a_phone_and_a_screen(
    reader: Reader, width: int
) -> None:
    for name in ("en/settings/", "how-it-works/", "commands/", "errors/"):
        page = reader.open(name, width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    whole = "e => e.scrollWidth <= e.parentElement.parentElement.clientWidth"
    codes = page.locator("article table").nth(1)
    assert codes.evaluate(whole) == (width > 1000), "a screen shows each column of the codes"


@pytest.mark.parametrize(
    ("home", "words", "page"),
    [
        ("", "手机号", "open-data/"),
        ("", "被登出", "faq/"),
        ("", "40029", "errors/"),
        ("en/", "signature", "en/signing/"),
    ],
)
def test_the_search_finds_words_of_both_languages(
    reader: Reader, home: str, words: str, page: str
) -> None:
    here = reader.open(home)
    field = here.locator(".md-search__input")
    field.click()
    field.fill(words)
    field.press("End")  # it listens to keys
    here.locator(".md-search-result__item").first.wait_for()
    links = here.locator(".md-search-result__link").evaluate_all(
        "found => found.map((it) => it.href)"
    )
    assert any(f"/docs/{page}" in link for link in links)
