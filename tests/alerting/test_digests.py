"""When a digest is due: cron in the recipient's zone, once a run, also on the nights the clocks change."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopback import news
from newswatch.alerting import policy
from newswatch.config.cron import cron_trigger
from newswatch.config.settings import Digest, Recipient
from newswatch.model import Held, Severity


def recipient(cron: str = "0 7 * * *", timezone: str = "UTC") -> Recipient:
    return Recipient(id="desk", channels=("mail",), timezone=timezone, digest=Digest(cron=cron))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_it_is_due_at_its_time_in_the_recipients_zone_and_then_not_again() -> None:
    who, last = recipient(timezone="Asia/Bishkek"), at("2031-03-01T01:00")
    assert policy.digest_due(who, last_run=last, now=at("2031-03-02T00:59:59")) is None
    run = policy.digest_due(who, last_run=last, now=at("2031-03-02T01:00:20"))
    assert run == policy.DigestRun("2031-03-02T07:00", last, at("2031-03-02T01:00"))
    assert policy.digest_due(who, last_run=run.until, now=at("2031-03-02T01:00:21")) is None


def test_without_a_digest_none_is_due() -> None:
    assert policy.digest_due(Recipient(id="a", channels=("b",), digest=None), last_run=None, now=news.NOW) is None


def test_runs_missed_while_the_machine_was_off_are_one() -> None:
    run = policy.digest_due(recipient(), last_run=at("2031-03-01T07:00"), now=at("2031-03-09T12:00"))
    assert run == policy.DigestRun("2031-03-09T07:00", at("2031-03-01T07:00"), at("2031-03-09T07:00"))


def test_the_first_run_marks_the_latest_firing_and_is_known_as_the_first() -> None:
    run = policy.digest_due(recipient(), last_run=None, now=at("2031-03-02T12:00"))
    assert run == policy.DigestRun("2031-03-02T07:00", at("2031-03-01T07:00"), at("2031-03-02T07:00"), first=True)
    assert policy.digest_due(recipient(), last_run=run.until, now=at("2031-03-03T06:59")) is None
    second = policy.digest_due(recipient(), last_run=run.until, now=at("2031-03-03T07:00"))
    assert second == policy.DigestRun("2031-03-03T07:00", run.until, at("2031-03-03T07:00"))


def test_on_the_night_the_clocks_go_back_it_runs_once() -> None:
    who, last = recipient("30 2 * * *", "Europe/Berlin"), at("2026-10-24T00:30")
    first = policy.digest_due(who, last_run=last, now=at("2026-10-25T00:31"))
    assert first == policy.DigestRun("2026-10-25T02:30", last, at("2026-10-25T00:30"))
    assert policy.digest_due(who, last_run=first.until, now=at("2026-10-25T01:31")) is None
    after = policy.digest_due(who, last_run=first.until, now=at("2026-10-26T01:31"))
    assert after == policy.DigestRun("2026-10-26T02:30", first.until, at("2026-10-26T01:30"))


def test_noticed_late_on_that_night_it_has_the_same_key() -> None:
    who = recipient("30 2 * * *", "Europe/Berlin")
    late = policy.digest_due(who, last_run=at("2026-10-24T00:30"), now=at("2026-10-25T05:00"))
    assert late is not None
    assert late.run_key == "2026-10-25T02:30"


def test_on_the_night_the_clocks_go_forward_it_still_runs() -> None:
    who = recipient("30 2 * * *", "Europe/Berlin")
    run = policy.digest_due(who, last_run=at("2026-03-28T01:30"), now=at("2026-03-29T02:00"))
    assert run == policy.DigestRun("2026-03-29T03:30", at("2026-03-28T01:30"), at("2026-03-29T01:30"))


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),  # noqa: DTZ001 - given its zone below
    st.integers(1, 400),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]),
    st.sampled_from(["30 2 * * *", "0 */6 * * *", "*/30 1-3 * * *"]),
)
def test_periods_follow_on_each_other_without_gap_or_repeat(
    start: datetime, steps: int, timezone: str, cron: str
) -> None:
    who, last, now, keys = recipient(cron, timezone), None, start.replace(tzinfo=UTC), []
    for _ in range(min(steps, 60)):
        run = policy.digest_due(who, last_run=last, now=now)
        if run is not None:
            assert run.start < run.until <= now
            assert last is None or run.start == last
            keys.append(run.run_key)
            last = run.until
        now += timedelta(minutes=7 * steps)
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("cron", "days"),
    [
        ("0 7 * * 0", "Sun"),
        ("0 7 * * 7", "Sun"),
        ("0 7 * * 1", "Mon"),
        ("0 7 * * 1-5", "Mon Tue Wed Thu Fri"),
        ("0 7 * * 5-7", "Fri Sat Sun"),
        ("0 7 * * mon,thu", "Mon Thu"),
        ("0 7 * * mon-5,7", "Mon Tue Wed Thu Fri Sun"),
        ("0 7 * * */2", "Tue Thu Sat Sun"),
        ("0 7 * * 2/2", "Tue Thu Sat"),
    ],
)
def test_weekdays_count_as_cron_counts_them(cron: str, days: str) -> None:
    trigger, fired = cron_trigger(cron, "UTC"), at("2031-03-03T00:00")
    seen: list[str] = []
    while len(seen) < len(days.split()):
        fired = trigger.get_next_fire_time(None, fired) + timedelta(seconds=1)
        seen.append(f"{fired:%a}")
    assert seen == days.split()


def test_a_firing_years_ago_is_found_and_a_minutely_one_is_found_fast() -> None:
    leap = policy.digest_due(recipient("0 7 29 2 *"), last_run=None, now=at("2031-03-02T12:00"))
    assert leap == policy.DigestRun("2028-02-29T07:00", at("2024-02-29T07:00"), at("2028-02-29T07:00"), True)
    minutely = policy.digest_due(recipient("* * * * *"), last_run=at("2025-01-01T00:00"), now=at("2031-03-02T12:00:30"))
    assert minutely is not None
    assert minutely.until == at("2031-03-02T12:00")


def test_the_digest_holds_what_was_held_by_event_and_topic_and_most_severe_first() -> None:
    run = policy.DigestRun("2031-03-02T07:00", at("2031-03-01T07:00"), at("2031-03-02T07:00"))
    other = replace(news.item(replace(news.RESIGNS, event="kestrel", development_id="dev_k")), event_title="Kestrel")
    untopical = news.item(replace(news.DENIED, topic="", severity=Severity.DIGEST))
    held = [
        Held("desk", news.item(news.RESIGNS), "velmora", news.EVENT.title, at("2031-03-01T08:00")),
        Held("desk", other, "kestrel", "Kestrel", at("2031-03-01T09:00")),
        Held("desk", news.item(news.EVACUATED), "velmora", news.EVENT.title, at("2031-03-01T10:00")),
        Held("desk", news.item(news.INJURED), "velmora", news.EVENT.title, at("2031-03-01T11:00")),
        Held("desk", untopical, "velmora", news.EVENT.title, at("2031-03-01T07:30")),
    ]
    topics = {"velmora": ["politics", "casualties"]}
    alert = policy.digest_alert(recipient(), run, held, policy.DigestBeside((("seen", 4),), topics))
    assert [i.development.development_id for i in alert.items] == [
        "dev_injured",  # the topic that has something urgent comes first, and it first of the topic
        "dev_evacuated",
        "dev_resigns",
        "dev_denied",  # no topic
        "dev_k",
    ]
    held[3] = replace(held[3], item=news.item(replace(news.INJURED, severity=Severity.DIGEST)))
    calm = policy.digest_alert(recipient(), run, held, policy.DigestBeside((), topics))
    assert calm.items[0].development.development_id == "dev_resigns", "the event file's order"
    assert (alert.event, alert.event_title, alert.digest) == ("", "", True)
    assert (alert.period, alert.counts, alert.created) == ((run.start, run.until), (("seen", 4),), run.until)
    assert alert.alert_id == policy.digest_alert(recipient(), run, [], policy.DigestBeside()).alert_id
    one = policy.digest_alert(recipient(), run, held[2:], policy.DigestBeside())
    assert (one.event, one.event_title) == ("velmora", news.EVENT.title)
