"""Who is told of what, and whether at once."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from loopback import news
from newswatch.alerting import policy
from newswatch.config.settings import Recipient
from newswatch.model import Mute, Severity

NOW = news.NOW


def recipient(name: str = "desk", **keys: Any) -> Recipient:
    return Recipient.model_validate({"id": name, "channels": ["mail"]} | keys)


def route(*developments: Any, recipients: list[Recipient], mutes: tuple[Mute, ...] = ()) -> policy.Routing:
    return policy.route(
        news.decision(*developments),
        news.STORY,
        event=news.EVENT,
        recipients=recipients,
        now=NOW,
        mutes=mutes,
        other_sources=news.OTHERS,
    )


def told(routing: policy.Routing) -> list[tuple[str, list[str]]]:
    """What is told at once, recipient by recipient, in order."""
    found: dict[str, list[str]] = {}
    for one in routing.pending:
        found.setdefault(one.recipient, []).append(one.item.development.development_id)
    return list(found.items())


def held(routing: policy.Routing) -> list[tuple[str, str]]:
    return [(h.recipient, h.item.development.development_id) for h in routing.held]


def test_what_is_urgent_is_told_at_once_and_what_is_less_urgent_rides_along_behind() -> None:
    routing = route(news.RESIGNS, news.INJURED, news.DETAINED, recipients=[recipient()])
    assert told(routing) == [("desk", ["dev_injured", "dev_detained", "dev_resigns"])]
    assert routing.held == ()
    one = routing.pending[0]
    assert (one.event, one.event_title, one.since) == ("velmora", news.EVENT.title, NOW)
    first = one.item
    assert (first.topic_title, first.event_title, first.other_sources) == (
        "killed and injured",
        news.EVENT.title,
        news.OTHERS,
    )


def test_what_is_not_urgent_waits_for_the_digest() -> None:
    routing = route(news.RESIGNS, news.EVACUATED, recipients=[recipient()])
    assert routing.pending == ()
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
    assert routing.pending == ()
    assert held(routing) == [("desk", "dev_resigns")]


def test_silent_developments_are_told_to_nobody() -> None:
    silent = replace(news.INJURED, severity=Severity.SILENT)
    routing = route(silent, recipients=[recipient(), recipient("eager", alert_from="silent", digest=None)])
    assert routing == policy.Routing()


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


def mute(**scope: str) -> Mute:
    return Mute("mut_1", NOW + timedelta(hours=2), NOW - timedelta(minutes=1), "ana", **scope)


def test_what_is_muted_goes_into_the_digest_and_takes_no_part_in_the_alert() -> None:
    everything = (news.INJURED, news.DETAINED, news.RESIGNS)
    topic = route(*everything, recipients=[recipient()], mutes=(mute(topic="legal"),))
    assert (told(topic), held(topic)) == ([("desk", ["dev_injured", "dev_resigns"])], [("desk", "dev_detained")])
    both = [recipient(), recipient("ada")]
    event = route(*everything, recipients=both, mutes=(mute(event="velmora", recipient="ada"),))
    assert told(event) == [("desk", ["dev_injured", "dev_detained", "dev_resigns"])]
    assert [name for name, _ in held(event)] == ["ada"] * 3
    assert held(route(*everything, recipients=[recipient()], mutes=(mute(event="kestrel"),))) == []
    assert held(route(*everything, recipients=[recipient()], mutes=(mute(event="kestrel", topic="legal"),))) == []


def test_without_a_digest_what_is_muted_waits() -> None:
    routing = route(news.INJURED, recipients=[recipient(digest=None)], mutes=(mute(),))
    assert (told(routing), held(routing)) == ([("desk", ["dev_injured"])], [])


def test_a_mute_holds_from_when_it_was_made_until_its_end() -> None:
    over = replace(mute(), until=NOW)
    not_yet = replace(mute(), made=NOW + timedelta(seconds=1))
    assert held(route(news.INJURED, recipients=[recipient()], mutes=(over, not_yet))) == []


def test_each_verdict_says_why() -> None:
    def why(who: Recipient, *developments: Any, mutes: tuple[Mute, ...] = ()) -> list[str]:
        found = policy.verdicts(developments or (news.RESIGNS,), who, event="velmora", mutes=mutes, now=NOW)
        return [f"{verdict.told.value}: {verdict.why}" for verdict in found]

    assert why(recipient()) == ["in the digest: digest is below alert_from: alert"]
    assert why(recipient(), news.INJURED) == ["at once: alert is told at once (alert_from: alert)"]
    assert why(recipient(), news.RESIGNS, news.INJURED)[1] == (
        "at once: it comes along with what is told at once of the same story (alert)"
    )
    assert why(recipient(events=["kestrel", "ost"])) == ["not at all: its events are kestrel, ost"]
    assert why(recipient(topics=["legal"])) == ["not at all: its topics are legal"]
    assert why(recipient(digest=None)) == ["at once: there is no digest, so everything is told at once"]
    assert why(recipient(), replace(news.INJURED, severity=Severity.SILENT)) == ["not at all: it is silent"]
    assert why(recipient(), news.INJURED, mutes=(mute(event="velmora", topic="casualties"),)) == [
        "in the digest: velmora/casualties is muted by ana"
    ]
