"""The command line: the composition root, the only place with a clock, an environment and a terminal.

Data goes to stdout, everything else to stderr. Exit codes: 0 done, 1 some feeds or deliveries failed (or the store
did), 2 wrong usage or configuration.
"""

from __future__ import annotations

import importlib
import logging
import os
import sys
from typing import NoReturn

import click

from newswatch import __version__
from newswatch.errors import ConfigError, NewswatchError, Problem

EXIT_DONE, EXIT_FAILED, EXIT_USAGE = 0, 1, 2

# Command -> where it lives; a command's libraries are loaded when it is called, so that each starts quickly.
_COMMANDS = {
    "init": "newswatch.cli.setup:init",
    "check-config": "newswatch.cli.setup:check_config",
    "feeds": "newswatch.cli.feeds:feeds",
    "test-channel": "newswatch.cli.channel:test_channel",
    "once": "newswatch.cli.work:once",
    "run": "newswatch.cli.work:run",
    "digest": "newswatch.cli.digest:digest",
    "publish": "newswatch.cli.publish:publish",
    "replay": "newswatch.cli.judge:replay",
    "decisions": "newswatch.cli.judge:decisions",
    "explain": "newswatch.cli.judge:explain",
    "baseline": "newswatch.cli.baseline:baseline",
    "ledger": "newswatch.cli.ledger:ledger",
    "routes": "newswatch.cli.routes:routes",
    "mute": "newswatch.cli.mutes:mute",
    "unmute": "newswatch.cli.mutes:unmute",
    "mutes": "newswatch.cli.mutes:mutes",
    "ack": "newswatch.cli.mutes:ack",
    "deliveries": "newswatch.cli.outbox:deliveries",
    "retry": "newswatch.cli.outbox:retry",
    "drop": "newswatch.cli.outbox:drop",
    "doctor": "newswatch.cli.doctor:doctor",
    "backup": "newswatch.cli.backup:backup",
    "restore": "newswatch.cli.backup:restore",
    "completion": "newswatch.cli.shell:completion",
}


class LazyGroup(click.Group):
    """A group that imports a command when it is named (click's documented pattern for lazy loading)."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """In the order of a user's first day."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import the command's module and take it from there."""
        if cmd_name not in _COMMANDS:
            return None
        module, _, attribute = _COMMANDS[cmd_name].partition(":")
        command = getattr(importlib.import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{module}:{attribute} is not a command")
        return command


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start here: `newswatch init my-watch`, edit the two files it writes, `newswatch check-config`, then "
    "`newswatch once`. Exit codes: 0 done, 1 some feeds or deliveries failed, 2 wrong usage or configuration.",
)
@click.version_option(__version__, "--version", "-V", message="newswatch %(version)s")
@click.option("--verbose", "-v", count=True, help="Say more on stderr; twice for everything.")
def cli(verbose: int) -> None:
    """Follow running news events; be told once, with proof, when a story says something new."""
    level = (logging.WARNING, logging.INFO, logging.DEBUG)[min(verbose, 2)]
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    if verbose < 2:
        for chatty in ("httpx", "httpcore", "asyncio"):
            logging.getLogger(chatty).setLevel(logging.WARNING)
        # It warns of each tick that is skipped because the one before it still waits for the store: that is no fault,
        # since what is due is written in rows.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)


def main() -> NoReturn:
    """Run the command line; a user's mistake ends in a sentence, never in a traceback."""
    try:
        code = cli.main(standalone_mode=False, prog_name="newswatch")
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        code = EXIT_USAGE
    except click.ClickException as error:
        error.show()
        code = EXIT_USAGE
    except click.exceptions.Abort:
        click.echo("stopped", err=True)
        code = 130
    except ConfigError as error:
        show_problems(error.problems)
        code = EXIT_USAGE
    except NewswatchError as error:
        click.echo(f"newswatch: {error}", err=True)
        code = EXIT_FAILED
    except BrokenPipeError:
        # The reader of our pipe left (`| head`): nothing to say, and nowhere to say it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = EXIT_FAILED
    sys.exit(code if isinstance(code, int) else EXIT_DONE)


def show_problems(problems: tuple[Problem, ...]) -> None:
    """Print each mistake on a line of its own, then how many there are."""
    for problem in problems:
        click.echo(str(problem), err=True)
    count = len(problems)
    click.echo(f"newswatch: {count} mistake{'s' if count > 1 else ''} in the configuration; nothing was done", err=True)
