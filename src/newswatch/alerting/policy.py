"""Who is told what, and when: pure decisions that return values.

    decision + recipients -> route   -> pending (told at once) and held (told with the digest)      `routes`
    pending               -> release -> alerts | diverted to the digest | goes on waiting           `release`
    held                  -> digest_alert                                                           `digests`
    alert, unacknowledged -> escalated                                                              `escalation`
    any of it, tried out  -> preview                                                                `preview`
    alert                 -> deliveries -> sent | retry -> due again, or failed                     here

Nothing is told twice and nothing is lost: a development goes to a recipient either in one alert or in one digest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b

from newswatch.alerting.digests import DigestBeside, DigestRun, digest_alert, digest_due
from newswatch.alerting.escalation import escalated, escalates_at, quieted, urgent
from newswatch.alerting.preview import Preview, preview
from newswatch.alerting.release import Release, Step, disturbs, release, waits
from newswatch.alerting.routes import Routing, Told, Verdict, route, verdicts
from newswatch.errors import DeliveryError, Reason
from newswatch.model import Alert, Delivery, DeliveryState, make_id

__all__ = (
    "DigestBeside",
    "DigestRun",
    "Preview",
    "Release",
    "Routing",
    "Step",
    "Told",
    "Verdict",
    "begun_anew",
    "deliveries",
    "digest_alert",
    "digest_due",
    "disturbs",
    "dropped",
    "escalated",
    "escalates_at",
    "preview",
    "quieted",
    "release",
    "retry",
    "route",
    "sent",
    "urgent",
    "verdicts",
    "waits",
)

# Waits after the first, second … failed attempt: Standard Webhooks 1.0, "Deliverability and reliability". Email keeps
# to the same, which spans the two to three days a mail server tries (RFC 5321, 4.5.4.1).
RETRY_SCHEDULE = tuple(
    timedelta(seconds=seconds) for seconds in (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
)
# Every wait is lengthened by up to this share, so that a receiver that comes back is not hit by all at once.
JITTER = 0.1
# A Retry-After beyond this would be a refusal in disguise.
LONGEST_WAIT = timedelta(days=1)
# Nothing was sent while the configuration is at fault, so such a try is not counted; it is looked at again after this.
RECHECK = timedelta(minutes=5)


# ---------------------------------------------------------------- deliveries


def deliveries(alert: Alert, channels: Sequence[str], *, now: datetime) -> tuple[Delivery, ...]:
    """One delivery for each channel, due now; the same alert and channel always give the same id."""
    return tuple(
        Delivery(make_id("dlv", alert.alert_id, channel), alert, channel, created=now, next_due=now)
        for channel in dict.fromkeys(channels)
    )


def sent(delivery: Delivery, *, now: datetime) -> Delivery:
    """The receiver accepted it."""
    return replace(
        delivery,
        state=DeliveryState.SENT,
        attempts=delivery.attempts + 1,
        next_due=None,
        last_error="",
        sent_at=now,
        failing_since=None,
    )


def retry(delivery: Delivery, error: DeliveryError, *, now: datetime) -> Delivery:
    """The receiver did not accept it: when is it tried again, if ever?

    The schedule is that of Standard Webhooks (`RETRY_SCHEDULE`), each wait up to a tenth longer, the same for the same
    delivery and attempt. A longer ``retry_after`` is honoured up to a day. A permanent refusal, and the failure of the
    tenth attempt, end it as FAILED. While the configuration is at fault, or the receiver wants nothing at all any more,
    attempts are not counted and it waits.
    """
    if error.permanent and error.reason is not Reason.GONE:
        return _failed(delivery, str(error))
    if error.reason in {Reason.CONFIGURATION, Reason.GONE}:
        return replace(delivery, next_due=now + RECHECK, last_error=str(error))
    if delivery.attempts >= len(RETRY_SCHEDULE):
        return _failed(delivery, f"given up after {delivery.attempts + 1} attempts; the last one: {error}")
    wait = RETRY_SCHEDULE[delivery.attempts] * (1 + JITTER * _share(delivery))
    if error.retry_after is not None:
        wait = max(wait, min(timedelta(seconds=error.retry_after), LONGEST_WAIT))
    return replace(
        delivery,
        attempts=delivery.attempts + 1,
        next_due=now + wait,
        last_error=str(error),
        failing_since=delivery.failing_since if error.reason is Reason.FAULT else delivery.failing_since or now,
    )


def begun_anew(delivery: Delivery, *, now: datetime) -> Delivery:
    """A person wants it tried again: due now, with the whole schedule before it. The last error stays to be seen."""
    return replace(delivery, state=DeliveryState.DUE, attempts=0, next_due=now, failing_since=None)


def dropped(delivery: Delivery) -> Delivery:
    """A person wants it not to be sent."""
    return replace(delivery, state=DeliveryState.DROPPED, next_due=None)


def _failed(delivery: Delivery, why: str) -> Delivery:
    return replace(delivery, state=DeliveryState.FAILED, attempts=delivery.attempts + 1, next_due=None, last_error=why)


def _share(delivery: Delivery) -> float:
    """A number in [0, 1) that depends on the delivery and the attempt only."""
    digest = blake2b(f"{delivery.delivery_id}/{delivery.attempts}".encode(), digest_size=4).digest()
    return int.from_bytes(digest) / 2**32
