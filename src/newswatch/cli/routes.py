"""``newswatch routes``: who is told of what, read aloud; and who would be told of a development, before it comes."""

from __future__ import annotations

import json
import os
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click

from newswatch.alerting import policy
from newswatch.alerting.aloud import listed, sentences, short
from newswatch.alerting.release import GROUPING
from newswatch.cli import EXIT_DONE
from newswatch.cli.common import Moment, at, chosen_events, clock, columns, config_option, json_option, opened
from newswatch.cli.judge import named
from newswatch.config.event import Event
from newswatch.config.load import Loaded, load_config
from newswatch.errors import NewswatchError
from newswatch.model import AlertItem, Development, Outcome, Severity, Story, make_id
from newswatch.store import Store


@click.group(short_help="Say who is told of what; try it on a development.")
def routes() -> None:
    """Who is told of what, over which channels, when at once and when later."""


@routes.command()
@config_option
@json_option
def show(config: Path | None, as_json: bool) -> int:
    """Read the routes aloud: each recipient of the configuration in a few sentences, with every default filled in."""
    loaded = load_config(config, os.environ)
    if as_json:
        value = [recipient.model_dump(mode="json", by_alias=True) for recipient in loaded.recipients]
        click.echo(json.dumps(value, ensure_ascii=False, indent=2))
        return EXIT_DONE
    for recipient in loaded.recipients:
        text = " ".join(sentences(recipient))
        click.echo(textwrap.fill(text, columns(), initial_indent=f"{recipient.id}: ", subsequent_indent="  "))
    return EXIT_DONE


@dataclass(frozen=True)
class _Case:
    """A development (or all of one story's) for which it is asked who would be told."""

    event: Event
    items: tuple[AlertItem, ...]
    title: str


@routes.command(
    epilog="\b\nExamples:\n"
    "  newswatch routes test --event flood --topic tolls --severity alert --at 2031-03-02T23:30:00+01:00\n"
    "  newswatch routes test sty_0123456789abcdef0123      as if that story came now\n"
)
@click.argument("story", required=False)
@config_option
@json_option
@click.option("--event", help="The event that a development is thought up for; the only one when left out.")
@click.option("--topic", default="", help="Its topic; none when left out.")
@click.option(
    "--severity",
    type=click.Choice([s.value for s in Severity]),
    help="Its severity; the topic's when left out, `alert` without a topic.",
)
@click.option("--at", "moment", type=Moment(), metavar="TIME", help="When it would come; now when left out.")
def test(
    story: str | None,
    config: Path | None,
    as_json: bool,
    event: str | None,
    topic: str,
    severity: str | None,
    moment: datetime | None,
) -> int:
    """Say who would be told of a development, when and why, before anything is sent.

    Asks the very decisions of the service, with the mutes that hold and the alerts that were told of late, for one
    development that is thought up by --event, --topic and --severity, or for what STORY told (its id, its address or a
    piece of its title). Nothing is stored or sent.
    """
    loaded = load_config(config, os.environ)
    now = moment or clock()
    with opened(loaded) as store:
        cases = _told_by(loaded, store, story) if story else (_thought_up(loaded, event, topic, severity, now),)
        found = [(case, _previews(loaded, store, case, now)) for case in cases]
    if as_json:
        click.echo(
            json.dumps([_as_dict(case, previews, now) for case, previews in found], ensure_ascii=False, indent=2)
        )
        return EXIT_DONE
    for case, previews in found:
        click.echo(f"{case.title}, at {at(now)}:\n")
        width = max(len(preview.recipient.id) for preview in previews) + 2
        for preview in previews:
            click.echo("\n".join(_lines(preview, width, several=len(case.items) > 1)))
    return EXIT_DONE


def _thought_up(loaded: Loaded, name: str | None, topic_id: str, severity: str | None, now: datetime) -> _Case:
    events = chosen_events(loaded, name)
    if len(events) > 1:
        raise click.UsageError(f"say which event: --event {' or --event '.join(event.event for event in events)}")
    event = events[0]
    topic = next((topic for topic in event.topics if topic.id == topic_id), None)
    if topic_id and topic is None:
        known = ", ".join(topic.id for topic in event.topics) or "none"
        raise click.UsageError(f"event {event.event} has no topic {topic_id!r}; it has: {known}")
    level = Severity(severity or (topic.severity if topic else "alert"))
    story = Story(make_id("sty", "routes test"), "", "a development", "", "", "", now, now)
    development = Development(
        make_id("dev", "routes test"), event.event, story.story_id, "happening", Outcome.NEW, "a development", topic_id,
        level, ("a development",),
    )  # fmt: skip
    about = f"topic {topic_id}" if topic_id else "no topic"
    title = f"A development of {event.event}, {about}, severity {level.value}"
    return _Case(event, (AlertItem(development, story, (), event.title, topic_id),), title)


def _told_by(loaded: Loaded, store: Store, name: str) -> tuple[_Case, ...]:
    story = named(store, name)
    events = {event.event: event for event in loaded.events}
    newest = {decision.event: decision for decision in store.decisions(story.story_id) if decision.developments}
    cases = []
    for decision in newest.values():
        event = events.get(decision.event)
        if event is not None:
            items = tuple(AlertItem(d, story, (), event.title, d.topic) for d in decision.developments)
            cases.append(_Case(event, items, f"“{story.title}” for {event.event}"))
    if not cases:
        raise NewswatchError(f"“{story.title}” told nothing; `newswatch explain {story.story_id}` says why")
    return tuple(cases)


def _previews(loaded: Loaded, store: Store, case: _Case, now: datetime) -> list[policy.Preview]:
    mutes = store.mutes(now)
    found: list[policy.Preview] = []
    for recipient in loaded.recipients:
        rate = recipient.at_most
        told_at = store.told_at(recipient.id, now - rate.per) if rate else ()
        found += policy.preview(
            case.items, recipient, event=case.event.event,
            told_at=[moment for moment in told_at if moment <= now], mutes=mutes, now=now,
        )  # fmt: skip
    return found


def _when(preview: policy.Preview) -> str:
    """``at once``, ``at Fri 9 Aug 2019, 07:00 UTC+6``, ``in the digest of …`` or ``not at all``."""
    zone = preview.recipient.timezone
    over = f", over {listed(preview.recipient.channels)}"
    if preview.told is policy.Told.NOT or preview.at is None:
        return preview.told.value
    if preview.told is policy.Told.DIGEST:
        return f"in the digest of {at(preview.at, zone)}{over}"
    later = [step for step in preview.steps if step.why != GROUPING]
    return (f"later, at {at(preview.at, zone)}" if later else "at once") + over


def _lines(preview: policy.Preview, width: int, *, several: bool) -> Iterator[str]:
    zone = preview.recipient.timezone
    yield f"{preview.recipient.id:<{width}}{_when(preview)}"
    told: list[str] = []
    for verdict in preview.verdicts:
        what = f"“{verdict.development.summary}”: " if several else ""
        told.append(f"{what}{verdict.why}")
    for step in preview.steps:
        until = f"{at(step.until, zone)}" if step.why != GROUPING else f"{short(preview.recipient.group_wait)} later"
        told.append(f"waits until {until}: {step.why}")
    if preview.escalates is not None and preview.recipient.escalate is not None:
        told.append(
            f"unless it is acknowledged by {at(preview.escalates, zone)}, {preview.recipient.escalate.to} is told"
        )
    for line in told:
        indent = " " * width
        yield textwrap.fill(line, columns(), initial_indent=indent, subsequent_indent=indent + "  ")


def _as_dict(case: _Case, previews: Sequence[policy.Preview], now: datetime) -> dict[str, object]:
    def iso(moment: datetime | None) -> str | None:
        return None if moment is None else moment.isoformat()

    return {
        "event": case.event.event,
        "at": iso(now),
        "recipients": [
            {
                "recipient": preview.recipient.id,
                "told": preview.told.value,
                "at": iso(preview.at),
                "channels": list(preview.recipient.channels) if preview.at else [],
                "waits": [{"why": step.why, "until": iso(step.until)} for step in preview.steps],
                "developments": [
                    {"summary": v.development.summary, "topic": v.development.topic,
                     "severity": v.development.severity.value, "why": v.why}
                    for v in preview.verdicts
                ],
                "escalates": None if preview.escalates is None or preview.recipient.escalate is None
                else {"to": preview.recipient.escalate.to, "at": iso(preview.escalates)},
            }
            for preview in previews
        ],
    }  # fmt: skip
