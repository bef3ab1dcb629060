"""``newswatch replay``, ``decisions`` and ``explain``: what newswatch decides, and why."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click

from newswatch.cli import EXIT_DONE, EXIT_FAILED
from newswatch.cli.common import config_option, json_option, opened
from newswatch.config.load import load_config, load_event
from newswatch.model import Decision, Story
from newswatch.replay import read_stories
from newswatch.replay import replay as replay_stories


@click.command()
@click.argument("event", type=click.Path(path_type=Path), metavar="EVENT.yaml")
@click.argument("stories", type=click.Path(path_type=Path), metavar="STORIES.jsonl")
@click.option("--assume-relevant", is_flag=True, help="Take every story as being about the event.")
def replay(event: Path, stories: Path, assume_relevant: bool) -> int:
    """Run dated stories through the very decisions of the service, oldest first, and print one JSON object each.

    Try an event file, or a new keyword, on an archive before it goes live. Nothing is fetched, stored or sent; the
    clock is each story's "published". STORIES.jsonl holds one object a line with "id", "published" and, where known,
    "source", "lang", "url", "title", "text".
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


@click.command()
@config_option
@json_option
@click.option("--event", help="Only this event.")
@click.option("--told/--silent", "told", default=None, help="Only what was told, or only what stayed silent.")
@click.option("--limit", "-n", type=click.IntRange(1), default=50, show_default=True, help="How many, newest first.")
def decisions(config: Path | None, as_json: bool, event: str | None, told: bool | None, limit: int) -> int:
    """List what was decided about the stories of an event, silent ones too, newest first."""
    loaded = load_config(config, os.environ)
    with opened(loaded) as store:
        rows = store.recent_decisions(event=event, told=told, limit=limit)
    if as_json:
        click.echo(json.dumps([_as_dict(story, decision) for story, decision in rows], ensure_ascii=False, indent=2))
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


@click.command()
@click.argument("story")
@config_option
@json_option
def explain(story: str, config: Path | None, as_json: bool) -> int:
    """Show why a STORY (its id or its URL) was told or stayed silent: claims read, facts held against, reasons."""
    loaded = load_config(config, os.environ)
    with opened(loaded) as store:
        found = store.story(story) or store.story_by_url(story)
        rows = [(found, decision) for decision in store.decisions(found.story_id)] if found else []
    if not rows:
        click.echo(f"newswatch: no decision about {story!r}; `newswatch decisions` lists the stories", err=True)
        return EXIT_FAILED
    if as_json:
        click.echo(json.dumps([_as_dict(told, decision) for told, decision in rows], ensure_ascii=False, indent=2))
        return EXIT_DONE
    for told, decision in rows:
        click.echo(_explained(told, decision))
    return EXIT_DONE


def _explained(story: Story, decision: Decision) -> str:
    about = "about it" if decision.relevant else "not about it"
    lines = [
        story.title,
        f"{story.source}, {story.published:%Y-%m-%d %H:%M} UTC, revision {decision.revision}",
        story.url or "no link",
        f"event {decision.event}, {about}; {decision.severity.value}: {decision.reason}",
        *(f"  + {d.summary}  [{d.topic or 'no topic'}, {d.severity.value}: {d.reason}]" for d in decision.developments),
    ]
    for step in decision.trace:
        lines.append(f"  - {step.claim}: {step.outcome}, {step.reason}" + (f" ({step.against})" * bool(step.against)))
        lines.append(f"      “{step.sentence}”")
    return "\n".join(lines) + "\n"


def _as_dict(story: Story, decision: Decision) -> dict[str, object]:
    return {
        "story": story.story_id,
        "published": story.published.isoformat(),
        "source": story.source,
        "title": story.title,
        "url": story.url,
        "event": decision.event,
        "revision": decision.revision,
        "relevant": decision.relevant,
        "decision": decision.severity.value,
        "topics": list(decision.topics),
        "reason": decision.reason,
        "developments": [
            {
                "kind": d.kind,
                "outcome": d.outcome.value,
                "summary": d.summary,
                "topic": d.topic,
                "severity": d.severity.value,
                "evidence": list(d.evidence),
                "known_before": d.known_before,
                "reason": d.reason,
            }
            for d in decision.developments
        ],
        "trace": [
            {"claim": t.claim, "outcome": t.outcome, "against": t.against, "reason": t.reason, "sentence": t.sentence}
            for t in decision.trace
        ],
    }
