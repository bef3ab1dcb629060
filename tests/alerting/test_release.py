"""When what is pending becomes an alert; and that nothing is lost or told twice, whatever comes in whichever order."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from loopback import news
from newswatch.alerting import policy
from newswatch.alerting.release import waits
from newswatch.config.settings import Recipient
from newswatch.model import Mute, Pending, Severity

NOW = news.NOW  # 18:05 UTC, a Sunday
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def recipient(**keys: Any) -> Recipient:
    return Recipient.model_validate({"id": "desk", "channels": ["mail"], "group_wait": "30s"} | keys)


def pending(name: str, since: datetime = NOW, event: str = "velmora", **changes: Any) -> Pending:
    development = replace(news.DETAINED, development_id=name, story_id=changes.pop("story", name), **changes)
    return Pending(
        "desk", news.item(development, replace(news.STORY, story_id=development.story_id)), event, event, since
    )


def mute(start: datetime = NOW, length: timedelta = 2 * HOUR, **scope: str) -> Mute:
    return Mute("mut_1", start + length, start, "ana", **scope)


def release(
    waiting: Sequence[Pending], who: Recipient, now: datetime = NOW, told: Sequence[datetime] = (),
    mutes: Sequence[Mute] = (), wait: bool = True,
) -> policy.Release:  # fmt: skip
    return policy.release(waiting, who, told_at=told, mutes=mutes, now=now, wait=wait)


def alerts(found: policy.Release) -> list[list[str]]:
    return [[item.development.development_id for item in alert.items] for alert, _ in found.alerts]


def test_what_arrives_together_is_one_alert_an_event() -> None:
    waiting = [pending("a"), pending("b", NOW + 20 * timedelta(seconds=1)), pending("k", event="kestrel")]
    assert release(waiting, recipient(), NOW + timedelta(seconds=29)).nothing
    found = release(waiting, recipient(), NOW + timedelta(seconds=30))
    assert alerts(found) == [["b", "a"], ["k"]]
    (alert, told), _ = found.alerts
    assert (alert.event, alert.event_title, alert.recipient) == ("velmora", "velmora", "desk")
    assert alert.created == NOW + timedelta(seconds=30)
    assert [p.item.development.development_id for p in told] == ["a", "b"]


def test_where_nothing_runs_afterwards_it_does_not_wait() -> None:
    assert alerts(release([pending("a")], recipient(), wait=False)) == [["a"]]
    assert alerts(release([pending("a")], recipient(group_wait=0))) == [["a"]]


def test_the_wait_counts_from_the_first_so_that_a_stream_does_not_put_it_off() -> None:
    stream = [pending(str(n), NOW + n * timedelta(seconds=10)) for n in range(4)]
    assert alerts(release(stream, recipient(), NOW + timedelta(seconds=30))) == [["3", "2", "1", "0"]]


def test_the_same_developments_have_the_same_id_and_others_have_others() -> None:
    def one(*names: str) -> str:
        [(alert, _)] = release([pending(name) for name in names], recipient(), wait=False).alerts
        return alert.alert_id

    assert one("a", "b") == one("a", "b")
    assert len({one("a"), one("b"), one("a", "b")}) == 3


def test_a_flood_is_held_to_the_rate_and_the_rest_is_merged() -> None:
    who = recipient(at_most="2 per hour", group_wait=0)
    told = [NOW - 50 * MINUTE, NOW - 10 * MINUTE]
    flood = [pending(str(n), NOW + n * MINUTE) for n in range(9)]
    assert release(flood, who, NOW + 9 * MINUTE, told).nothing
    found = release(flood, who, NOW + 10 * MINUTE, told)
    assert alerts(found) == [["8", "7", "6", "5", "4", "3", "2", "1", "0"]]
    assert release([pending("9")], who, NOW + 11 * MINUTE, [NOW - 10 * MINUTE, NOW + 10 * MINUTE]).nothing


def test_what_the_rate_lets_through_is_the_most_urgent_event() -> None:
    waiting = [pending("calm", event="a", severity=Severity.DIGEST), pending("late", NOW + MINUTE, event="b"),
               pending("grave", event="c")]  # fmt: skip
    who = recipient(at_most="1 per hour", alert_from="digest", group_wait=0)
    assert alerts(release(waiting, who, NOW + MINUTE)) == [["grave"]]
    assert alerts(release(waiting, recipient(at_most=None, group_wait=0), NOW + MINUTE)) == [
        ["grave"],
        ["late"],
        ["calm"],
    ]


NIGHT = {"from": "19:00", "until": "05:00"}
LATE, MORNING = NOW + HOUR, datetime(2031, 3, 3, 5, tzinfo=UTC)


def test_quiet_hours_hold_and_deliver_as_one_when_they_end() -> None:
    night = [pending(str(n), LATE + n * HOUR, severity=Severity.DIGEST) for n in range(4)] + [pending("grave", LATE)]
    who = recipient(quiet=NIGHT)
    assert release(night, who, MORNING - timedelta(seconds=1)).nothing
    assert alerts(release(night, who, MORNING)) == [["grave", "3", "2", "1", "0"]]


def test_what_is_excepted_has_to_be_by_every_span_that_holds() -> None:
    loose, strict = NIGHT | {"except": "alert"}, {"from": "21:00", "until": "23:00"}
    who = recipient(quiet=[loose, strict])
    grave = [pending("grave", LATE)]
    assert alerts(release(grave, who, datetime(2031, 3, 2, 20, 30, tzinfo=UTC))) == [["grave"]]
    assert release(grave, who, datetime(2031, 3, 2, 22, tzinfo=UTC)).nothing
    assert alerts(release(grave, who, datetime(2031, 3, 2, 23, tzinfo=UTC))) == [["grave"]]


def test_spans_that_follow_on_each_other_are_one_wait() -> None:
    who = recipient(group_wait=0, quiet=[NIGHT, {"from": "05:00", "until": "09:00"}], digest=None)
    mild = [pending("mild", LATE, severity=Severity.DIGEST)]
    steps = waits(mild, who, told_at=(), mutes=(), now=LATE)
    assert [(step.why, step.until.hour) for step in steps] == [("quiet hours", 9)]
    ever = recipient(group_wait=0, quiet=[NIGHT, {"from": "05:00", "until": "19:00"}], digest=None)
    [step] = waits(mild, ever, told_at=(), mutes=(), now=LATE)
    assert step.until > LATE + timedelta(days=365)


def test_what_is_excepted_disturbs_with_its_story_and_nothing_else_does() -> None:
    rider = pending("rider", LATE, story="s", severity=Severity.DIGEST)
    calm, grave = pending("calm", LATE, severity=Severity.DIGEST), pending("grave", LATE, story="s")
    everything = [calm, grave, rider]
    assert alerts(release(everything, recipient(quiet=NIGHT | {"except": "alert"}), LATE + MINUTE)) == [
        ["grave", "rider"]
    ]
    legal = recipient(quiet=NIGHT | {"except": ["legal"]})
    other = [replace_topic(calm, "politics"), replace_topic(grave, "casualties")]
    assert release(other, legal, LATE + MINUTE).nothing
    assert alerts(release([grave, *other], legal, LATE + MINUTE)) == [["grave"]]


def replace_topic(one: Pending, topic: str) -> Pending:
    development = replace(one.item.development, topic=topic, story_id=f"of-{topic}")
    return replace(one, item=news.item(development, replace(news.STORY, story_id=f"of-{topic}")))


def test_what_is_muted_while_it_waits_goes_into_the_digest() -> None:
    waiting = [pending("a"), pending("b", topic="politics")]
    found = release(waiting, recipient(), NOW + MINUTE, mutes=[mute(topic="legal")])
    assert alerts(found) == [["b"]]
    assert [(h.recipient, h.event, h.item.development.development_id) for h in found.held] == [("desk", "velmora", "a")]
    assert found.diverted[0].since == NOW


def test_what_came_along_with_what_is_muted_goes_with_it() -> None:
    grave = pending("grave", story="s")
    rider = pending("rider", story="s", topic="politics", severity=Severity.DIGEST)
    found = release([grave, rider], recipient(), NOW + MINUTE, mutes=[mute(topic="legal")])
    assert alerts(found) == []
    assert [p.item.development.development_id for p in found.diverted] == ["grave", "rider"]
    other = pending("other", story="s", topic="casualties")
    found = release([grave, rider, other], recipient(), NOW + MINUTE, mutes=[mute(topic="legal")])
    assert alerts(found) == [["other", "rider"]]
    eager = release([grave, rider], recipient(alert_from="digest"), NOW + MINUTE, mutes=[mute(topic="legal")])
    assert alerts(eager) == [["rider"]]


def test_without_a_digest_it_waits_for_the_end_of_the_mute() -> None:
    who = recipient(digest=None)
    assert release([pending("a")], who, NOW + MINUTE, mutes=[mute()]).nothing
    assert alerts(release([pending("a")], who, NOW + 2 * HOUR, mutes=[mute()])) == [["a"]]


def test_a_clock_that_is_set_back_loses_nothing() -> None:
    who = recipient(at_most="1 per hour")
    assert release([pending("a", NOW + HOUR)], who, NOW).nothing
    assert release([pending("a")], who, NOW + MINUTE, told=[NOW + HOUR]).nothing
    assert alerts(release([pending("a")], who, NOW + 2 * HOUR, told=[NOW + HOUR])) == [["a"]]


def steps(one: Pending, who: Recipient, told: Sequence[datetime] = (), mutes: Sequence[Mute] = ()) -> list[str]:
    found = waits([one], who, told_at=told, mutes=mutes, now=one.since)
    return [f"{step.why} until {step.until:%d %H:%M:%S}" for step in found]


def test_what_something_waits_for_is_said() -> None:
    assert steps(pending("a"), recipient(group_wait=0)) == []
    assert steps(pending("a"), recipient()) == ["more of the same event may come (group_wait) until 02 18:05:30"]
    who = recipient(group_wait=0, quiet=NIGHT, at_most="1 per hour", digest=None)
    assert steps(pending("a"), who, [NOW - MINUTE], [mute(event="velmora")]) == [
        "velmora is muted by ana until 02 20:05:00", "quiet hours until 03 05:00:00",
    ]  # fmt: skip
    assert steps(pending("a"), who, [NOW - 30 * MINUTE]) == [
        "at most 1 per hour until 02 18:35:00",
    ]  # fmt: skip


@st.composite
def cases(draw: st.DrawFn) -> tuple[Recipient, Sequence[datetime], Sequence[Mute], Pending]:
    minutes = st.integers(0, 600).map(lambda n: n * MINUTE)
    who = recipient(
        group_wait=draw(st.sampled_from([0, "30s", "10m"])),
        at_most=draw(st.sampled_from([None, "1 per hour", "3 per 2h"])),
        quiet=draw(st.sampled_from([None, NIGHT, NIGHT | {"except": "alert"}, NIGHT | {"days": ["mon"]}])),
        digest=draw(st.sampled_from([None, {}])),
        timezone=draw(st.sampled_from(["UTC", "Europe/Berlin", "America/New_York"])),
    )
    told = sorted(NOW - draw(minutes) for _ in range(draw(st.integers(0, 5))))
    mutes = [mute(NOW - MINUTE, draw(minutes), topic=draw(st.sampled_from(["", "legal", "politics"])))
             for _ in range(draw(st.integers(0, 2)))]  # fmt: skip
    return who, told, mutes, pending("a", severity=draw(st.sampled_from([Severity.ALERT, Severity.DIGEST])))


@given(cases())
def test_it_is_told_when_it_is_said_to_be_and_not_before(
    case: tuple[Recipient, Sequence[datetime], Sequence[Mute], Pending],
) -> None:
    who, told, mutes, one = case
    found = waits([one], who, told_at=told, mutes=mutes, now=NOW)
    at = found[-1].until if found else NOW
    if release([one], who, NOW, told, mutes).diverted:
        return
    if at > NOW:
        early = release([one], who, at - timedelta(microseconds=1), told, mutes)
        assert early.alerts == ()
    then = release([one], who, at, told, mutes)
    assert then.alerts or then.diverted


@st.composite
def lives(draw: st.DrawFn) -> tuple[Recipient, list[tuple[str, int, str, str]]]:
    """A recipient, and what happens: news, mutes, ticks of the service and single passes, in any order."""
    who = recipient(
        group_wait=draw(st.sampled_from([0, "30s", "5m"])),
        at_most=draw(st.sampled_from([None, "1 per hour", "2 per 10m"])),
        quiet=draw(st.sampled_from([None, NIGHT, NIGHT | {"except": "legal"}])),
        digest=draw(st.sampled_from([None, {}])),
        alert_from=draw(st.sampled_from(["alert", "digest"])),
    )
    happening = st.tuples(
        st.sampled_from(["news", "news", "tick", "tick", "pass", "mute", "unmute", "restart"]),
        st.integers(0, 300),
        st.sampled_from(["legal", "politics"]),
        st.sampled_from(["alert", "digest"]),
    )
    return who, draw(st.lists(happening, max_size=40))


@settings(max_examples=200)
@given(lives())
def test_nothing_is_lost_and_nothing_is_told_twice(life: tuple[Recipient, list[tuple[str, int, str, str]]]) -> None:
    who, happenings = life
    now, number = NOW, 0
    waiting: list[Pending] = []
    told: list[str] = []
    held: list[str] = []
    times: list[datetime] = []
    mutes: list[Mute] = []

    def tick(wait: bool) -> None:
        nonlocal waiting
        found = release(waiting, who, now, times, mutes, wait)
        settled = [*found.diverted, *(p for _, group in found.alerts for p in group)]
        told.extend(p.item.development.development_id for _, group in found.alerts for p in group)
        held.extend(p.item.development.development_id for p in found.diverted)
        times.extend(alert.created for alert, _ in found.alerts)
        waiting = [p for p in waiting if p not in settled]
        if who.at_most:
            assert sum(moment > now - who.at_most.per for moment in times) <= who.at_most.count

    for what, seconds, topic, severity in happenings:
        now += timedelta(seconds=seconds)
        if what == "news":
            number += 1
            development = replace(news.DETAINED, development_id=str(number), topic=topic, severity=Severity(severity))
            story = replace(news.STORY, story_id=f"s{number}")
            routing = policy.route(
                news.decision(development), story, event=news.EVENT, recipients=[who], now=now, mutes=mutes
            )
            waiting += routing.pending
            held += [one.item.development.development_id for one in routing.held]
        elif what == "mute":
            mutes.append(mute(now, seconds * MINUTE, topic=topic))
        elif what == "unmute":
            mutes.clear()
        elif what != "restart":
            tick(wait=what == "tick")
    for _ in range(number + 1):  # at last everything is over, an hour after an hour
        now += 48 * HOUR
        tick(wait=True)
        now += 12 * HOUR
        tick(wait=True)
    assert waiting == []
    assert sorted(told + held, key=int) == [str(n) for n in range(1, number + 1)]
