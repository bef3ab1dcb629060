"""What a line tells, as keys of no language."""

import pytest

from loopback.news import NOW
from newswatch.judging.keys import says, told_by
from newswatch.model import Claim, Happening, Sentence
from newswatch.reading import Reader

PEOPLE = frozenset({"@lyadov"})
READER = Reader({"lyadov": ("Igor Lyadov", "Lyadov", "Лядов", "Игорь Лядов")}, {"lyadov"}, set())


def read(title: str, text: str = "", language: str = "en") -> list[Sentence]:
    return READER.read(title, text, language, NOW)


def lead(sentence: Sentence, kind: str) -> Claim:
    return next(c for c in sentence.claims if c.kind == kind or (isinstance(c, Happening) and c.type == kind))


def test_a_number_is_the_same_in_every_language() -> None:
    english, russian = read("98 people were injured"), read("Пострадали 98 человек", language="ru")
    keys = [told_by(lead(one, "figure"), [one], PEOPLE) for one in (english[0], russian[0])]
    assert keys == [("injured 98",)] * 2


def test_a_headline_tells_its_number_whichever_word_leads() -> None:
    [title] = read("Number of people injured in Kyrgyz clashes rises to 98")
    for claim in title.claims:
        assert told_by(claim, [title], PEOPLE) == ("injured 98",)
    assert "injured 98" in says([title], PEOPLE)


@pytest.mark.parametrize(
    ("title", "language"), [("Police arrested Lyadov in town", "en"), ("Полиция арестовала Лядова", "ru")]
)
def test_a_happening_is_told_by_the_people_of_the_event(title: str, language: str) -> None:
    [one] = read(title, language=language)
    assert told_by(lead(one, "arrest"), [one], PEOPLE) == ("arrest done @lyadov",)
    assert told_by(lead(one, "arrest"), [one], frozenset()) == ()
