"""Which day a sentence speaks of, held against the day it was published (a Sunday)."""

from datetime import UTC, datetime

import pytest

from newswatch.reading import Reader

NOW = datetime(2031, 3, 2, 12, tzinfo=UTC)
READER = Reader({})


def day(text: str, language: str = "en", published: datetime = NOW) -> str:
    """ISO date, or empty."""
    (sentence,) = READER.read("", text, language, published)
    days = {claim.when for claim in sentence.claims}
    assert len(days) == 1, "all claims of a sentence are of one day"
    when = days.pop()
    assert (when is None) == (sentence.age is None)
    if when is not None:
        assert (when.hour, when.minute, when.tzinfo) == (0, 0, UTC)
        assert sentence.age == (published - when).total_seconds() / 86400
    return when.date().isoformat() if when else ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He left on Thursday.", "2031-02-27"),
        ("He left on Sunday.", "2031-03-02"),
        ("He left on Monday.", "2031-02-24"),
        ("He left on February 27.", "2031-02-27"),
        ("He left on 27 February.", "2031-02-27"),
        ("He left on August 8.", "2030-08-08"),
        ("He left on August 8, 2019.", "2019-08-08"),
        ("He left on 8 August 2019.", "2019-08-08"),
        ("He left on Saturday, March 1.", "2031-03-01"),
        ("He left today.", "2031-03-02"),
        ("He left this morning.", "2031-03-02"),
        ("He left last night.", "2031-03-01"),
        ("He left yesterday.", "2031-03-01"),
        ("He will leave tomorrow.", "2031-03-03"),
        ("He will leave on March 10.", "2031-03-10"),
        ("He left in December.", "2030-12-15"),
        ("He left in June 2029.", "2029-06-15"),
        ("He was there from 2011 to 2017.", "2017-07-01"),
        ("He left.", ""),
        ("He left in 2031.", ""),
        ("He plans it for 2040.", ""),
        ("He left on February 30.", ""),
        ("He left in March.", ""),
        ("Protesters march on the town.", ""),
        ("He may have left.", ""),
    ],
)
def test_days_in_english(text: str, expected: str) -> None:
    assert day(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Он уехал в четверг.", "2031-02-27"),
        ("Он уехал в среду.", "2031-02-26"),
        ("Он уехал 8 августа.", "2030-08-08"),
        ("Он уехал 8 августа 2019 года.", "2019-08-08"),
        ("Он уехал сегодня.", "2031-03-02"),
        ("Он уехал вчера.", "2031-03-01"),
        ("Он уехал минувшей ночью.", "2031-03-01"),
        ("Он уедет завтра.", "2031-03-03"),
        ("Он уедет 10 марта.", "2031-03-10"),
        ("Он уехал в мае.", "2030-05-15"),
        ("Он был там с 2011 по 2017 год.", "2017-07-01"),
        ("Он уехал.", ""),
    ],
)
def test_days_in_russian(text: str, expected: str) -> None:
    assert day(text, "ru") == expected


def test_the_most_exact_day_wins() -> None:
    assert day("Today he said that he left on Friday, February 21, for the first time since 2019.") == "2031-02-21"
    assert day("Today he said that he left on Friday.") == "2031-02-28"


def test_a_date_up_to_45_days_ahead_is_a_plan_and_a_later_one_is_past() -> None:
    assert day("It begins on April 16.") == "2031-04-16"
    assert day("It begins on April 17.") == "2030-04-17"


def test_a_leap_day_in_a_common_year_is_no_day() -> None:
    assert day("He left on February 29.") == ""
    assert day("He left on February 29.", published=datetime(2032, 3, 2, tzinfo=UTC)) == "2032-02-29"


def test_a_number_that_is_no_day_makes_a_date_of_its_month_only() -> None:
    assert day("By December 400 people left.") == "2030-12-15"
