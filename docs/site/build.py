"""Build the documentation as a site: Chinese at its root, English below `en/`.

    python docs/site/build.py [DIRECTORY]

A link that leads nowhere, in a page or to a heading, is an error.
"""

from __future__ import annotations

import logging
import sys
import tempfile
import warnings
from pathlib import Path

SITE = Path(__file__).resolve().parent
ROOT = SITE.parent.parent

sys.path.insert(0, str(SITE))  # the project is not installed

warnings.filterwarnings("ignore", category=SyntaxWarning)  # jieba's regular expressions
warnings.filterwarnings("ignore", message="pkg_resources is deprecated")

import jieba  # noqa: E402
from hooks import pages  # noqa: E402
from mkdocs.commands.build import build  # noqa: E402
from mkdocs.config import load_config  # noqa: E402
from mkdocs.exceptions import Abort  # noqa: E402
from navigation import Language, sections  # noqa: E402

SAID = {
    "zh": "微信小程序登录后端：服务端会话、不透明的 token、加密保存的用户身份",
    "en": "The login backend of WeChat mini-programs: server-side sessions, opaque tokens",
}
OTHER = {
    "zh": {"lang": "en", "name": "English", "root": "en/", "link": "en/"},
    "en": {"lang": "zh-CN", "name": "中文", "root": "../", "link": "../"},
}


def build_language(language: Language, target: Path) -> None:
    """Build one language into a folder; Abort where something is wrong."""
    config = load_config(
        str(SITE / "mkdocs.yml"),
        site_dir=str(target),
        site_description=SAID[language],
        nav=sections(language, list(pages(language))),
        plugins=[{"search": {"lang": "zh" if language == "zh" else "en", "separator": SEPARATOR}}],
    )
    config.theme["language"] = language
    config.theme.static_templates = {"sitemap.xml"}  # wxlogin says by itself what is not there
    config.extra |= {"language": language, "other": OTHER[language], "alternate": [OTHER[language]]}
    config.plugins.on_startup(command="build", dirty=False)
    build(config)


SEPARATOR = r"[\s\u200b\-_,:!=\[\]()\"`/，。：；、（）]+|\.(?!\d)"


def main() -> int:
    """Build both languages."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "site"
    logging.basicConfig(format="%(levelname)s: %(message)s", level=logging.WARNING)
    jieba.setLogLevel(logging.WARNING)
    with tempfile.TemporaryDirectory() as kept:
        jieba.dt.tmp_dir = kept  # its cache; it would stay in /tmp
        try:
            build_language("zh", target)
            build_language("en", target / "en")
        except Abort as fault:
            sys.stderr.write(f"{fault}\n")
            return 1
    sys.stdout.write(f"The site is in {target}.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
