"""``newswatch init`` and ``newswatch check-config``."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import click

from newswatch.alerting.render import mistakes_of_template
from newswatch.app import disabled_words
from newswatch.cli import EXIT_DONE, EXIT_USAGE
from newswatch.cli.common import clock, config_option, json_option, plural
from newswatch.config.event import Event
from newswatch.config.hooks import TEMPLATE
from newswatch.config.load import Loaded, find_config, usable
from newswatch.config.read import read_config
from newswatch.config.settings import WebhookChannel
from newswatch.config.yamlfile import YamlFile, read_yaml
from newswatch.detect.topics import doubts
from newswatch.errors import Problem, StoreError
from newswatch.scaffold import write_scaffold
from newswatch.store import peek_disabled


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


def _broken_templates(loaded: Loaded) -> Iterator[Problem]:
    """The user's JSON templates that channels use, each tried with samples."""
    forms = {channel.format for channel in loaded.channels.values() if isinstance(channel, WebhookChannel)}
    for form in sorted(forms):
        folder = loaded.templates
        if folder is None or not (folder / TEMPLATE.format(form)).is_file():
            continue
        for mistake in mistakes_of_template(folder, form, now=clock()):
            line = "" if mistake.line is None else f":{mistake.line}"
            yield Problem(
                f"{folder / mistake.file}{line}", f"{mistake.what}.", "docs/webhooks.md names what it may use."
            )


def _disabled(loaded: Loaded) -> Iterator[Problem]:
    """Channels over which nothing is sent; a store that is not there, or cannot be read now, names none."""
    with suppress(StoreError):
        for gone in peek_disabled(loaded.settings.store.url, base=loaded.base):
            if gone.name in loaded.settings.channels:
                where = read_yaml(loaded.path).where(("channels", gone.name))
                yield Problem(where, f"channel `{gone.name}` {disabled_words(gone)}.", doubtful=True)


@click.command("check-config")
@config_option
@json_option
def check_config(config: Path | None, as_json: bool) -> int:
    """Say every mistake in the configuration at once.

    Each comes with its file, its line and what to write instead, event files included. What is merely doubtful is
    said too (marked "doubtful"): a phrase that never can match, an event without a feed, a channel that is disabled
    since its receiver wants no more messages. Your own JSON templates are tried with a sample. Exit code 0: usable,
    with or without doubts. 2: it has mistakes.
    """
    read = read_config(find_config(config, os.environ), os.environ)
    mistakes = read.mistakes
    found = [*read.doubts, *(problem for file, event in read.events for problem in _doubts(file, event))]
    if not mistakes:
        mistakes = tuple(_broken_templates(usable(read)))
        found += _disabled(usable(read))
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
