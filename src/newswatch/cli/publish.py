"""``newswatch publish``: the feeds of all events, by hand."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import click

from newswatch.app import App
from newswatch.cli import EXIT_DONE
from newswatch.cli.common import config_option, opened
from newswatch.config.load import Loaded, load_config


@click.command(epilog="\b\nExamples:\n  newswatch publish    write the feeds that changed, and name them\n")
@config_option
def publish(config: Path | None) -> int:
    """Write the feeds of what was told.

    Each event's developments become an Atom feed and a JSON Feed.

    `newswatch run` and `newswatch once` do so by themselves where `publish.folder` is set; this does it at once, and
    prints the files that were written: those that changed. It may run beside the service. Exit code 0: done. 1: a file
    or the store could not be used. 2: no folder is configured, or the configuration has mistakes.
    """
    loaded = load_config(config, os.environ)
    if loaded.published is None:
        raise click.UsageError(f"{loaded.path} has no publish.folder; write for example  publish: {{folder: feeds}}")
    for path in asyncio.run(_publish(loaded)):
        click.echo(str(path))
    return EXIT_DONE


async def _publish(loaded: Loaded) -> list[Path]:
    with opened(loaded) as store:
        async with App(loaded, store, environ=os.environ) as app:
            return await app.publish()
