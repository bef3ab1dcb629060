"""``newswatch baseline``: what is known of an event, from its start on."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from newswatch.cli import EXIT_DONE
from newswatch.cli.common import chosen_events, clock, columns, config_option, json_option, opened
from newswatch.cli.known import WIDTH, as_dict, as_text, known
from newswatch.config.load import load_config


@click.group()
def baseline() -> None:
    """What is known of an event: draft it from articles, and show how the ledger has grown since."""


@baseline.command()
@config_option
@json_option
@click.option("--event", help="Only this event.")
@click.option("--all", "everything", is_flag=True, help="Every claim of every sentence, with its id.")
def show(config: Path | None, as_json: bool, event: str | None, everything: bool) -> int:
    """Print the ledger: what is known, since when, from whom, from how many independent origins, told or absorbed.

    First what the event file states, then what was learned since, newest last; each part by kind: figures, happenings,
    statements. Without --all each sentence stands there once, and each number once.
    """
    loaded = load_config(config, os.environ)
    events = chosen_events(loaded, event)
    with opened(loaded) as store:
        ledgers = [(one, known(store, one, clock())) for one in events]
    if as_json:
        value = [
            {"event": one.event, "title": one.title, "facts": [as_dict(fact) for fact in facts]}
            for one, facts in ledgers
        ]  # fmt: skip
        click.echo(json.dumps(value, ensure_ascii=False, indent=2))
        return EXIT_DONE
    width = min(columns(), WIDTH)
    click.echo("\n\n".join(as_text(one, facts, everything=everything, width=width) for one, facts in ledgers))
    return EXIT_DONE
