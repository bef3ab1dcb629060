"""``newswatch mute``, ``unmute``, ``mutes`` and ``ack``: a person says what they do not want to hear, or have seen."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import click

from newswatch.alerting import policy
from newswatch.alerting.mutes import scope
from newswatch.app import handling
from newswatch.cli import EXIT_DONE
from newswatch.cli.common import Length, at, clock, config_option, json_option, opened, plural, who
from newswatch.config.load import Loaded, load_config
from newswatch.errors import NewswatchError
from newswatch.model import Alert
from newswatch.store import Acknowledged, Store

_RECENT = timedelta(days=7)
_FEWEST = 4
"""Letters of an id that are taken for more than a slip."""

recipient_option = click.option("--recipient", "-r", default="", help="Only for this recipient; for all when left out.")


@click.command(
    epilog="\b\nExamples:\n"
    "  newswatch mute flood --for 2h                        all of an event\n"
    '  newswatch mute flood/tolls --for 1d --why "seen it"  one of its topics\n'
    "  newswatch mute tolls --for 30m --recipient desk      a topic of any event, for one recipient\n"
    "  newswatch mute --recipient desk --for 8h             everything for one recipient\n"
)
@click.argument("name", required=False, metavar="[EVENT|EVENT/TOPIC|TOPIC]")
@click.option("--for", "length", type=Length(), required=True, help="How long: 30m, 2h, 1d.")
@click.option("--why", default="", help="Why, for the others.")
@recipient_option
@config_option
def mute(name: str | None, length: timedelta, why: str, recipient: str, config: Path | None) -> int:
    """Tell nothing of an event or topic at once for a while.

    What comes meanwhile is not dropped: it goes into the digest. A recipient without a digest is told when the mute
    ends. A service that runs follows at its next tick.
    """
    loaded = load_config(config, os.environ)
    event, topic = _meant(loaded, name or "", recipient)
    with opened(loaded) as store:
        made = handling.mute(store, event, topic, recipient, length=length, now=clock(), by=who(), why=why)
    click.echo(f"{scope(made)} is muted until {at(made.until)}; what comes meanwhile goes into the digest")
    waiting = [r.id for r in loaded.recipients if r.digest is None and recipient in {"", r.id}]
    if waiting:
        have = "have" if len(waiting) > 1 else "has"
        click.echo(f"{', '.join(waiting)} {have} no digest: what comes is told at the end of the mute", err=True)
    return EXIT_DONE


def _meant(loaded: Loaded, name: str, recipient: str) -> tuple[str, str]:
    """The event and the topic that a name stands for, each empty for all.

    Raises:
        click.UsageError: it stands for nothing, or for two things.
    """
    if recipient and recipient not in {r.id for r in loaded.recipients}:
        known = ", ".join(r.id for r in loaded.recipients)
        raise click.UsageError(f"no recipient is called {recipient!r}; configured: {known}")
    if not name:
        if not recipient:
            raise click.UsageError("say what: EVENT, EVENT/TOPIC or TOPIC; or for whom: --recipient")
        return "", ""
    events = {event.event: {topic.id for topic in event.topics} for event in loaded.events}
    topics = sorted(set().union(*events.values()))
    event, slash, topic = name.partition("/")
    if slash:
        if topic in events.get(event, ()):
            return event, topic
    elif name in events and name in topics:
        homes = " or ".join(f"{one}/{name}" for one, those in events.items() if name in those)
        raise click.UsageError(f"{name!r} is an event and a topic; for the topic write {homes}")
    elif name in events:
        return name, ""
    elif name in topics:
        return "", name
    what = f"events {', '.join(events) or 'none'}; topics {', '.join(topics) or 'none'}"
    raise click.UsageError(f"no event or topic is called {name!r}; there are: {what}")


@click.command(epilog="\b\nExamples:\n  newswatch unmute flood/tolls\n  newswatch unmute --all\n")
@click.argument("name", required=False, metavar="[MUTE|EVENT|EVENT/TOPIC|TOPIC]")
@click.option("--all", "everything", is_flag=True, help="End every mute.")
@recipient_option
@config_option
def unmute(name: str | None, everything: bool, recipient: str, config: Path | None) -> int:
    """End mutes before their time.

    Ends those of exactly this event or topic, or the one with this id (`newswatch mutes` lists them). What went into
    the digest meanwhile stays there.
    """
    loaded = load_config(config, os.environ)
    with opened(loaded) as store:
        mutes = store.mutes(clock())
        ending = [m for m in mutes if everything or (name and m.mute_id.startswith(name) and len(name) >= _FEWEST)]
        if not ending:
            event, topic = _meant(loaded, name or "", recipient)
            ending = [m for m in mutes if (m.event, m.topic, m.recipient) == (event, topic, recipient)]
        if not ending:
            there = ", ".join(scope(m) for m in mutes) or "nothing is muted"
            raise NewswatchError(f"no such mute; `newswatch mutes` lists them ({there})")
        with store.transaction() as tx:
            for one in ending:
                tx.end_mute(one.mute_id, clock(), who())
    for one in ending:
        click.echo(f"{scope(one)} is told at once again")
    return EXIT_DONE


@click.command()
@config_option
@json_option
def mutes(config: Path | None, as_json: bool) -> int:
    """List what is muted now.

    Says of each what it is about, for whom, until when, by whom and why; the one that ends first comes first.
    """
    with opened(load_config(config, os.environ)) as store:
        found = store.mutes(clock())
    if as_json:
        rows = [asdict(m) | {"until": m.until.isoformat(), "made": m.made.isoformat()} for m in found]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return EXIT_DONE
    for one in found:
        why = f": {one.why}" if one.why else ""
        click.echo(f"{scope(one)}  until {at(one.until)}, by {one.made_by}{why}  [{one.mute_id}]")
    if not found:
        click.echo("nothing is muted", err=True)
    return EXIT_DONE


@click.command(
    epilog="\b\nExamples:\n  newswatch ack                 which urgent alerts nobody has acknowledged yet\n"
    "  newswatch ack alr_0123abcd    the id stands at the foot of the alert; its beginning is enough\n"
)
@click.argument("alert", required=False)
@click.option("--note", default="", help="What is done about it, for the others.")
@config_option
@json_option
def ack(alert: str | None, note: str, config: Path | None, as_json: bool) -> int:
    """Acknowledge an alert, so that it is not escalated.

    Without an ALERT, lists the urgent ones that wait for it. ALERT is an alert's id or its beginning. Acknowledging an
    escalated alert acknowledges the first one too.
    """
    loaded = load_config(config, os.environ)
    with opened(loaded) as store:
        if not alert:
            return _unacknowledged(store, as_json=as_json)
        found = _alert(store, alert)
        before = handling.acknowledge(store, found, now=clock(), by=who(), note=note)
    return _acknowledged(found, before, as_json=as_json)


def _acknowledged(alert: Alert, before: Acknowledged | None, *, as_json: bool) -> int:
    what = f"“{alert.items[0].development.summary}” ({alert.event}, told to {alert.recipient} {at(alert.created)})"
    if as_json:
        value = {"alert": alert.alert_id, "already": before is not None}
        click.echo(json.dumps(value, indent=2))
    elif before is not None:
        click.echo(f"already acknowledged by {before.made_by} {at(before.made)}: {what}", err=True)
    else:
        click.echo(f"acknowledged: {what}")
    return EXIT_DONE


def _unacknowledged(store: Store, *, as_json: bool) -> int:
    found = [
        alert
        for alert, seen in store.recent_alerts(clock() - _RECENT)
        if seen is None and not alert.origin and policy.urgent(alert)
    ]
    if as_json:
        rows = [
            {
                "alert": one.alert_id, "event": one.event, "recipient": one.recipient,
                "created": one.created.isoformat(), "summary": one.items[0].development.summary,
            }
            for one in found
        ]  # fmt: skip
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return EXIT_DONE
    for one in found:
        click.echo(f"{one.alert_id}  {at(one.created)}  {one.recipient}  {one.items[0].development.summary}")
    click.echo(f"{plural(len(found), 'urgent alert')} of the last week not acknowledged", err=True)
    return EXIT_DONE


def _alert(store: Store, name: str) -> Alert:
    """The alert whose id is given, whole or by its unique beginning, with or without ``alr_``.

    Raises:
        NewswatchError: none is, or several are.
    """
    beginning = name if name.startswith("alr_") else f"alr_{name}"
    found: Sequence[Alert] = store.alerts_like(beginning) if len(beginning) >= len("alr_") + _FEWEST else ()
    if not found:
        raise NewswatchError(f"no alert {name!r}; its id stands at its foot, and `newswatch ack` lists those that wait")
    if len(found) > 1:
        some = ", ".join(sorted(one.alert_id for one in found)[:5])
        raise NewswatchError(f"{name!r} begins several ids ({some}); write more of it")
    return found[0]
