"""When the operator is told of a channel, over which other one, and in which words."""

from dataclasses import replace
from datetime import timedelta

import pytest

from loopback import news
from newswatch.alerting import outages, policy
from newswatch.alerting.render import Renderer
from newswatch.alerting.wording import words
from newswatch.config.settings import Recipient
from newswatch.errors import DeliveryError, Reason
from newswatch.model import Outage

NOW = news.NOW
MINUTE, HALF = timedelta(minutes=1), timedelta(minutes=30)
LATER = DeliveryError("mail:25 put off the message (451 later)", reason=Reason.SERVER)
NEVER = DeliveryError("mail:25 refused the message (550 no)", reason=Reason.CLIENT, permanent=True)
ONE = news.delivery(news.alert(news.item(news.INJURED)))
DESK, CHIEF = Recipient(id="desk", channels=("mail", "hook")), Recipient(id="chief", channels=("box", "mail"))


def failed(before: Outage | None, error: DeliveryError, minutes: int) -> Outage | None:
    now = NOW + minutes * MINUTE
    return outages.failed(before, policy.retry(ONE, error, now=now), error, now=now)


def outage(error: DeliveryError = LATER) -> Outage:
    begun = failed(None, error, 0)
    assert begun is not None
    return begun


def due(one: Outage, minutes: int) -> bool:
    return outages.to_tell(one, dead_after=HALF, now=NOW + minutes * MINUTE)


def test_it_begins_with_the_first_failure_and_keeps_the_last_error() -> None:
    later = failed(outage(), DeliveryError("no route", reason=Reason.CONNECTION), 10)
    assert later is not None
    assert (later.since, later.last_error, later.refused) == (NOW, "no route", False)
    assert [due(later, minutes) for minutes in (0, 29, 30)] == [False, False, True]


def test_a_final_refusal_is_told_at_once_also_after_others() -> None:
    assert due(outage(NEVER), 0)
    after = failed(outage(), NEVER, 5)
    assert after is not None
    assert due(after, 5)
    assert due(outage(DeliveryError("410", reason=Reason.GONE, permanent=True)), 0)


def test_a_fault_of_ours_says_nothing_of_the_channel() -> None:
    fault = DeliveryError("unexpected fault", reason=Reason.FAULT)
    assert failed(None, fault, 0) is None
    assert failed(outage(), fault, 5) == outage()


def test_it_is_told_once_and_again_only_after_an_hour() -> None:
    told = outages.told(outage(), outages.Teller(CHIEF, "box"), now=NOW + HALF)
    assert not due(told, 24 * 60)
    again = failed(outages.over(told), NEVER, 40)
    assert again is not None
    assert (again.since, again.told, again.last_told) == (NOW + 40 * MINUTE, None, NOW + HALF)
    assert [due(again, minutes) for minutes in (40, 89, 90)] == [False, False, True]


@pytest.mark.parametrize(
    ("operator", "broken", "who"),
    [
        ("", (), ("desk", "hook")),
        ("chief", (), ("chief", "box")),
        ("chief", ("box",), ("desk", "hook")),
        ("", ("hook",), ("chief", "box")),
        ("chief", ("hook", "box"), ("chief", "spare")),
    ],
)
def test_who_is_told_over_which_channel(operator: str, broken: tuple[str, ...], who: tuple[str, str]) -> None:
    to = outages.teller("mail", ("mail", "hook", "box", "spare"), (DESK, CHIEF), operator, broken)
    assert to is not None
    assert (to.recipient.id, to.channel) == who


def test_there_may_be_nobody() -> None:
    assert outages.teller("mail", ("mail", "hook"), (DESK,), "desk", ("hook",)) is None


def test_the_notice_reads_well_and_is_the_same_when_it_is_made_again() -> None:
    to = outages.Teller(CHIEF, "box")
    alert, delivery = outages.notice(outage(), to, words(), waiting=1, now=NOW + HALF)
    assert (alert, delivery) == outages.notice(outage(), to, words(), waiting=1, now=NOW + HALF)
    message = Renderer(None).render(delivery, recipient=CHIEF)
    assert "channel mail" in message.subject.lower()
    said = " ".join(message.text.split())
    assert "Channel mail does not work: it has taken nothing since Sun 2 Mar 2031, 18:05 UTC." in said
    assert "1 message waits for it." in said
    assert "The last error: mail:25 put off the message (451 later)" in said
    _, again = outages.all_clear(outage(), to, words(), waiting=0, now=NOW + HALF)
    assert again.delivery_id != delivery.delivery_id
    assert "Channel mail works again" in Renderer(None).render(again, recipient=CHIEF).text
    with pytest.raises(ValueError, match="works"):
        outages.notice(replace(outage(), since=None), to, words(), waiting=0, now=NOW)


def test_what_stands_in_the_log() -> None:
    told = outages.told(outage(), outages.Teller(CHIEF, "box"), now=NOW)
    said = [outages.words(one, ("mail", "box"), lambda when: f"{when:%H:%M}") for one in (outage(), told)]
    assert said == [
        "has taken nothing since 18:05 (mail:25 put off the message (451 later)); the operator is not told yet",
        "has taken nothing since 18:05 (mail:25 put off the message (451 later)); the operator was told over box",
    ]
