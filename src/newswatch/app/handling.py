"""What a person does to a delivery, an alert or a topic: at a terminal, on the console or by a program."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from newswatch.alerting import policy
from newswatch.alerting.view import moment
from newswatch.errors import NewswatchError
from newswatch.model import Alert, Delivery, DeliveryState, Handling, Mute, make_id
from newswatch.store import Acknowledged, Store

RETRY, DROP = "retry", "drop"
_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of one delivery that a person wanted changed, and the sentence that says so."""

    delivery: Delivery
    done: bool
    message: str


def retry(store: Store, delivery: Delivery, *, now: datetime, by: str) -> Changed:
    """Try a delivery again now, with the whole schedule before it.

    Args:
        store: where it is kept.
        delivery: as the person saw it.
        now: the time it is.
        by: who wants it.

    Raises:
        StoreError: the store did not take it.
    """
    return _change(store, delivery, policy.begun_anew(delivery, now=now), RETRY, now, by, "")


def drop(store: Store, delivery: Delivery, *, now: datetime, by: str, why: str = "") -> Changed:
    """Do not send a delivery that is due or was given up; for the arguments see `retry`."""
    return _change(store, delivery, policy.dropped(delivery), DROP, now, by, why)


def _change(store: Store, before: Delivery, after: Delivery, action: str, now: datetime, by: str, why: str) -> Changed:
    """Do it, and say what there is to say."""
    name = before.delivery_id
    if before.state is DeliveryState.SENT:
        when = moment(before.sent_at or now, _UTC)
        return Changed(before, False, f"{name} was accepted by its receiver {when}; there is nothing to {action}")
    if action == DROP and before.state is DeliveryState.DROPPED:
        return Changed(before, True, f"{name} is dropped already")
    handling = Handling(name, action, now, by, why)
    with store.transaction() as tx:
        done = tx.handle(after, handling, instead_of=before.state)
    if not done:
        return Changed(before, False, f"{name} has changed just now; look at it again with `newswatch deliveries`")
    if action == DROP:
        return Changed(after, True, f"{name} is dropped: {before.alert.recipient} is not told over {before.channel}")
    return Changed(after, True, f"{name} is due now: {before.alert.recipient} is told over {before.channel}")


def handle(store: Store, delivery_id: str, action: str, *, now: datetime, by: str, why: str = "") -> Changed:
    """Retry or drop a delivery by its whole id.

    Raises:
        NewswatchError: there is none.
        StoreError: the store did not take it.
    """
    found = next((one for one in store.deliveries_like(delivery_id) if one.delivery_id == delivery_id), None)
    if found is None:
        raise NewswatchError("No delivery of this name is kept; it may be past the retention.")
    return retry(store, found, now=now, by=by) if action == RETRY else drop(store, found, now=now, by=by, why=why)


def acknowledge(store: Store, alert: Alert, *, now: datetime, by: str, note: str = "") -> Acknowledged | None:
    """Note that somebody has seen an alert, and the one it was escalated from.

    Args:
        store: where it is kept.
        alert: what was seen.
        now: the time it is.
        by: who saw it.
        note: what is done about it.

    Returns:
        Who had acknowledged it before, which stands; None: nobody.

    Raises:
        StoreError: the store did not take it.
    """
    before = store.acknowledged(alert)
    if before is None:
        with store.transaction() as tx:
            tx.acknowledge(alert, now, by, note)
    return before


def acknowledge_named(store: Store, alert_id: str, *, now: datetime, by: str, note: str = "") -> Acknowledged | None:
    """`acknowledge` an alert by its whole id.

    Raises:
        NewswatchError: there is none; a digest is none.
        StoreError: the store did not take it.
    """
    found = next((one for one in store.alerts_like(alert_id) if one.alert_id == alert_id), None)
    if found is None:
        raise NewswatchError("No alert of this name is kept; it may be past the retention. Digests need no answer.")
    return acknowledge(store, found, now=now, by=by, note=note)


def mute(
    store: Store, event: str, topic: str, recipient: str, *, length: timedelta, now: datetime, by: str, why: str = ""
) -> Mute:
    """Tell nothing of an event, a topic or to a recipient at once for a while; empty is all.

    Raises:
        StoreError: the store did not take it.
    """
    mute_id = make_id("mut", event, topic, recipient, now.isoformat())
    made = Mute(mute_id, now + length, now, by, event, topic, recipient, why)
    with store.transaction() as tx:
        tx.add_mute(made)
    return made
