"""``newswatch replay``, ``decisions`` and ``explain``: what newswatch decides, and why."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import click

from newswatch.cli import EXIT_DONE
from newswatch.cli.common import columns, config_option, json_option, opened
from newswatch.cli.explained import as_dict, explained
from newswatch.config.load import load_config, load_event
from newswatch.detect.corrections import standing
from newswatch.detect.stories import canonical_url
from newswatch.errors import NewswatchError
from newswatch.model import Decision, Fact, Story
from newswatch.replay import read_stories
from newswatch.replay import replay as replay_stories
from newswatch.store import Store
from newswatch.text import fold

MOST_NAMED = 10


@click.command(
    epilog="\b\nExamples:\n"
    "  newswatch replay flood.yaml archive.jsonl > decided.jsonl\n"
    "  newswatch replay flood.yaml archive.jsonl | jq '.developments[].summary'      what would be told\n"
)
@click.argument("event", type=click.Path(path_type=Path), metavar="EVENT.yaml")
@click.argument("stories", type=click.Path(path_type=Path), metavar="STORIES.jsonl")
@click.option("--assume-relevant", is_flag=True, help="Take every story as being about the event.")
def replay(event: Path, stories: Path, assume_relevant: bool) -> int:
    """Try an event file on an archive of stories.

    Runs dated stories through the very decisions of the service, oldest first, and prints one JSON object each:
    what an event file, or a new keyword, does before it goes live. Nothing is fetched, stored or sent; the clock is
    each story's "published". STORIES.jsonl holds one object a line with "id", "published" and, where known, "source",
    "lang", "url", "title", "text".
    """
    settings = load_event(event)
    archive = read_stories(stories)
    with click.progressbar(
        replay_stories(settings, archive, assume_relevant=assume_relevant),
        length=len(archive),
        label="replaying",
        file=sys.stderr,
        hidden=not sys.stderr.isatty(),
    ) as lines:
        for line in lines:
            click.echo(json.dumps(line, ensure_ascii=False))
    return EXIT_DONE


@click.command(
    epilog="\b\nExamples:\n"
    "  newswatch decisions --silent -n 20      the last twenty that stayed silent, and why\n"
    "  newswatch decisions --event flood --told --json\n"
)
@config_option
@json_option
@click.option("--event", help="Only this event.")
@click.option("--told/--silent", "told", default=None, help="Only what was told, or only what stayed silent.")
@click.option("--limit", "-n", type=click.IntRange(1), default=50, show_default=True, help="How many, newest first.")
def decisions(config: Path | None, as_json: bool, event: str | None, told: bool | None, limit: int) -> int:
    """List what was decided, newest first.

    Every story that was judged stands there with its decision and the reason, those about which it stayed silent too.
    """
    loaded = load_config(config, os.environ)
    with opened(loaded) as store:
        rows = store.recent_decisions(event=event, told=told, limit=limit)
    if as_json:
        click.echo(json.dumps([as_dict(story, decision) for story, decision in rows], ensure_ascii=False, indent=2))
        return EXIT_DONE
    for story, decision in rows:
        mark = {"alert": "ALERT ", "digest": "digest", "silent": "silent"}[decision.severity.value]
        click.echo(f"{mark}  {story.published:%Y-%m-%d %H:%M}  {story.source}: {story.title}  [{story.story_id}]")
        for development in decision.developments:
            click.echo(f"          + {development.summary}")
        if not decision.developments:
            click.echo(f"          {decision.reason}")
    if not rows:
        click.echo("no decisions yet; run `newswatch once` first", err=True)
    return EXIT_DONE


@click.command(
    epilog="\b\nExamples:\n"
    '  newswatch explain "toll rises"                         a piece of the title\n'
    "  newswatch explain https://wire.example.org/flood/2     as copied from the alert\n"
)
@click.argument("story")
@config_option
@json_option
def explain(story: str, config: Path | None, as_json: bool) -> int:
    """Show why a story was told or stayed silent.

    Shows each sentence, the claims read of it, and the facts they were held against. STORY is a story's id, its
    address (tracking parameters do not matter), or a piece of its title that no other has. A story that was edited,
    or that is read for several events, has several decisions, oldest first.
    """
    loaded = load_config(config, os.environ)
    with opened(loaded) as store:
        found = named(store, story)
        decisions = store.decisions(found.story_id)
        facts = {decision.event: _facts(store, decision) for decision in decisions}
    if not decisions:
        raise NewswatchError(f"no decision about “{found.title}” is kept any more; `retention` says for how long")
    if as_json:
        rows = [as_dict(found, decision, facts[decision.event]) for decision in decisions]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return EXIT_DONE
    for decision in decisions:
        click.echo(explained(found, decision, facts[decision.event], columns()))
    return EXIT_DONE


def named(store: Store, name: str) -> Story:
    """The story of an id, an address or a piece of a title.

    Raises:
        NewswatchError: there is none, or there are several; those are named.
    """
    story = store.story(name) or store.story_by_url(name) or store.story_by_url(canonical_url(name))
    if story is not None:
        return story
    piece = fold(name).strip()
    titled = [(story_id, title) for story_id, title in store.decided_titles() if piece and piece in fold(title)]
    if not titled:
        raise NewswatchError(f"no decision about {name!r}; `newswatch decisions` lists the stories")
    if len(titled) > 1:
        some = "\n".join(f"  {story_id}  {title}" for story_id, title in titled[:MOST_NAMED])
        more = f"\n  … and {len(titled) - MOST_NAMED} more" if len(titled) > MOST_NAMED else ""
        raise NewswatchError(f"{len(titled)} stories have {name!r} in their titles; name one by its id:\n{some}{more}")
    story = store.story(titled[0][0])
    if story is None:
        raise NewswatchError(f"no decision about {name!r}; `newswatch decisions` lists the stories")
    return story


def _facts(store: Store, decision: Decision) -> dict[str, Fact]:
    """What a decision's claims were held against, with what is held of it by now."""
    event = decision.event
    held = standing(store.facts(event), store.marks(event), store.corrections(event))
    found = store.facts_by_id(event, _held_against(decision))
    return {fact_id: replace(fact, status=held.get(fact_id, fact.status)) for fact_id, fact in found.items()}


def _held_against(decision: Decision) -> list[str]:
    ids = [line.against for line in decision.trace] + [development.against for development in decision.developments]
    return [fact_id for fact_id in ids if fact_id]
