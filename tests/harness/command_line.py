"""Somebody at the command line: `flask ...` on a running site's stores."""

from __future__ import annotations

from click.testing import Result

from tests.harness.site import Site


class CommandLine:
    """Runs the commands of one group and keeps what they print for the search for leaks."""

    def __init__(self, site: Site, group: str) -> None:
        self.site = site
        self.group = group

    def run(self, *words: str, typed: str = "") -> Result:
        """Run one command; `typed` is its standard input. It ends with a status, never a fault."""
        runner = self.site.app.test_cli_runner()
        result = runner.invoke(args=[self.group, *words], input=typed)
        self.site.answers.append(result.output.encode())
        assert isinstance(result.exception, SystemExit | None), result.exception
        return result

    def done(self, *words: str, typed: str = "") -> str:
        """What a command prints that has to succeed."""
        result = self.run(*words, typed=typed)
        assert result.exit_code == 0, result.output
        return result.output

    def refused(self, *words: str, typed: str = "") -> str:
        """What a command prints that has to be refused."""
        result = self.run(*words, typed=typed)
        assert result.exit_code in (1, 2), result.output
        return result.output

    def add(self, appid: str, secret: str, name: str = "Another") -> str:
        """Register a mini-program that WeChat knows as well."""
        self.site.sandbox.world.add_app(appid, secret)
        self.site.secrets.add(secret)
        return self.done("add", appid, "--name", name, "--secret-stdin", typed=secret)
