"""``newswatch console``: the console alone, over a store that is there."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import click

from newswatch.cli import EXIT_DONE
from newswatch.cli.common import Moment, clock, config_option, opened
from newswatch.config.console import is_loopback, listen_address, split_listen
from newswatch.config.load import Loaded, load_config
from newswatch.config.settings import Console as ConsoleSettings
from newswatch.console import serve_alone


@click.command(
    epilog="\b\nExamples:\n"
    "  newswatch console                            as the configuration says, or at 127.0.0.1:8080\n"
    "  newswatch console --listen 127.0.0.1:9000    somewhere else on this machine\n"
)
@config_option
@click.option(
    "--now", "pretend", type=Moment(), metavar="TIME", help="Pretend that it is this time: to look at a recording."
)
@click.option("--listen", metavar="HOST:PORT", help="Where to listen, in place of the configured address.")
def console(config: Path | None, listen: str | None, pretend: datetime | None) -> int:
    """Serve the console alone, to look at a store.

    `newswatch run` serves it beside the service; this is for a store that nothing works with (a demo, a copy), or for a
    second look. It only reads: corrections and mutes go through the service's own console, or the command line.
    """
    loaded = _listening(load_config(config, os.environ), listen)
    settings = loaded.settings.console
    where = settings.listen if settings else ""
    with opened(loaded):  # made and brought to this version's schema, as every command does
        pass
    click.echo(f"the console is at http://{where}/; stop with Ctrl-C", err=True)
    asyncio.run(_serve(loaded, clock if pretend is None else lambda: pretend))
    return EXIT_DONE


def _listening(loaded: Loaded, listen: str | None) -> Loaded:
    """The configuration with a console, and at another address where one is given.

    Raises:
        click.UsageError: it is none, or would be open to everybody.
    """
    settings = loaded.settings.console or ConsoleSettings()
    if listen is not None:
        try:
            listen_address(listen)
        except ValueError as error:
            raise click.UsageError(f"--listen {listen!r} {error}") from None
        if not is_loopback(split_listen(listen)[0]) and not (settings.token_env or settings.token_file):
            raise click.UsageError(f"at {listen} others could read it: give the console a token (console.token_file)")
        settings = settings.model_copy(update={"listen": listen})
    return replace(loaded, settings=loaded.settings.model_copy(update={"console": settings}))


async def _serve(loaded: Loaded, now: Callable[[], datetime]) -> None:
    until = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, until.set)
    await serve_alone(loaded, clock=now, environ=os.environ, until=until)
