"""Legal steps and positions by their own measures: article, crime, years, until when, as what."""

from datetime import UTC, datetime

import pytest

from newswatch.model import Happening, Status
from newswatch.reading import Reader

NOW = datetime(2031, 3, 2, 12, tzinfo=UTC)
READER = Reader({"sandoval": ["Petra Sandoval", "Петра Сандовал"]}, {"sandoval"})


def happenings(text: str, language: str = "en") -> list[Happening]:
    read = READER.read("", text, language, NOW)
    return [claim for sentence in read for claim in sentence.claims if isinstance(claim, Happening)]


def details(text: str, language: str, what: str) -> set[tuple[str, str]]:
    return {pair for claim in happenings(text, language) if claim.type == what for pair in claim.details}


@pytest.mark.parametrize(
    ("text", "language", "what", "expected"),
    [
        ("The mayor was charged with murder.", "en", "charge", {("with", "#murder")}),
        ("The mayor was charged with corruption and fraud.", "en", "charge",
         {("with", "#corruption"), ("with", "#fraud")}),
        ("The mayor faces corruption charges.", "en", "charge", {("with", "#corruption")}),
        ("The mayor was charged under Articles 97, 233-1 and 140.", "en", "charge",
         {("article", "97"), ("article", "233-1"), ("article", "140")}),
        ("The mayor was indicted for treason.", "en", "indict", {("with", "#treason")}),
        ("The mayor was sentenced to 11 years in prison for fraud.", "en", "sentence",
         {("years", "11"), ("with", "#fraud")}),
        ("The mayor was sentenced to six months in jail.", "en", "sentence", {("months", "6")}),
        ("Мэру предъявлено обвинение в убийстве.", "ru", "charge", {("with", "#murder")}),
        ("Мэра обвиняют в коррупции по ст. 319.", "ru", "charge", {("with", "#corruption"), ("article", "319")}),
        ("Мэру предъявлено обвинение по статье 233 УК.", "ru", "charge", {("article", "233")}),
        ("Суд приговорил мэра к 5 годам по статье 233 УК.", "ru", "sentence", {("years", "5"), ("article", "233")}),
        ("Суд приговорил мэра к одиннадцати годам за мошенничество.", "ru", "sentence",
         {("years", "11"), ("with", "#fraud")}),
    ],
)  # fmt: skip
def test_charges_and_sentences(text: str, language: str, what: str, expected: set[tuple[str, str]]) -> None:
    assert details(text, language, what) == expected


@pytest.mark.parametrize(
    ("text", "language", "what", "until"),
    [
        ("The court extended his custody until October 26.", "en", "custody-extension", "2031-10-26"),
        ("The court extended his detention until January 26.", "en", "custody-extension", "2031-01-26"),
        ("The court extended his custody until 5 November 2032.", "en", "custody-extension", "2032-11-05"),
        ("The court extended his custody until October.", "en", "custody-extension", "2031-10"),
        ("He is under house arrest until Friday.", "en", "house-arrest", "2031-03-07"),
        ("Суд продлил срок ареста до 26 октября.", "ru", "custody-extension", "2031-10-26"),
        ("Мэр арестован до 26 октября.", "ru", "arrest", "2031-10-26"),
        ("Суд продлил срок ареста до 5 ноября 2032 года.", "ru", "custody-extension", "2032-11-05"),
    ],
)
def test_until_when_it_lasts_lies_ahead_and_is_not_when_it_happened(
    text: str, language: str, what: str, until: str
) -> None:
    (claim,) = [one for one in happenings(text, language) if one.type == what]
    assert dict(claim.details)["until"] == until
    assert claim.when is None


@pytest.mark.parametrize(
    ("text", "language", "what", "post"),
    [
        ("The parliament appointed Petra Sandoval prime minister.", "en", "appoint", "#prime-minister"),
        ("Petra Sandoval was appointed as governor.", "en", "appoint", "#governor"),
        ("Petra Sandoval was appointed by the president as mayor.", "en", "appoint", "#mayor"),
        ("The president dismissed the health minister.", "en", "dismiss", "#health-minister"),
        ("Petra Sandoval resigned as mayor.", "en", "resign", "#mayor"),
        ("Петра Сандовал назначена премьер-министром.", "ru", "appoint", "#prime-minister"),
        ("Президент уволил губернатора.", "ru", "dismiss", "#governor"),
    ],
)
def test_positions(text: str, language: str, what: str, post: str) -> None:
    assert details(text, language, what) == {("as", post)}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The newspaper printed 9 articles about murder.", "en"),
        ("Police charged at the crowd.", "en"),
        ("He was sentenced 5 years ago.", "en"),
        ("The mayor, aged 45, was sentenced.", "en"),
        ("The president dismissed Petra Sandoval.", "en"),
        ("A session was appointed, said the spokesperson.", "en"),
        ("The rally goes on until October 26.", "en"),
        ("Его приговорили 5 лет назад.", "ru"),
        ("В статье 9 страниц об убийстве.", "ru"),
        ("Назначена сессия, сообщил пресс-секретарь.", "ru"),
        ("Митинг идет до 26 октября.", "ru"),
    ],
)
def test_what_is_no_detail_of_a_step(text: str, language: str) -> None:
    assert [claim.details for claim in happenings(text, language) if claim.details] == []


def test_each_step_has_its_own() -> None:
    text = "The mayor, sentenced to 5 years for fraud, was charged with murder."
    assert details(text, "en", "sentence") == {("years", "5"), ("with", "#fraud")}
    assert details(text, "en", "charge") == {("with", "#murder")}


@pytest.mark.parametrize(
    ("text", "language", "what", "status"),
    [
        ("Полиция задержит мэра.", "ru", "arrest", Status.PLANNED),
        ("Полиция задержала мэра.", "ru", "arrest", Status.DONE),
        ("Полиция задерживает мэра.", "ru", "arrest", Status.DONE),
        ("Суд приговорит мэра.", "ru", "sentence", Status.PLANNED),
        ("Policja zatrzymała burmistrza.", "pl", "arrest", Status.DONE),
        ("Policja nie zatrzymała burmistrza.", "pl", "arrest", Status.DENIED),
        ("Policja chce zatrzymać burmistrza.", "pl", "arrest", Status.PLANNED),
        ("Polis başkanı tutukladı.", "tr", "arrest", Status.DONE),
        ("Polis başkanı tutuklamadı.", "tr", "arrest", Status.DENIED),
        ("Polis başkanı tutuklayacak.", "tr", "arrest", Status.PLANNED),
    ],
)
def test_what_will_be_is_not_done(text: str, language: str, what: str, status: Status) -> None:
    assert {claim.type: claim.status for claim in happenings(text, language)}[what] is status
