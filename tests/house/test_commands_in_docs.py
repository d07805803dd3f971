"""Every command that a page shows is run, or says why it is not; one that prose names is there."""

from __future__ import annotations

import importlib.util
import re
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import click
from flask import Flask
from flask_migrate.cli import db

from tests.docs.table import ELSEWHERE, PAGES
from tests.harness.doc_pages import RUN, blocks, code, pages, prose
from tests.house.source import ROOT
from wxlogin.cli import bind_commands

COMMAND = re.compile(
    r"(?:[#$] )?(?:sudo )?(?:[A-Z_]+=\S+ )*"
    r"(?:make|(?:[^\s=]*/)?(?:flask|gunicorn|pip3?|pytest|python3?)|apt(?:-get)?|curl|docker|git|kubectl"
    r"|mariadb|mysql|nginx(?= -)|npm|openssl|psql|redis-cli|systemctl|\.ci/run)(?: |$)"
)
INLINE = re.compile(r"`([^`]+)`")
CHINESE = ".zh-CN.md"
BEYOND = ["needs a name that the internet knows.", "needs a mini-program of yours."]
CONTAINERS = [
    "needs a Docker engine. tests/deploy/test_image.py takes the same steps.",
    "asks for your AppSecret.",
    "needs a Docker engine. tests/deploy/test_compose.py and test_image.py run what it starts.",
    "needs a cluster. tests/deploy/test_kubernetes.py judges the manifests by Kubernetes' schemas.",
    "needs a cluster.",
]
NOT_RUN = {
    "docs/containers.md": CONTAINERS,
    "docs/containers.zh-CN.md": [
        "需要 Docker 引擎；tests/deploy/test_image.py 执行同样的步骤。",
        "需要输入你的 AppSecret。",
        "需要 Docker 引擎；tests/deploy/test_compose.py 和 test_image.py 运行其中的服务。",
        "需要集群；tests/deploy/test_kubernetes.py 用 Kubernetes 的 schema 校验清单。",
        "需要集群。",
    ],
    "docs/deploy.md": BEYOND,
    "docs/deploy.zh-CN.md": BEYOND,
    "docs/performance.md": 4 * ["it takes minutes, and wants the machine for itself."],
    "docs/performance.zh-CN.md": 4 * ["需要数分钟，且要独占机器。"],
    "docs/quickstart.md": ["needs a mini-program of yours."],
    "docs/quickstart.zh-CN.md": ["需要你自己的小程序。"],
    "docs/upgrade.md": ["needs the unit of docs/deploy.md"],
    "docs/upgrade.zh-CN.md": ["需要 docs/deploy.zh-CN.md 中的 unit"],
}


def without_a_run(root: Path) -> list[str]:
    """Lines that look like commands, and stand where nothing is run."""
    found = []
    for page in pages(root):
        others = [block for block in blocks(page, root) if block.language not in RUN]
        lines = [(b.place, line) for b in others for line in b.text.split("\n")]
        indented = re.compile(r" {4}|\t")
        name = page.relative_to(root).as_posix()
        lines += [(f"{name}:{n}", line) for n, line in prose(page) if indented.match(line)]
        found += [f"{place}: {line}" for place, line in lines if COMMAND.match(line.strip())]
    return found


def with_blocks() -> set[str]:
    """The pages that have something to run."""
    return {block.page for page in pages() for block in blocks(page) if block.runs}


def targets() -> set[str]:
    """What make can make."""
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


def is_command(words: list[str]) -> bool:
    """Whether `flask --app wsgi` has a command of these words, what follows it aside."""
    app = Flask(__name__)
    bind_commands(app)
    found: click.Command | None = click.Group("flask", {**app.cli.commands, "db": db})
    for word in words:
        if not isinstance(found, click.Group):
            break
        found = found.commands.get(word)
    return found is not None


def named(text: str) -> Iterator[tuple[str, bool]]:
    """The commands that stand in prose, and whether there is such a thing."""
    for shown in INLINE.findall(text):
        words = shown.split()
        if re.match(r"make [a-z]", shown):
            yield shown, words[1] in targets()
        if shown.startswith(".venv/bin/"):
            script = words[0].removeprefix(".venv/bin/")
            yield shown, (Path(sysconfig.get_path("scripts")) / script).exists()
        if re.match(r"(?:\.venv/bin/)?flask (?!(?:--app wsgi )?\.\.\.)", shown):
            yield shown, words[1:3] == ["--app", "wsgi"] and is_command(words[3:])
        if found := re.match(r"(?:\.venv/bin/)?python -m ([\w.]+)", shown):
            yield shown, importlib.util.find_spec(found[1]) is not None


def missing(root: Path) -> list[str]:
    """The commands that prose names and nobody could run."""
    lines = [(page, line) for page in pages(root) for _, line in prose(page)]
    return [f"{page.name}: {c}" for page, line in lines for c, there in named(line) if not there]


def counterpart(page: str) -> str:
    """The page in English that a Chinese one says the same as."""
    return page.replace(CHINESE, ".md")


def test_no_command_stands_where_nothing_is_run() -> None:
    assert without_a_run(ROOT) == []


def test_what_is_not_run_says_why_to_the_reader() -> None:
    reasons = [(b.page, b.not_run) for page in pages() for b in blocks(page) if b.not_run]
    assert reasons == [(page, reason) for page, listed in NOT_RUN.items() for reason in listed]


def test_every_page_with_blocks_is_run() -> None:
    run = PAGES.keys() | ELSEWHERE.keys()
    assert not PAGES.keys() & ELSEWHERE.keys()
    assert with_blocks() == run | {
        page for page in with_blocks() if page.endswith(CHINESE) and counterpart(page) in run
    }


def test_a_page_that_is_run_elsewhere_is_named_there() -> None:
    for page, module in ELSEWHERE.items():
        assert Path(page).name in (ROOT / module).read_text(encoding="utf-8"), module


def test_a_chinese_page_has_the_blocks_of_the_english_one() -> None:
    for page in (page for page in with_blocks() if page.endswith(CHINESE)):
        english, chinese = (
            [(b.language, code(b)) for b in blocks(ROOT / name) if b.language in RUN]
            for name in (counterpart(page), page)
        )
        assert english == chinese, page


def test_a_command_that_prose_names_is_there() -> None:
    assert missing(ROOT) == []


def test_a_command_without_a_run_is_found(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(
        "```text\n$ make it\n```\n- one\n\n  ```console\n  FOO=1 .venv/bin/pip install x\n  ```\n"
        "\n    docker run wxlogin\n\nmake no block\n```yaml\ncommand: make it\n```\n"
    )
    assert without_a_run(tmp_path) == [
        "README.md:1: $ make it",
        "README.md:6: FOO=1 .venv/bin/pip install x",
        "README.md:10:     docker run wxlogin",
    ]


def test_a_command_that_is_not_there_is_found(tmp_path: Path) -> None:
    there = "`make test ARGS=x` `flask --app wsgi admin create NAME` `flask --app wsgi db upgrade`"
    (tmp_path / "README.md").write_text(
        f"{there} `.venv/bin/flask --app wsgi apps` `make tests` `.venv/bin/nobody` `flask purge`\n"
        "`flask --app wsgi admin crate` `python -m wxlogin.nobody`\n"
    )
    assert missing(tmp_path) == [
        "README.md: make tests",
        "README.md: .venv/bin/nobody",
        "README.md: flask purge",
        "README.md: flask --app wsgi admin crate",
        "README.md: python -m wxlogin.nobody",
    ]
