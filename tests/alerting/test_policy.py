"""Who is told what and when, and when a delivery is tried again."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopback import news
from newswatch.alerting import policy
from newswatch.config.settings import Recipient
from newswatch.errors import DeliveryError, Reason
from newswatch.model import Delivery, DeliveryState, Severity

NOW = news.NOW


def recipient(name: str = "desk", **keys: Any) -> Recipient:
    return Recipient.model_validate({"id": name, "channels": ["mail"]} | keys)


def route(*developments: Any, recipients: list[Recipient]) -> policy.Routing:
    return policy.route(
        news.decision(*developments),
        news.STORY,
        event=news.EVENT,
        recipients=recipients,
        now=NOW,
        other_sources=news.OTHERS,
    )


def told(routing: policy.Routing) -> list[tuple[str, list[str]]]:
    return [(a.recipient, [i.development.development_id for i in a.items]) for a in routing.alerts]


def held(routing: policy.Routing) -> list[tuple[str, str]]:
    return [(h.recipient, h.item.development.development_id) for h in routing.held]


def test_one_story_is_one_alert_and_what_is_less_urgent_rides_along_behind() -> None:
    routing = route(news.RESIGNS, news.INJURED, news.DETAINED, recipients=[recipient()])
    assert told(routing) == [("desk", ["dev_injured", "dev_detained", "dev_resigns"])]
    assert routing.held == ()
    [alert] = routing.alerts
    assert (alert.event, alert.event_title, alert.created, alert.digest) == ("velmora", news.EVENT.title, NOW, False)
    first = alert.items[0]
    assert (first.topic_title, first.event_title, first.other_sources) == (
        "killed and injured",
        news.EVENT.title,
        news.OTHERS,
    )


def test_what_is_not_urgent_waits_for_the_digest() -> None:
    routing = route(news.RESIGNS, news.EVACUATED, recipients=[recipient()])
    assert routing.alerts == ()
    assert held(routing) == [("desk", "dev_resigns"), ("desk", "dev_evacuated")]
    assert (routing.held[0].event, routing.held[0].event_title, routing.held[0].since) == (
        "velmora",
        news.EVENT.title,
        NOW,
    )


def test_each_recipient_is_decided_alone() -> None:
    routing = route(
        news.RESIGNS,
        recipients=[
            recipient("patient"),
            recipient("eager", alert_from="digest"),
            recipient("undigested", digest=None),
            recipient("elsewhere", events=["kestrel"]),
            recipient("here", events=["kestrel", "velmora"]),
        ],
    )
    assert told(routing) == [("eager", ["dev_resigns"]), ("undigested", ["dev_resigns"])]
    assert held(routing) == [("patient", "dev_resigns"), ("here", "dev_resigns")]


def test_a_list_of_topics_keeps_everything_else_out() -> None:
    everything = (news.INJURED, news.DETAINED, news.DENIED, news.RESIGNS)
    assert news.DENIED.topic == ""
    routing = route(*everything, recipients=[recipient(topics=["legal", "politics"]), recipient("all")])
    assert told(routing) == [
        ("desk", ["dev_detained", "dev_resigns"]),
        ("all", ["dev_injured", "dev_detained", "dev_denied", "dev_resigns"]),
    ]


def test_a_topic_that_is_not_urgent_does_not_ride_on_an_alert_the_recipient_does_not_get() -> None:
    routing = route(news.INJURED, news.RESIGNS, recipients=[recipient(topics=["politics"])])
    assert routing.alerts == ()
    assert held(routing) == [("desk", "dev_resigns")]


def test_silent_developments_are_told_to_nobody() -> None:
    silent = replace(news.INJURED, severity=Severity.SILENT)
    routing = route(silent, recipients=[recipient(), recipient("eager", alert_from="silent", digest=None)])
    assert routing == policy.Routing()


def test_the_same_decision_has_the_same_ids_and_another_has_others() -> None:
    one, again = (route(news.INJURED, recipients=[recipient()]).alerts[0] for _ in range(2))
    other = route(news.DETAINED, recipients=[recipient()]).alerts[0]
    somebody = route(news.INJURED, recipients=[recipient("ada")]).alerts[0]
    assert one == again
    assert len({one.alert_id, other.alert_id, somebody.alert_id}) == 3


@given(
    st.lists(st.sampled_from([news.INJURED, news.DETAINED, news.DENIED, news.RESIGNS, news.EVACUATED]), unique=True),
    st.sampled_from(["alert", "digest", "silent"]),
    st.sets(st.sampled_from(["legal", "politics", "casualties"])),
    st.booleans(),
)
def test_a_wanted_development_is_told_or_held_exactly_once(
    developments: list[Any], alert_from: str, topics: set[str], digest: bool
) -> None:
    who = recipient(alert_from=alert_from, topics=sorted(topics), digest={} if digest else None)
    if not developments:
        return
    routing = route(*developments, recipients=[who])
    got = [name for _, names in told(routing) for name in names] + [name for _, name in held(routing)]
    assert sorted(got) == sorted(d.development_id for d in developments if not topics or d.topic in topics)


# ---------------------------------------------------------------- deliveries


def delivery() -> Delivery:
    [alert] = route(news.INJURED, recipients=[recipient()]).alerts
    [one] = policy.deliveries(alert, ["mail"], now=NOW)
    return one


def test_one_delivery_for_each_channel_with_an_id_of_its_own() -> None:
    [alert] = route(news.INJURED, recipients=[recipient()]).alerts
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
