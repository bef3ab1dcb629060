"""What is said beside a number: money, nobody, dozens, where, as of when, by whom, of whom exactly."""

from datetime import UTC, datetime

import pytest

from newswatch.model import Bound, Figure
from newswatch.reading import Reader

NOW = datetime(2031, 3, 2, 12, tzinfo=UTC)
READER = Reader(
    {"sandoval": ["Petra Sandoval", "Петра Сандовал"], "velmora": ["Velmora", "Велмора"]}, {"sandoval"}, {"velmora"}
)


def figures(text: str, language: str = "en") -> list[Figure]:
    read = READER.read("", text, language, NOW)
    return [claim for sentence in read for claim in sentence.claims if isinstance(claim, Figure)]


def counted(text: str, language: str = "en") -> list[tuple[str, float]]:
    return [(claim.measure, claim.value) for claim in figures(text, language)]


# ---------------------------------------------------------------- sums of money


@pytest.mark.parametrize(
    ("text", "language", "value", "unit"),
    [
        ("The repair cost $5 million.", "en", 5_000_000, "usd"),
        ("The repair cost 5 million soms.", "en", 5_000_000, "kgs"),
        ("The repair cost 5 million US dollars.", "en", 5_000_000, "usd"),
        ("The repair cost €3bn.", "en", 3_000_000_000, "eur"),
        ("The repair cost £1.4bn.", "en", 1_400_000_000, "gbp"),
        ("The repair cost $1.3 m.", "en", 1_300_000, "usd"),
        ("The repair cost €20k.", "en", 20_000, "eur"),
        ("The repair cost US$20,000.", "en", 20_000, "usd"),
        ("The repair cost USD 20,000.", "en", 20_000, "usd"),
        ("The repair cost 2.50 euros.", "en", 2.5, "eur"),
        ("Ремонт стоил 5 млн сомов.", "ru", 5_000_000, "kgs"),
        ("Ремонт оценили на 200 тысяч долларов.", "ru", 200_000, "usd"),
        ("Ремонт стоил 1,5 миллиарда рублей.", "ru", 1_500_000_000, "rub"),
        ("Ремонт стоил 300 тыс. руб.", "ru", 300_000, "rub"),
        ("Ремонт стоил 20 000 €.", "ru", 20_000, "eur"),
        ("Ремонт стоил 5 миллионов долларов США.", "ru", 5_000_000, "usd"),
    ],
)
def test_a_sum_of_money_has_its_currency(text: str, language: str, value: float, unit: str) -> None:
    (claim,) = figures(text, language)
    assert (claim.measure, claim.value, claim.unit, claim.whom) == ("money", value, unit, ())


@pytest.mark.parametrize(
    ("text", "language", "measure"),
    [
        ("The court imposed a fine of 500,000 soms.", "en", "fine"),
        ("Bail was set at €20,000.", "en", "bail"),
        ("The flood caused damage worth $210 million.", "en", "damage"),
        ("They demanded a ransom of $2 million.", "en", "ransom"),
        ("Суд назначил штраф в 50 тысяч сомов.", "ru", "fine"),
        ("Его отпустили под залог в 20 тысяч долларов.", "ru", "bail"),
        ("Ущерб от паводка составил 5 млн рублей.", "ru", "damage"),
        ("Они требовали выкуп в 2 млн долларов.", "ru", "ransom"),
        ("Он получил взятку в 10 тысяч долларов.", "ru", "bribe"),
    ],
)
def test_what_a_sum_is_for_is_its_measure(text: str, language: str, measure: str) -> None:
    assert [claim.measure for claim in figures(text, language)] == [measure]


def test_both_ends_of_a_range_are_multiplied() -> None:
    (claim,) = figures("The dam will cost $5-10 million.")
    assert (claim.value, claim.high, claim.unit) == (5_000_000, 10_000_000, "usd")
    (claim,) = figures("The dam will cost 900 to 2,000 dollars.")
    assert (claim.value, claim.high) == (900, 2000)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The wall is 5m high.", "en"),
        ("Nine people were hurt as dollars rained on them.", "en"),
        ("A pound of 9 apples.", "en"),
        ("Millions of dollars were lost.", "en"),
        ("Ранены 9 человек, доллары разлетелись по улице.", "ru"),
        ("Потеряны миллионы рублей.", "ru"),
    ],
)
def test_a_number_without_a_currency_beside_it_is_no_sum(text: str, language: str) -> None:
    assert [claim for claim in figures(text, language) if claim.unit] == []


# ---------------------------------------------------------------- nobody


@pytest.mark.parametrize(
    ("text", "language", "measures"),
    [
        ("There were no casualties.", "en", ["injured"]),
        ("Nobody was hurt.", "en", ["injured"]),
        ("No one was killed.", "en", ["killed"]),
        ("No one was killed or injured.", "en", ["killed", "injured"]),
        ("No police officers were seriously hurt.", "en", ["injured"]),
        ("Пострадавших нет.", "ru", ["injured"]),
        ("Пострадавших не было.", "ru", ["injured"]),
        ("Никто не погиб.", "ru", ["killed"]),
        ("Ни один человек не погиб.", "ru", ["killed"]),
        ("Жертв и пострадавших нет.", "ru", ["injured", "killed"]),
        ("Обошлось без жертв.", "ru", ["killed"]),
        ("Nikt nie zginął.", "pl", ["killed"]),
    ],
)
def test_nobody_is_a_figure_of_none(text: str, language: str, measures: list[str]) -> None:
    assert counted(text, language) == [(measure, 0) for measure in measures]


def test_nobody_beside_a_number_is_of_the_other_measure() -> None:
    assert counted("No one was killed and 5 people were hurt.") == [("injured", 5), ("killed", 0)]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("No one knows how many were killed.", "en"),
        ("There were no reports of injuries.", "en"),
        ("No further deaths were reported.", "en"),
        ("There is no doubt that people were killed.", "en"),
        ("She is no longer missing.", "en"),
        ("Nobody detained the director.", "en"),
        ("No charges were filed, and people were killed.", "en"),
        ("Данных о погибших нет.", "ru"),
        ("Сведений о пострадавших нет.", "ru"),
        ("Он ранен не был.", "ru"),
        ("Люди пропали без вести.", "ru"),
        ("Директора никто не задерживал.", "ru"),
        ("Никто не знает, сколько человек погибло.", "ru"),
    ],
)
def test_what_only_looks_like_nobody_is_no_figure(text: str, language: str) -> None:
    assert counted(text, language) == []


# ---------------------------------------------------------------- dozens


@pytest.mark.parametrize(
    ("text", "language", "measure", "value"),
    [
        ("Dozens were killed.", "en", "killed", 24),
        ("Hundreds of people protested, dozens were hurt.", "en", "injured", 24),
        ("Десятки людей ранены.", "ru", "injured", 20),
        ("Сотни людей эвакуированы.", "ru", "evacuated", 200),
    ],
)
def test_dozens_are_at_least_so_many(text: str, language: str, measure: str, value: float) -> None:
    assert (measure, value, Bound.AT_LEAST) in [(c.measure, c.value, c.bound) for c in figures(text, language)]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Several people were killed.", "en"),
        ("Tens of thousands marched.", "en"),
        ("Several hundred marched.", "en"),
        ("Несколько сотен человек ранены.", "ru"),
        ("Вышли десятки тысяч человек.", "ru"),
    ],
)
def test_looser_words_are_no_number(text: str, language: str) -> None:
    assert counted(text, language) == []


@pytest.mark.parametrize(
    ("text", "language", "bound"),
    [
        ("50 or more people were injured.", "en", Bound.AT_LEAST),
        ("50 people were injured.", "en", Bound.EXACT),
        ("50'den fazla kişi yaralandı.", "tr", Bound.ABOVE),
        ("50 kişi yaralandı.", "tr", Bound.EXACT),
    ],
)
def test_a_hedge_may_stand_behind_its_number(text: str, language: str, bound: Bound) -> None:
    (claim,) = figures(text, language)
    assert (claim.measure, claim.value, claim.bound) == ("injured", 50, bound)


# ---------------------------------------------------------------- where, when, by whom


@pytest.mark.parametrize(
    ("text", "language", "where"),
    [
        ("Nine people were killed in Velmora and 20 in Tarn.", "en", [("@velmora",), ("@tarn",)]),
        ("In Velmora 9 people were killed and 20 were injured.", "en", [("@velmora",), ("@velmora",)]),
        ("Nine people died in Germany, in France 20.", "en", [("#germany",), ("#france",)]),
        ("Nine people were killed, Petra Sandoval said.", "en", [()]),
        ("Nine people were killed in August.", "en", [()]),
        ("В Велморе погибли 9 человек, в Тарне 20.", "ru", [("@velmora",), ("@tarn",)]),
        ("В Германии погибли 9 человек.", "ru", [("#germany",)]),
        ("Погибли 9 человек, заявила Петра Сандовал.", "ru", [()]),
    ],
)
def test_a_figure_knows_where(text: str, language: str, where: list[tuple[str, ...]]) -> None:
    assert [claim.where for claim in figures(text, language)] == where


@pytest.mark.parametrize(
    ("text", "language", "day"),
    [
        ("As of Thursday morning, 9 people were missing.", "en", "02-27"),
        ("On Saturday rescuers said that as of Thursday 9 people were missing.", "en", "02-27"),
        ("По состоянию на 26 февраля пропали 9 человек.", "ru", "02-26"),
        ("В субботу сообщили, что по состоянию на 26 февраля пропали 9 человек.", "ru", "02-26"),
        ("9 people are missing.", "en", ""),
    ],
)
def test_a_figure_is_of_the_day_it_is_stated_for(text: str, language: str, day: str) -> None:
    (claim,) = figures(text, language)
    assert (f"{claim.when:%m-%d}" if claim.when else "") == day


@pytest.mark.parametrize(
    ("text", "language", "days"),
    [
        ("On Thursday 9 people were killed, on Friday 20 were injured.", "en", ["02-27", "02-28"]),
        ("В четверг погибли 9 человек, в пятницу ранены 20.", "ru", ["02-27", "02-28"]),
    ],
)
def test_two_figures_have_a_day_each(text: str, language: str, days: list[str]) -> None:
    assert [f"{claim.when:%m-%d}" for claim in figures(text, language) if claim.when] == days


@pytest.mark.parametrize(
    ("text", "language", "speaker"),
    [
        ("According to Petra Sandoval, 9 people were killed.", "en", "@sandoval"),
        ("Nine people were killed, the ministry said.", "en", "#ministry"),
        ("Nine people were killed.", "en", ""),
        ("По словам Петры Сандовал, погибли 9 человек.", "ru", "@sandoval"),
        ("Погибли 9 человек, сообщило министерство.", "ru", "#ministry"),
        ("Погибли 9 человек.", "ru", ""),
    ],
)
def test_a_figure_knows_who_states_it_and_not_whom_it_counts(text: str, language: str, speaker: str) -> None:
    (claim,) = figures(text, language)
    assert claim.said_by == speaker


# ---------------------------------------------------------------- of whom exactly


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Two of the nine injured died.", "en", [("killed", 2), ("injured", 9)]),
        ("Двое из девяти раненых умерли.", "ru", [("killed", 2), ("injured", 9)]),
        ("One officer died and 54 people, 24 of them officers, were hurt.", "en",
         [("killed", 1), ("injured", 54), ("injured", 24)]),
        ("Пострадали 54 человека, 24 из них полицейские.", "ru", [("injured", 54), ("injured", 24)]),
        ("1,000 officers were sent where people had been killed.", "en", [("officers", 1000)]),
        ("1,000 officers were deployed after people were killed.", "en", [("officers", 1000)]),
        ("Туда направили 300 полицейских после того, как погибли люди.", "ru", [("officers", 300)]),
        ("300 officers of the town police were hurt.", "en", [("injured", 300)]),
    ],
)  # fmt: skip
def test_a_part_and_a_whole_and_those_who_were_only_sent(
    text: str, language: str, expected: list[tuple[str, float]]
) -> None:
    assert counted(text, language) == expected


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("He was summoned three times over the killed.", "en"),
        ("He is charged under Article 233.", "en"),
        ("Его трижды, то есть 3 раза, обвинили.", "ru"),
        ("Его обвиняют по ст. 319.", "ru"),
    ],
)
def test_times_and_articles_of_a_law_count_nothing(text: str, language: str) -> None:
    assert counted(text, language) == []
