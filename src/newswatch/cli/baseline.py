"""``newswatch baseline``: what is known of an event, from its start on."""

from __future__ import annotations

import asyncio
import json
import os
import re
from pathlib import Path

import click

from newswatch.cli import EXIT_DONE
from newswatch.cli.common import chosen_events, clock, columns, config_option, json_option, opened, plural
from newswatch.cli.known import WIDTH, as_dict, as_text, known
from newswatch.config.load import find_config, load_config
from newswatch.config.settings import Polling
from newswatch.drafting import draft, event_file, is_address, read_articles
from newswatch.errors import ConfigError, NewswatchError
from newswatch.feeds.text import one_line

IDENTIFIER = r"[a-z0-9][a-z0-9_-]{0,63}"


@click.group(short_help="Draft what is known of an event; show the ledger.")
def baseline() -> None:
    """What is known of an event: draft it from articles, and show how the ledger has grown since."""


@baseline.command("draft")
@click.argument("articles", nargs=-1, required=True, metavar="ARTICLE...")
@click.option("--event", default="", help="The event's short name; made of its first name when left out.")
@click.option("--title", default="", help="The event's title; the first article's when left out.")
@click.option("--output", "-o", type=click.Path(path_type=Path), metavar="FILE", help="Write here, not to stdout.")
@config_option
def draft_command(articles: tuple[str, ...], event: str, title: str, output: Path | None, config: Path | None) -> int:
    """Draft an event file from articles: what it is about, what is known, who takes part, which topics matter.

    ARTICLE is a file (plain text or a saved web page) or an http(s) address. Everything in the draft is a guess to be
    edited: its comments say what was guessed how. Addresses are fetched as feeds are: with the limits of `polling:` in
    newswatch.yaml, where there is one, and from public addresses only unless it allows others.
    """
    if event and not re.fullmatch(IDENTIFIER, event):
        raise click.BadParameter(
            f"{event!r} is not a short name; write small letters, digits, - and _, such as flood-2031",
            param_hint="--event",
        )
    if output is not None and (output.exists() or output.is_symlink()):
        raise NewswatchError(f"{output} is there already, and may have been edited; name another file")
    read = asyncio.run(read_articles(articles, _polling(articles, config)))
    drafted = draft(read, event=event, title=one_line(title), now=clock())
    text = event_file(drafted)
    if output is None:
        click.echo(text, nl=False)
    else:
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            raise NewswatchError(f"{output} cannot be written: {error.strerror}; name another file") from error
    found = f"{plural(len(drafted.facts), 'fact')}, {plural(len(drafted.entities), 'name')}"
    where = f"{output}: " if output else ""
    click.echo(f"{where}{found}; correct what is guessed, then run  newswatch check-config", err=True)
    return EXIT_DONE


def _polling(articles: tuple[str, ...], config: Path | None) -> Polling:
    """The limits for fetching: the configuration's, or the usual ones where there is none."""
    if not any(is_address(name) for name in articles):
        return Polling()
    if config is None:
        try:
            config = find_config(None, os.environ)
        except ConfigError:
            return Polling()
    return load_config(config, os.environ).polling(os.environ)


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
