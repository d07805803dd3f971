"""What MkDocs asks of this site while it builds one of its languages."""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path
from posixpath import normpath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

SITE = Path(__file__).resolve().parent
DOCS = SITE.parent
ROOT = DOCS.parent

sys.path.insert(0, str(SITE))  # MkDocs loads this file by its path

from diagram import with_diagrams  # noqa: E402
from rewriting import counterpart, with_deep_lists, with_joined_chinese, with_links  # noqa: E402

CHINESE = ".zh-CN.md"
INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)
ASSETS = ("site/assets/site.css",)
PICTURES = (".png", ".svg")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Take this language's pages under the same names, the pictures, and what pages link to."""
    found = Files([])
    for name, source in pages(config.extra["language"]).items():
        found.append(File.generated(config, f"{name}.md", abs_src_path=str(source)))
    shown = [file for file in DOCS.rglob("*") if file.suffix in PICTURES]
    for file in [*shown, *(DOCS / name for name in ASSETS)]:
        uri = file.relative_to(DOCS).as_posix()
        found.append(File.generated(config, uri, abs_src_path=str(file)))
    for path in sorted(linked_files()):
        found.append(File.generated(config, shown_as(path), content=(ROOT / path).read_bytes()))
    for file in files:
        if file.src_uri.startswith("assets/"):
            found.append(file)
    return found


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, **_: object) -> str:
    """Draw diagrams, deepen lists, and lead links to where this site has what they name."""
    language = config.extra["language"]
    name = page.file.src_uri.removesuffix(".md")

    def lead(text: str, target: str) -> str:
        return led(text, target, name, language)

    return with_diagrams(with_deep_lists(with_links(with_joined_chinese(markdown), lead)))


def on_post_page(output: str, *, page: Page, config: MkDocsConfig) -> str:
    """Take inline scripts and styles out: the policy of wxlogin's pages allows none."""
    aligned = re.sub(r' style="text-align: (\w+);"', r' class="\1"', output)
    return INLINE.sub(lambda script: _moved(script[1], page.url, config), aligned)


def pages(language: str) -> dict[str, Path]:
    """Return the pages of a language by their names; the other language's where one is missing."""
    english = {file.name.removesuffix(".md"): file for file in DOCS.glob("*.md")}
    chinese = {file.name.removesuffix(CHINESE): file for file in DOCS.glob(f"*{CHINESE}")}
    english = {name: file for name, file in english.items() if not name.endswith(".zh-CN")}
    return english | chinese if language == "zh" else chinese | english


def led(text: str, target: str, page: str, language: str) -> str:
    """Return a link of a page as this site has it."""
    if "://" in target or target.startswith("#"):
        return f"[{text}]({target})"
    path, _, anchor = target.partition("#")
    name = path.removesuffix(CHINESE) if path.endswith(CHINESE) else path.removesuffix(".md")
    behind = f"#{_anchor(anchor, name, language)}" if anchor else ""
    if text == path:
        text = _title(name, language) or text
    if name == page and path.endswith(CHINESE) == (language == "en"):
        home = "../" if page != "index" else ""
        other = f"{home}en/" if language == "zh" else f"{home}../"
        return f'<a href="{other}{"" if page == "index" else f"{page}/"}{behind}">{text}</a>'
    inside = normpath(f"docs/{path}")
    if not inside.startswith("docs/"):
        if (ROOT / inside).is_file():
            return f"[{text}]({shown_as(inside)})"
        return text  # a folder
    return f"[{text}]({f'{name}.md' if path.endswith('.md') else path}{behind})"


def _title(name: str, language: str) -> str:
    """Return what a page calls itself, for a link that shows nothing but its file."""
    file = pages(language).get(name)
    return file.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ") if file else ""


def _anchor(anchor: str, name: str, language: str) -> str:
    """Return the anchor of a page in this language, by whichever language a link has it."""
    both = [DOCS / f"{name}.md", DOCS / f"{name}{CHINESE}"]
    if not all(file.exists() for file in both):
        return anchor
    english, chinese = (file.read_text(encoding="utf-8") for file in both)
    if language == "zh":
        return counterpart(anchor, chinese, english)
    return counterpart(anchor, english, chinese)


def linked_files() -> set[str]:
    """Return the files outside of docs/ that pages link to, from the top of the project."""
    found = set()
    for page in DOCS.glob("*.md"):
        for target in re.findall(r"\]\((\.\./[^)#\s]+)", page.read_text(encoding="utf-8")):
            path = normpath(f"docs/{target}")
            if (ROOT / path).is_file():
                found.add(path)
    return found


def shown_as(path: str) -> str:
    """Return where the site has a file of the project: as text, so that a browser shows it."""
    return f"files/{path}.txt"


def _moved(script: str, url: str, config: MkDocsConfig) -> str:
    base = "../" * url.strip("/").count("/") + ("../" if url.strip("/") else "")
    # Only the scope of what the theme remembers differs between pages.
    told = re.sub(
        r'new URL\("[^"]*",location\)',
        "new URL(document.currentScript.dataset.base,location)",
        script,
    )
    name = f"assets/inline/{hashlib.sha256(told.encode()).hexdigest()[:16]}.js"
    file = Path(config.site_dir) / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(told, encoding="utf-8")
    return f'<script src="{base or "./"}{name}" data-base="{base or "."}"></script>'
