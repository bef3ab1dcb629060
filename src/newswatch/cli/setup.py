"""``newswatch init`` and ``newswatch check-config``."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from newswatch.cli import EXIT_DONE, EXIT_USAGE
from newswatch.cli.common import clock, config_option, json_option, plural
from newswatch.config.event import Event
from newswatch.config.load import find_config, usable
from newswatch.config.read import read_config
from newswatch.config.yamlfile import YamlFile
from newswatch.detect.topics import doubts
from newswatch.errors import Problem
from newswatch.scaffold import write_scaffold


@click.command(
    epilog="\b\nExamples:\n"
    "  newswatch init my-watch\n"
    "  newswatch check-config -c my-watch/newswatch.yaml\n"
    "  newswatch once -c my-watch/newswatch.yaml --dry-run\n"
)
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@click.option("--force", is_flag=True, help="Overwrite files that are there already.")
def init(folder: Path, force: bool) -> int:
    """Write a configuration and an event to start from.

    Both files are commented; they come into FOLDER (here, when left out) with the JSON Schemas by which editors
    complete and check them. Without --force, nothing that is there is overwritten.
    """
    for path in write_scaffold(folder, force=force):
        click.echo(str(path))
    where = folder / "newswatch.yaml"
    click.echo(
        f"Next: edit the event file, then  newswatch check-config -c {where}  and  newswatch once -c {where}", err=True
    )
    return EXIT_DONE


def _doubts(file: YamlFile, event: Event) -> Iterator[Problem]:
    """What reading alone cannot doubt: phrases need to be matched, and times the clock."""
    as_of = event.baseline.as_of
    if as_of is not None and as_of > clock():
        what = f"`as_of` {as_of:%Y-%m-%d %H:%M} lies in the future: until then every story is taken as known."
        yield Problem(file.where(("baseline", "as_of")), what, "Write when the baseline was written.", doubtful=True)
    for doubt in doubts(event):
        yield Problem(file.where(doubt.place), doubt.what, doubtful=True)


@click.command("check-config")
@config_option
@json_option
def check_config(config: Path | None, as_json: bool) -> int:
    """Say every mistake in the configuration at once.

    Each comes with its file, its line and what to write instead, event files included. What is merely doubtful is
    said too (marked "doubtful"): a phrase that never can match, an event without a feed. Exit code 0: usable, with or
    without doubts. 2: it has mistakes.
    """
    read = read_config(find_config(config, os.environ), os.environ)
    mistakes = read.mistakes
    found = (*read.doubts, *(problem for file, event in read.events for problem in _doubts(file, event)))
    if as_json:
        problems = [asdict(problem) for problem in (*mistakes, *found)]
        click.echo(json.dumps({"usable": not mistakes, "problems": problems}, ensure_ascii=False, indent=2))
        return EXIT_USAGE if mistakes else EXIT_DONE
    for problem in mistakes:
        click.echo(str(problem))
    for problem in found:
        click.echo(f"doubtful: {problem}")
    if mistakes:
        click.echo(f"{plural(len(mistakes), 'mistake')}; newswatch will not start with this", err=True)
        return EXIT_USAGE
    loaded = usable(read)
    summary = (
        f"{plural(len(loaded.events), 'event')}, {plural(len(loaded.feeds), 'feed')}, "
        f"{plural(len(loaded.channels), 'channel')}, {plural(len(loaded.recipients), 'recipient')}"
    )
    click.echo(f"usable: {summary}" + (f"; {plural(len(found), 'doubt')}" if found else ""), err=True)
    return EXIT_DONE
