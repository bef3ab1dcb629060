"""Numbers that count something: of what, how many, how sure; and numbers that count nothing."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newswatch.model import Bound, Figure
from newswatch.reading import Reader
from newswatch.text import fold

NOW = datetime(2031, 3, 2, 12, tzinfo=UTC)
READER = Reader({})


def figures(text: str, language: str = "en") -> list[Figure]:
    read = READER.read("", text, language, NOW)
    return [claim for sentence in read for claim in sentence.claims if isinstance(claim, Figure)]


def counted(text: str, language: str = "en") -> list[tuple[str, float]]:
    return [(claim.measure, claim.value) for claim in figures(text, language)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("98 people were injured.", 98),
        ("Ninety-eight people were injured.", 98),
        ("Twenty three people were injured.", 23),
        ("A dozen people were injured.", 12),
        ("Two dozen people were injured.", 24),
        ("A hundred people were injured.", 100),
        ("One hundred and twenty people were injured.", 120),
        ("Two thousand three hundred people were injured.", 2300),
        ("One million two hundred thirty thousand people were injured.", 1_230_000),
        ("1,500 people were injured.", 1500),
        ("1.5 million people were injured.", 1_500_000),
        ("100 000 people were injured.", 100_000),
    ],
)
def test_numbers_in_digits_and_in_english_words(text: str, value: float) -> None:
    assert counted(text) == [("injured", value)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Пострадали девять человек.", 9),
        ("Пострадали сорок пять человек.", 45),
        ("Пострадали двести тридцать человек.", 230),
        ("Пострадали миллион двести тридцать тысяч пять человек.", 1_230_005),
        ("Пострадали полторы тысячи человек.", 1500),
        ("Пострадали 1,5 тысячи человек.", 1500),
        ("Пострадали 5 тыс. человек.", 5000),
        ("Пострадали 1 500 человек.", 1500),
        ("Пострадали два десятка человек.", 20),
        ("Пострадали шестеро.", 6),
    ],
)
def test_numbers_in_digits_and_in_russian_words(text: str, value: float) -> None:
    assert counted(text, "ru") == [("injured", value)]


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("20 to 30 people were injured.", 20, 30),
        ("From 20 to 30 people were injured.", 20, 30),
        ("Between 20 and 30 people were injured.", 20, 30),
        ("20-30 people were injured.", 20, 30),
        ("20–30 people were injured.", 20, 30),
        ("Twenty to thirty people were injured.", 20, 30),
    ],
)
def test_a_range_is_one_figure(text: str, low: float, high: float) -> None:
    (claim,) = figures(text)
    assert (claim.measure, claim.value, claim.high) == ("injured", low, high)


@pytest.mark.parametrize("text", ["От 20 до 30 человек ранены.", "20–30 человек ранены.", "Между 20 и 30 ранены."])
def test_a_range_is_one_figure_in_russian(text: str) -> None:
    (claim,) = figures(text, "ru")
    assert (claim.measure, claim.value, claim.high) == ("injured", 20, 30)


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("The number of people killed rose from 3 to 9.", "en", 9),
        ("The number of the dead grew from three to nine.", "en", 9),
        ("The death toll fell from 9 to 7.", "en", 7),
        ("Число погибших выросло с трех до девяти.", "ru", 9),
        ("Число погибших увеличилось с 3 до 9.", "ru", 9),
        ("The death toll rose to 9.", "en", 9),
        ("Число погибших выросло до девяти.", "ru", 9),
    ],
)
def test_from_what_was_to_what_is_gives_what_is(text: str, language: str, value: float) -> None:
    (claim,) = figures(text, language)
    assert (claim.measure, claim.value, claim.high, claim.bound) == ("killed", value, None, Bound.EXACT)


@pytest.mark.parametrize(
    ("words", "bound"),
    [
        ("", Bound.EXACT),
        ("More than", Bound.ABOVE), ("Over", Bound.ABOVE), ("In excess of", Bound.ABOVE),
        ("At least", Bound.AT_LEAST), ("No fewer than", Bound.AT_LEAST), ("No less than", Bound.AT_LEAST),
        ("About", Bound.ABOUT), ("Some", Bound.ABOUT), ("Nearly", Bound.ABOUT), ("Around", Bound.ABOUT),
        ("An estimated", Bound.ABOUT), ("Just under", Bound.ABOUT), ("Approximately", Bound.ABOUT),
        ("Up to", Bound.AT_MOST), ("As many as", Bound.AT_MOST), ("No more than", Bound.AT_MOST),
        ("Not more than", Bound.AT_MOST),
        ("Fewer than", Bound.BELOW), ("Less than", Bound.BELOW), ("Under", Bound.BELOW),
    ],
)  # fmt: skip
def test_hedges_in_english(words: str, bound: Bound) -> None:
    (claim,) = figures(f"{words} 50 people were injured.")
    assert (claim.measure, claim.value, claim.bound) == ("injured", 50, bound)


@pytest.mark.parametrize(
    ("words", "bound"),
    [
        ("", Bound.EXACT),
        ("Более", Bound.ABOVE), ("Более чем", Bound.ABOVE), ("Свыше", Bound.ABOVE), ("Больше", Bound.ABOVE),
        ("Не менее", Bound.AT_LEAST), ("Как минимум", Bound.AT_LEAST), ("По меньшей мере", Bound.AT_LEAST),
        ("По крайней мере", Bound.AT_LEAST),
        ("Около", Bound.ABOUT), ("Примерно", Bound.ABOUT), ("Почти", Bound.ABOUT), ("Порядка", Bound.ABOUT),
        ("До", Bound.AT_MOST), ("Не более", Bound.AT_MOST), ("Не больше", Bound.AT_MOST),
        ("Менее", Bound.BELOW), ("Меньше", Bound.BELOW),
    ],
)  # fmt: skip
def test_hedges_in_russian(words: str, bound: Bound) -> None:
    (claim,) = figures(f"{words} 50 человек ранены.", "ru")
    assert (claim.measure, claim.value, claim.bound) == ("injured", 50, bound)


def test_a_hedge_goes_with_its_own_number() -> None:
    claims = figures("At least 9 people were killed and 57 were injured.")
    assert [(c.value, c.bound) for c in claims] == [(9, Bound.AT_LEAST), (57, Bound.EXACT)]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("3 people were killed and 20 were injured.", "en", [("killed", 3), ("injured", 20)]),
        ("Killed: 3, injured: 20.", "en", [("killed", 3), ("injured", 20)]),
        ("Two died, 98 were injured and 14 are missing.", "en", [("killed", 2), ("injured", 98), ("missing", 14)]),
        ("The blast killed nine, five injured walked home.", "en", [("killed", 9), ("injured", 5)]),
        ("One officer was killed and 52 people, a reporter among them, were injured.", "en",
         [("killed", 1), ("injured", 52)]),
        ("Ранены 48 человек, погиб один.", "ru", [("injured", 48), ("killed", 1)]),
        ("Двое погибли, 98 пострадали.", "ru", [("killed", 2), ("injured", 98)]),
        ("Погибли 2 человека, ранены 98.", "ru", [("killed", 2), ("injured", 98)]),
    ],
)  # fmt: skip
def test_two_numbers_have_a_measure_each(text: str, language: str, expected: list[tuple[str, float]]) -> None:
    assert counted(text, language) == expected


@pytest.mark.parametrize(
    ("text", "language"),
    [("14 people injured remain in hospital.", "en"), ("14 пострадавших остаются в больнице.", "ru")],
)
def test_the_injured_who_remain_in_hospital_are_hospitalised(text: str, language: str) -> None:
    assert counted(text, language) == [("hospitalised", 14)]


@pytest.mark.parametrize(
    ("text", "language", "measure"),
    [
        ("Two policemen were wounded.", "en", "injured"),
        ("Six police officers have been killed.", "en", "killed"),
        ("Ранены шестеро милиционеров.", "ru", "injured"),
        ("Over 1,000 police officers were sent there.", "en", "officers"),
        ("На место прибыли 300 милиционеров.", "ru", "officers"),
    ],
)
def test_officers_are_counted_by_what_befell_them(text: str, language: str, measure: str) -> None:
    (claim,) = figures(text, language)
    assert (claim.measure, claim.whom) == (measure, ("police",))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("On August 8 people were killed.", "en"),
        ("On 8 August people were killed.", "en"),
        ("In 2019 people were killed.", "en"),
        ("Between 1999 and 2003 people were killed.", "en"),
        ("In 1999–2003 people were killed.", "en"),
        ("On 08.08.2019 people were killed.", "en"),
        ("A 45-year-old man was killed.", "en"),
        ("A man aged 45 was killed.", "en"),
        ("45 percent of the killed were men.", "en"),
        ("45% of the killed were men.", "en"),
        ("At 10:30 people were killed.", "en"),
        ("At 10 a.m. people were killed.", "en"),
        ("Several people were killed.", "en"),
        ("Hundreds of thousands of people protested.", "en"),
        ("8 августа погибли люди.", "ru"),
        ("В 2019 году погибли люди.", "ru"),
        ("45-летний мужчина погиб.", "ru"),
        ("45% пострадавших ушли домой.", "ru"),
        ("45 процентов пострадавших ушли домой.", "ru"),
        ("В 10:30 погибли люди.", "ru"),
        ("В 10 часов утра задержали людей.", "ru"),
        ("Несколько человек ранены.", "ru"),
    ],
)
def test_dates_ages_shares_times_and_loose_words_count_nothing(text: str, language: str) -> None:
    assert counted(text, language) == []


def test_may_is_a_month_only_with_a_capital() -> None:
    assert counted("At least 20 may have been killed.") == [("killed", 20)]
    assert counted("On 20 May people were killed.") == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("On Sunday 98 people were injured.", "en"),
        ("In August, 98 people were injured.", "en"),
        ("В воскресенье 98 человек пострадали.", "ru"),
        ("В августе, по данным врачей, 98 человек пострадали.", "ru"),
    ],
)
def test_a_day_before_a_number_leaves_it_a_count(text: str, language: str) -> None:
    assert counted(text, language) == [("injured", 98)]


def test_durations_are_of_time_and_a_sentence_is_of_years() -> None:
    assert counted("He was detained for 48 hours.") == [("count:hour", 48)]
    assert counted("He was sentenced to 11 years in prison.") == [("sentence-years", 11)]
    assert counted("Его приговорили к 11 годам лишения свободы.", "ru") == [("sentence-years", 11)]
    assert counted("Суд дал ему 5 лет лишения свободы.", "ru") == [("sentence-years", 5)]


def test_people_are_counted_whole() -> None:
    assert counted("An earthquake of magnitude 6.5 killed 20 people.") == [("magnitude", 6.5), ("killed", 20)]
    assert counted("The 2.5 of the killed.") == []


def test_what_no_measure_counts_is_counted_by_what_it_is() -> None:
    assert counted("They saw 3 zorbs there.") == []
    assert [measure for measure, _ in counted("They saw 12 bridges there.")] == ["count:bridge"]


def test_a_number_is_read_once_a_sentence() -> None:
    assert counted("The toll is 9 (nine) killed, and 9 were killed at night.") == [("killed", 9)]


def test_who_is_counted_of_all() -> None:
    (claim,) = figures("Six children were injured.")
    assert (claim.measure, claim.whom) == ("injured", ("children",))


# ---------------------------------------------------------------- properties

TOLD = [
    "At least nine people were killed.",
    "Forty people are missing.",
    "Police detained 12 people.",
    "Between 20 and 30 people were injured.",
    "The river is still rising.",
]
TOLD_RU = ["Погибли не менее девяти человек.", "Пропали без вести 40 человек.", "Задержаны 12 человек."]


def told(claims: Sequence[Figure]) -> list[tuple[str, float, float | None, str]]:
    return sorted((c.measure, c.value, c.high, c.bound.value) for c in claims)


@given(st.permutations(TOLD))
def test_the_order_of_sentences_does_not_change_the_figures(sentences: list[str]) -> None:
    assert told(figures(" ".join(sentences))) == told(figures(" ".join(TOLD)))


@given(st.lists(st.sampled_from(TOLD_RU), min_size=1, max_size=12))
def test_a_sentence_told_again_brings_no_other_figure(sentences: list[str]) -> None:
    once = " ".join(dict.fromkeys(sentences))
    assert set(told(figures(" ".join(sentences), "ru"))) == set(told(figures(once, "ru")))


@given(st.sampled_from([*TOLD, *TOLD_RU]), st.sampled_from([str.upper, str.lower, str.title, fold]))
def test_case_and_folding_do_not_change_the_figures(text: str, form: object) -> None:
    assert callable(form)
    language = "ru" if text in TOLD_RU else "en"
    assert told(figures(form(text), language)) == told(figures(text, language))


@given(st.integers(2, 99_999).filter(lambda n: not 1900 <= n <= 2100))
def test_digits_are_read_however_they_are_grouped(value: int) -> None:
    for written in (f"{value}", f"{value:,}", f"{value:,}".replace(",", " "), f"{value:,}".replace(",", ".")):
        assert counted(f"Hail injured {written} people.") == [("injured", value)], written
