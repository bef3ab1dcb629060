"""One fact told twice is one line with both sources; what tells more of its own stays a line."""

from dataclasses import replace
from typing import Any

import pytest

from loopback import news
from newswatch.alerting.same import told_once
from newswatch.model import AlertItem, Bound, Development, FigureChange, Outcome, Severity, Story

HERALD = news.STORY
WIRE = replace(HERALD, story_id="sty_w", source="Lake Wire", url="https://wire.example.org/98")
NUMBER = "injured 98"
LINE = replace(
    news.INJURED,
    development_id="dev_line",
    summary="Injured: 85 → 98",
    figure=FigureChange("injured", 98, 85, line=True),
    tells=(NUMBER,),
    says=(NUMBER,),
)
SENTENCE = replace(
    news.DETAINED, development_id="dev_sentence", summary="98 injured as dam breaks, ministry says", tells=(NUMBER,),
    says=(NUMBER, "break done"), topic="casualties",
)  # fmt: skip


def item(told: Development, story: Story = HERALD, **changes: Any) -> AlertItem:
    return news.item(replace(told, story_id=story.story_id, **changes), story)


def once(*items: AlertItem, language: str = "en") -> tuple[AlertItem, ...]:
    return told_once(items, language)


@pytest.mark.parametrize("order", [1, -1])
def test_a_number_and_a_sentence_that_says_it_are_one_with_the_number_before(order: int) -> None:
    [one] = once(*(item(SENTENCE), item(LINE, WIRE))[::order])
    told = one.development
    assert (told.summary, one.story.source) == (SENTENCE.summary, "The Arda Herald")
    assert told.figure == FigureChange("injured", 98, 85)
    assert (told.outcome, told.why, told.known_before) == (Outcome.CHANGED, LINE.why, LINE.known_before)
    assert one.other_sources == (("Lake Wire", WIRE.url),)


def test_a_wire_copy_is_another_source_of_the_same_line() -> None:
    [one] = once(item(LINE), item(LINE, WIRE), item(LINE, replace(WIRE, source="Kestrel Post", url="")))
    assert one.development == item(LINE).development
    assert one.other_sources == (("Lake Wire", WIRE.url), ("Kestrel Post", ""))


def test_of_one_story_nobody_is_named_twice() -> None:
    [one] = once(item(SENTENCE), item(LINE))
    assert one.other_sources == ()


def test_the_more_urgent_lends_its_urgency_and_its_topic() -> None:
    mild = item(SENTENCE, severity=Severity.DIGEST, topic="politics")
    [one] = once(mild, item(LINE, WIRE))
    assert (one.development.severity, one.development.topic) == (Severity.ALERT, "casualties")


def test_what_says_more_takes_in_what_says_less_and_not_the_other_way() -> None:
    charged = ("charge done @lyadov", "charge done @lyadov with #murder")
    less = item(news.DETAINED, tells=charged, says=charged)
    more = item(SENTENCE, WIRE, tells=(*charged, "arrest done @lyadov"), says=(*charged, "arrest done @lyadov"))
    [one] = once(less, more)
    assert one.development.development_id == "dev_sentence"
    other = item(news.DETAINED, tells=(charged[0], "charge done @lyadov with #corruption"), says=())
    assert len(once(other, more)) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"outcome": Outcome.CONTRADICTS},
        {"outcome": Outcome.CORRECTED},
        {"outcome": Outcome.CONFIRMS},
        {"event": "kestrel"},
        {"says": (), "tells": ("injured 99",), "figure": FigureChange("injured", 99)},
        {"says": (), "tells": ("killed 98",), "figure": FigureChange("killed", 98)},
        {"says": (), "tells": ("injured 98 police",), "figure": FigureChange("injured", 98, group="police")},
        {"says": (), "tells": (), "figure": None},
    ],
)
def test_what_is_not_the_same_stays_a_line(changes: dict[str, Any]) -> None:
    assert len(once(item(LINE), item(LINE, WIRE, **changes))) == 2


def test_two_hedges_of_one_number_are_one() -> None:
    [one] = once(item(LINE), item(LINE, WIRE, figure=FigureChange("injured", 98, 85, Bound.AT_LEAST, line=True)))
    assert one.development.figure == LINE.figure


def test_what_an_older_newswatch_kept_is_known_by_its_number() -> None:
    old: dict[str, Any] = {"tells": (), "says": (), "figure": FigureChange("injured", 98)}
    assert len(once(item(LINE, **old), item(LINE, WIRE, **old))) == 1
    assert len(once(item(news.DETAINED), item(news.DETAINED, WIRE))) == 2


def test_a_line_in_the_readers_language_remains() -> None:
    russian = replace(WIRE, language="ru", source="Вестник")
    here, there = item(SENTENCE), item(SENTENCE, russian, summary="98 пострадавших")
    for order in ((here, there), (there, here)):
        assert [one.story.language for one in once(*order)] == ["en"]
        assert [one.story.language for one in once(*order, language="ru")] == ["ru"]
    more = replace(there, development=replace(there.development, tells=(NUMBER, "break done")))
    assert len(once(item(LINE, figure=None), more, language="en")) == 2


def test_the_order_of_the_rest_stays() -> None:
    items = (item(news.DENIED), item(SENTENCE), item(news.RESIGNS), item(LINE, WIRE), item(news.EVACUATED))
    assert [one.development.development_id for one in once(*items)] == [
        "dev_denied", "dev_sentence", "dev_resigns", "dev_evacuated",
    ]  # fmt: skip
    assert once() == ()
