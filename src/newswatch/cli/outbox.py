"""``newswatch deliveries``, ``retry`` and ``drop``: a person looks into the outbox, and puts it right."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path

import click

from newswatch.alerting import outages
from newswatch.app import handling
from newswatch.cli import EXIT_DONE, EXIT_FAILED
from newswatch.cli.common import Length, at, clock, config_option, json_option, opened, plural, who
from newswatch.config.load import Loaded, load_config
from newswatch.errors import NewswatchError
from newswatch.model import Delivery, DeliveryState, Handling, Outage
from newswatch.store import Asked, Store

_FEWEST = 4
"""Letters of an id that are taken for more than a slip."""
_PREFIX = "dlv_"

channel_option = click.option("--channel", default="", metavar="CHANNEL", help="Only over this channel.")


@click.command(
    epilog="\b\nExamples:\n"
    "  newswatch deliveries --failed              what was given up, and why\n"
    "  newswatch deliveries --due --channel mail  what waits for a channel, and until when\n"
    "  newswatch deliveries --since 2d --json     all of two days, for another program\n"
)
@click.option("--due", is_flag=True, help="What is still to be sent.")
@click.option("--sent", is_flag=True, help="What was accepted by its receiver.")
@click.option("--failed", is_flag=True, help="What was given up.")
@click.option("--dropped", is_flag=True, help="What a person dropped.")
@channel_option
@click.option("--recipient", "-r", default="", help="Only for this recipient.")
@click.option("--since", type=Length(), default=None, help="Only what was made in this time: 12h, 2d.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="At most so many, the newest.")
@config_option
@json_option
def deliveries(
    due: bool,
    sent: bool,
    failed: bool,
    dropped: bool,
    channel: str,
    recipient: str,
    since: timedelta | None,
    limit: int,
    config: Path | None,
    as_json: bool,
) -> int:
    """List the outbox: messages, and how each stands.

    Newest first, each with its channel and recipient.

    A delivery is `due` until its receiver accepts it (`sent`), it is given up (`failed`: refused for good, or tried
    ten times over three days), or a person drops it (`dropped`). Several of --due, --sent, --failed and --dropped may
    be given; without any, all are listed.
    """
    loaded, now = load_config(config, os.environ), clock()
    wanted = zip(DeliveryState, (due, sent, failed, dropped), strict=True)
    asked = Asked(
        tuple(state for state, want in wanted if want),
        channel,
        recipient,
        None if since is None else now - since,
        limit + 1,
    )
    with opened(loaded) as store:
        found = store.deliveries(asked)
        more, found = len(found) > limit, found[:limit]
        handled = store.handlings([one.delivery_id for one in found])
        dead = tuple(outages.broken(store.outages(), dead_after=loaded.settings.dead_after, now=now))
    if as_json:
        click.echo(json.dumps([_row(d, handled.get(d.delivery_id, ())) for d in found], ensure_ascii=False, indent=2))
    else:
        for one in found:
            click.echo("\n".join(_lines(one, handled.get(one.delivery_id, ()), now)))
    _say_counts(found, more=more, limit=limit)
    _say_outages(loaded, dead)
    return EXIT_DONE


def _lines(delivery: Delivery, handled: Sequence[Handling], now: datetime) -> list[str]:
    alert = delivery.alert
    summary = alert.items[0].development.summary if alert.items else "nothing happened"
    what = f"digest ({plural(len(alert.items), 'development')})" if alert.digest else summary
    lines = [f"{delivery.delivery_id}  {delivery.state.value:<7}  {delivery.channel} → {alert.recipient}  {what}"]
    lines.append(f"    {_standing(delivery, handled, now)}")
    if delivery.last_error and delivery.state is not DeliveryState.SENT:
        lines.append(f"    {delivery.last_error}")
    lines += [f"    refused for good: {one.address} ({one.answer})" for one in delivery.refused]
    return lines


def _standing(delivery: Delivery, handled: Sequence[Handling], now: datetime) -> str:
    made = f"made {at(delivery.created)}"
    tried = {0: "not tried yet", 1: "tried once"}.get(delivery.attempts, f"tried {delivery.attempts} times")
    match delivery.state:
        case DeliveryState.SENT:
            return f"{made}; accepted {at(delivery.sent_at or now)}, {tried}"
        case DeliveryState.DUE if delivery.next_due is not None and delivery.next_due > now:
            return f"{made}; {tried}, again {at(delivery.next_due)}"
        case DeliveryState.DUE:
            return f"{made}; {tried}, due now"
        case DeliveryState.DROPPED:
            last = handled[-1] if handled else None
            why = f": {last.why}" if last and last.why else ""
            return f"{made}; {tried}" + (f", dropped by {last.made_by} {at(last.made)}{why}" if last else "")
        case DeliveryState.FAILED:
            return f"{made}; {tried}, given up"


def _row(delivery: Delivery, handled: Sequence[Handling]) -> dict[str, object]:
    alert = delivery.alert
    return {
        "delivery": delivery.delivery_id,
        "state": delivery.state.value,
        "channel": delivery.channel,
        "recipient": alert.recipient,
        "alert": alert.alert_id,
        "event": alert.event,
        "digest": alert.digest,
        "developments": [item.development.summary for item in alert.items],
        "created": delivery.created.isoformat(),
        "attempts": delivery.attempts,
        "next_due": _iso(delivery.next_due),
        "sent": _iso(delivery.sent_at),
        "failing_since": _iso(delivery.failing_since),
        "last_error": delivery.last_error,
        "refused": [asdict(one) for one in delivery.refused],
        "handled": [
            {"action": one.action, "at": one.made.isoformat(), "by": one.made_by, "why": one.why} for one in handled
        ],
    }


def _iso(when: datetime | None) -> str | None:
    return None if when is None else when.isoformat()


def _say_counts(found: Sequence[Delivery], *, more: bool, limit: int) -> None:
    counts = {state: sum(one.state is state for one in found) for state in DeliveryState}
    parts = ", ".join(f"{count} {state.value}" for state, count in counts.items() if count)
    total = f"{len(found)} deliveries" if len(found) != 1 else "1 delivery"
    click.echo(f"{total}: {parts}" if found else "no such delivery", err=True)
    if more:
        click.echo(f"there are more than {limit}; --limit shows them", err=True)


def _say_outages(loaded: Loaded, dead: Sequence[Outage]) -> None:
    for outage in dead:
        click.echo(f"! channel {outage.channel} {outages.words(outage, loaded.channels, at)}", err=True)


@click.command(
    epilog="\b\nExamples:\n"
    "  newswatch retry dlv_0123abcd            one; `newswatch deliveries` shows the ids, their beginning is enough\n"
    "  newswatch retry --failed --channel mail everything that was given up over a channel\n"
)
@click.argument("names", nargs=-1, metavar="[DELIVERY]...")
@click.option("--failed", is_flag=True, help="Everything that was given up.")
@channel_option
@config_option
@json_option
def retry(names: tuple[str, ...], failed: bool, channel: str, config: Path | None, as_json: bool) -> int:
    """Try deliveries again now.

    The whole schedule of tries is before them again. For what was given up (failed), dropped, or waits for its next
    try. A service that runs sends them at its next tick; otherwise `newswatch once` does. Their ids stay the same,
    so a receiver that had one all the same knows it.
    """
    if bool(names) == failed or (channel and not failed):
        raise click.UsageError("name deliveries, or write --failed, with or without --channel")
    loaded = load_config(config, os.environ)
    if channel and channel not in loaded.channels:
        raise click.UsageError(f"no channel is called {channel!r}; configured: {', '.join(loaded.channels)}")
    now = clock()
    with opened(loaded) as store:
        asked = Asked((DeliveryState.FAILED,), channel)
        chosen = store.deliveries(asked) if failed else [_delivery(store, name) for name in names]
        changes = [handling.retry(store, one, now=now, by=who()) for one in chosen]
    _say(changes, as_json=as_json, each=not failed)
    done = sum(change.done for change in changes)
    if failed and not (as_json and changes):
        text = f"{done} of {len(changes)} are due again" if changes else "nothing was given up"
        click.echo(text, err=not changes)
    return EXIT_DONE if done == len(changes) else EXIT_FAILED


@click.command(
    epilog="\b\nExamples:\n"
    '  newswatch drop dlv_0123abcd --why "they were told by phone"\n'
    "  newswatch deliveries --dropped    who dropped what, and why; `newswatch retry` brings one back\n"
)
@click.argument("names", nargs=-1, required=True, metavar="DELIVERY...")
@click.option("--why", default="", help="Why, for the others.")
@config_option
@json_option
def drop(names: tuple[str, ...], why: str, config: Path | None, as_json: bool) -> int:
    """Do not send deliveries that are due or were given up.

    They are not deleted: `newswatch deliveries --dropped` lists them with who dropped them and why. What was sent
    cannot be dropped.
    """
    loaded, now = load_config(config, os.environ), clock()
    with opened(loaded) as store:
        chosen = [_delivery(store, name) for name in names]
        changes = [handling.drop(store, one, now=now, by=who(), why=why) for one in chosen]
    _say(changes, as_json=as_json, each=True)
    return EXIT_DONE if all(change.done for change in changes) else EXIT_FAILED


def _say(changes: Sequence[handling.Changed], *, as_json: bool, each: bool) -> None:
    """What was not done is said in any case; what was, one by one only where somebody named it."""
    if as_json:
        rows = [
            {
                "delivery": change.delivery.delivery_id,
                "state": change.delivery.state.value,
                "channel": change.delivery.channel,
                "recipient": change.delivery.alert.recipient,
                "done": change.done,
                "message": change.message,
            }
            for change in changes
        ]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    for change in changes:
        if not change.done or (each and not as_json):
            click.echo(change.message, err=not change.done)


def _delivery(store: Store, name: str) -> Delivery:
    """The delivery whose id is given, whole or by its unique beginning, with or without ``dlv_``.

    Raises:
        NewswatchError: none is, or several are.
    """
    beginning = name if name.startswith(_PREFIX) else f"{_PREFIX}{name}"
    found = store.deliveries_like(beginning) if len(beginning) >= len(_PREFIX) + _FEWEST else ()
    if not found:
        raise NewswatchError(f"no delivery {name!r}; `newswatch deliveries` lists them with their ids")
    if len(found) > 1:
        some = ", ".join(sorted(one.delivery_id for one in found)[:5])
        raise NewswatchError(f"{name!r} begins several ids ({some}); write more of it")
    return found[0]
