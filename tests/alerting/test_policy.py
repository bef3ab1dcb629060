"""The deliveries of an alert, and when one is tried again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from loopback import news
from newswatch.alerting import policy
from newswatch.errors import DeliveryError, Reason
from newswatch.model import Delivery, DeliveryState

NOW = news.NOW


# ---------------------------------------------------------------- deliveries


def delivery() -> Delivery:
    alert = news.alert(news.item(news.INJURED))
    [one] = policy.deliveries(alert, ["mail"], now=NOW)
    return one


def test_one_delivery_for_each_channel_with_an_id_of_its_own() -> None:
    alert = news.alert(news.item(news.INJURED))
    both = policy.deliveries(alert, ["mail", "hook", "mail"], now=NOW)
    assert [d.channel for d in both] == ["mail", "hook"]
    assert len({d.delivery_id for d in both}) == 2
    assert both == policy.deliveries(alert, ["mail", "hook"], now=NOW)
    assert {(d.state, d.attempts, d.next_due) for d in both} == {(DeliveryState.DUE, 0, NOW)}


def test_sent() -> None:
    failed_once = policy.retry(delivery(), DeliveryError("no", reason=Reason.SERVER), now=NOW)
    after = policy.sent(failed_once, now=NOW + timedelta(minutes=1))
    assert (after.state, after.attempts, after.next_due, after.last_error) == (DeliveryState.SENT, 2, None, "")
    assert after.sent_at == NOW + timedelta(minutes=1)


def test_the_schedule_of_standard_webhooks_is_kept_and_then_it_is_given_up() -> None:
    one, now, waits = delivery(), NOW, []
    error = DeliveryError("mail:25 put off the message (451 later)", reason=Reason.SERVER)
    while one.state is DeliveryState.DUE:
        one = policy.retry(one, error, now=now)
        if one.next_due is not None:
            waits.append((one.next_due - now).total_seconds())
            now = one.next_due
    plain = [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
    assert all(wait <= got < wait * 1.1 for wait, got in zip(plain, waits, strict=True))
    assert one.state is DeliveryState.FAILED
    assert one.attempts == 10
    assert one.last_error == "given up after 10 attempts; the last one: mail:25 put off the message (451 later)"


def test_jitter_is_the_same_for_the_same_attempt_and_differs_between_deliveries() -> None:
    error = DeliveryError("later", reason=Reason.SERVER)
    many = [replace(delivery(), delivery_id=f"dlv_{n}") for n in range(20)]
    dues = [policy.retry(one, error, now=NOW).next_due for one in many]
    assert dues == [policy.retry(one, error, now=NOW).next_due for one in many]
    assert len(set(dues)) == 20


@pytest.mark.parametrize(("asked", "waits"), [(3600, 3600), (10**9, 86400)])
def test_retry_after_is_honoured_up_to_a_day(asked: float, waits: float) -> None:
    error = DeliveryError("slow down", reason=Reason.RATE_LIMITED, retry_after=asked)
    assert policy.retry(delivery(), error, now=NOW).next_due == NOW + timedelta(seconds=waits)


def test_a_short_retry_after_does_not_shorten_the_schedule() -> None:
    error = DeliveryError("slow down", reason=Reason.RATE_LIMITED, retry_after=0)
    due = policy.retry(delivery(), error, now=NOW).next_due
    assert due is not None
    assert due >= NOW + timedelta(seconds=5)


def test_while_a_receiver_wants_nothing_it_waits_uncounted() -> None:
    error = DeliveryError("https://h answered 410: it wants no more messages", reason=Reason.GONE, permanent=True)
    after = policy.retry(delivery(), error, now=NOW)
    assert (after.state, after.attempts, after.last_error) == (DeliveryState.DUE, 0, str(error))


def test_a_permanent_refusal_ends_it() -> None:
    error = DeliveryError("mail:25 refused the message (554 spam)", reason=Reason.REJECTED, permanent=True)
    after = policy.retry(delivery(), error, now=NOW)
    assert (after.state, after.attempts, after.next_due) == (DeliveryState.FAILED, 1, None)
    assert after.last_error == "mail:25 refused the message (554 spam)"


def test_while_the_configuration_is_at_fault_it_waits_and_is_not_given_up() -> None:
    one = delivery()
    for _ in range(50):
        one = policy.retry(one, DeliveryError("no secret", reason=Reason.CONFIGURATION), now=NOW)
    assert (one.state, one.attempts, one.next_due) == (DeliveryState.DUE, 0, NOW + timedelta(minutes=5))
    assert one.last_error == "no secret"
