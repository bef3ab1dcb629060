"""What waited together: in order, and without the figures that it overtook itself."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from loopback import news
from newswatch.alerting.merge import merged
from newswatch.model import Bound, Development, FigureChange, Outcome, Pending, Severity

NOW = news.NOW


def pending(development: Development, minutes: int = 0, story: str = "") -> Pending:
    item = news.item(development, replace(news.STORY, story_id=story or development.story_id))
    return Pending("desk", item, "velmora", news.EVENT.title, NOW + timedelta(minutes=minutes))


def injured(was: float | None, value: float, **changes: Any) -> Development:
    before = "" if was is None else f"{was:g} → "
    figure = FigureChange("injured", value, was)
    plain: dict[str, Any] = {
        "development_id": f"dev_{value:g}", "summary": f"Injured: {before}{value:g}", "figure": figure,
        "known_before": f"{was:g} were injured." if was is not None else "", "against": f"fct_{was}",
        "outcome": Outcome.NEW if was is None else Outcome.CHANGED,
    }  # fmt: skip
    return replace(news.INJURED, **(plain | changes))


def ids(*waiting: Pending) -> list[str]:
    return [item.development.development_id for item in merged(waiting, "en")]


def test_the_most_severe_comes_first_and_then_the_newest() -> None:
    waiting = [pending(news.RESIGNS, 0), pending(news.DENIED, 1), pending(news.DETAINED, 2), pending(news.EVACUATED, 3)]
    assert ids(*waiting) == ["dev_detained", "dev_denied", "dev_evacuated", "dev_resigns"]


def test_what_one_story_says_keeps_its_order() -> None:
    assert ids(pending(news.DENIED), pending(news.DETAINED)) == ["dev_denied", "dev_detained"]
    assert ids(pending(news.DETAINED), pending(news.DENIED)) == ["dev_detained", "dev_denied"]


def test_a_figure_that_rose_twice_is_told_once_with_what_was_known_before_the_first() -> None:
    [item] = merged(
        [pending(injured(50, 98), 0), pending(injured(98, 132), 5), pending(injured(132, 150), 9, "s3")], "en"
    )
    told = item.development
    assert told.development_id == "dev_150"
    assert told.summary == "Injured: 50 → 150"
    assert told.figure == FigureChange("injured", 150, 50)
    assert (told.known_before, told.against) == ("50 were injured.", "fct_50")
    assert told.reason == "rises: 50 was known; 98, 132 in between"
    assert item.story.story_id == "s3"


def test_a_figure_that_was_new_stays_new() -> None:
    [item] = merged([pending(injured(None, 50)), pending(injured(50, 98), 1)], "en")
    told = item.development
    assert (told.outcome, told.summary, told.known_before) == (Outcome.NEW, "Injured: 98", "")
    assert told.figure == FigureChange("injured", 98)


def test_the_urgency_of_what_was_overtaken_stays() -> None:
    mild = injured(98, 132, severity=Severity.DIGEST, topic="politics")
    [item] = merged([pending(injured(50, 98)), pending(mild, 1)], "en")
    assert (item.development.severity, item.development.topic) == (Severity.ALERT, "casualties")


def test_figures_that_do_not_follow_from_one_another_stay_beside_each_other() -> None:
    first = injured(50, 98)
    for other in (
        injured(90, 132),
        injured(98, 132, figure=FigureChange("killed", 132, 98)),
        injured(98, 132, summary="Injured (police): 98 → 132"),
        injured(98, 132, figure=FigureChange("injured", 132, 98, was_bound=Bound.ABOVE)),
        injured(98, 90, outcome=Outcome.CONTRADICTS),
        injured(98, 132, event="kestrel"),
    ):
        assert len(merged([pending(first), pending(other, 1)], "en")) == 2, other


def test_two_that_follow_from_one_are_not_both_its_heirs() -> None:
    waiting = [pending(injured(50, 98)), pending(injured(98, 132), 1), pending(injured(98, 140), 2)]
    assert ids(*waiting) == ["dev_140", "dev_132"]


def test_a_sentence_stays_as_it_is_and_its_numbers_span() -> None:
    first = injured(50, 98, summary="The number of injured rose from 50 to 98.")
    second = injured(98, 132, summary="132 people are injured now.")
    [item] = merged([pending(first), pending(second, 1)], "en")
    assert (item.development.summary, item.development.figure) == (
        "132 people are injured now.", FigureChange("injured", 132, 50),
    )  # fmt: skip
