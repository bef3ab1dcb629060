"""``newswatch feedback``: what people said of decisions, as labelled data."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from newswatch.app import as_label
from newswatch.cli import EXIT_DONE
from newswatch.cli.common import at, config_option, opened, plural
from newswatch.config.load import load_config


@click.group(short_help="What people said of what was told.")
def feedback() -> None:
    """What people said of what was told, with the console's buttons: not new, wrong, mute.

    Each is kept with the story and the decision as they were, so that it outlives their retention: labelled data to
    judge the judge by, or to train it with.
    """


@feedback.command("list")
@config_option
def list_feedback(config: Path | None) -> int:
    """List what was said, newest first: when, what, by whom, of which development, and the story's id."""
    with opened(load_config(config, os.environ)) as store:
        found = store.feedback()
    for one in reversed(found):
        told = next(
            (d.summary for d in one.decision.developments if d.development_id == one.development_id), one.story.title
        )
        note = f" ({one.note})" if one.note else ""
        click.echo(f"{at(one.made)}  {one.label.value:<7}  {one.made_by}: {told}{note}  [{one.story.story_id}]")
    if not found:
        click.echo("nothing was said yet; the buttons are on the console's story pages", err=True)
    return EXIT_DONE


@feedback.command(epilog="\b\nExamples:\n  newswatch feedback export > labels.jsonl\n")
@config_option
def export(config: Path | None) -> int:
    """Print what was said as JSON Lines, oldest first.

    An object a line: label, by, when, note, the version and a print of the weights that decided, the event, the
    development, the story with its text, and the decision with all its developments.
    """
    with opened(load_config(config, os.environ)) as store:
        found = store.feedback()
    for one in found:
        click.echo(json.dumps(as_label(one), ensure_ascii=False))
    click.echo(f"{plural(len(found), 'label')}", err=True)
    return EXIT_DONE
