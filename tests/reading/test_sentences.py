"""Where a sentence ends, and where it does not."""

import pytest

from newswatch.reading import lexicon
from newswatch.reading.sentences import MAX_SENTENCE, MAX_SENTENCES, MAX_TEXT, Span, split


def sentences(text: str, language: str = "en") -> list[str]:
    book = lexicon(language)
    return [span.text for span in split("", text, book.abbreviations if book else frozenset())]


@pytest.mark.parametrize(
    "text",
    [
        "Mr. Lyadov spoke for an hour.",
        "Gen. Ivan Orlov of Arda Co. Ltd. arrived.",
        "In Aug. 2031 the dam broke.",
        "It was No. 5 of them.",
        "He met J. R. Lyadov.",
        "The level rose by 3.5 percent.",
        "It began on 8.8.2031 in Velmora.",
        "The U.S. Army came.",
        "Am 8. August brach der Damm.",
        "He turned to U.S. Senator Klein for help.",
    ],
)
def test_a_stop_inside_a_word_a_number_or_a_date_ends_nothing(text: str) -> None:
    assert sentences(text) == [text]


@pytest.mark.parametrize(
    "text",
    [
        "Эвакуированы 5 тыс. Жителей перевезли в школы.",
        "В 2031 г. Он приехал.",
        "А. С. Лядов дал показания.",
        "Дом на ул. Ленина закрыт.",
        "Его спас им. Орлова отряд.",
    ],
)
def test_abbreviations_are_those_of_the_language(text: str) -> None:
    assert sentences(text, "ru") == [text]


def test_what_no_language_of_the_text_shortens_ends_a_sentence() -> None:
    assert sentences("Это ул. Ленина.", "en") == ["Это ул.", "Ленина."]
    assert sentences("Это ул. Ленина.", "ru") == ["Это ул. Ленина."]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("“We won.” He left.", ["“We won.”", "He left."]),
        ("He said: “We won!” Then he left.", ["He said: “We won!”", "Then he left."]),
        ("He said (“No!”). She left.", ["He said (“No!”).", "She left."]),
        ("«Мы победили». Он ушёл.", ["«Мы победили».", "Он ушёл."]),
        ("«Мы победили!» Он ушёл.", ["«Мы победили!»", "Он ушёл."]),
        ("He left. «Да» was all he said.", ["He left.", "«Да» was all he said."]),
        ("He left. – Nobody followed.", ["He left.", "– Nobody followed."]),
        ("Really?! Yes… Well.", ["Really?!", "Yes…", "Well."]),
        ("(He left.) She stayed.", ["(He left.)", "She stayed."]),
    ],
)
def test_quotes_and_brackets_that_close_after_the_mark_go_with_it(text: str, parts: list[str]) -> None:
    assert sentences(text) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("The level rose to 3.5. It fell at night.", ["The level rose to 3.5.", "It fell at night."]),
        ("Плотина прорвана 01.03.2031. Погибли трое.", ["Плотина прорвана 01.03.2031.", "Погибли трое."]),
        ("The toll is 9. Forty are missing.", ["The toll is 9.", "Forty are missing."]),
    ],
)
def test_a_number_or_a_date_may_end_a_sentence(text: str, parts: list[str]) -> None:
    assert sentences(text) == parts


def test_no_sentence_begins_with_a_small_letter() -> None:
    assert sentences("He waited... and left. then came back.") == ["He waited... and left. then came back."]


def test_scripts_without_spaces_end_a_sentence_by_their_mark() -> None:
    assert sentences("9人が死亡した。警察は逮捕した。", "ja") == ["9人が死亡した。", "警察は逮捕した。"]
    assert sentences("他来了！她走了？是。", "zh") == ["他来了！", "她走了？", "是。"]


def test_an_empty_line_ends_a_sentence_and_a_line_break_does_not() -> None:
    text = "The dam\nbroke. Three\ndied\n\n \n\nNo mark here\n\nThe end"
    assert split("", text) == [
        Span("The dam broke.", 1, 0), Span("Three died", 2, 0), Span("No mark here", 3, 1), Span("The end", 4, 2),
    ]  # fmt: skip


def test_the_title_is_sentence_0_and_whole() -> None:
    assert split("  Dam breaks.  Three dead ", "It broke.") == [
        Span("Dam breaks. Three dead", 0),
        Span("It broke.", 1),
    ]
    assert split("   ", "It broke.") == [Span("It broke.", 1)]
    assert split("", "") == []


def test_length_and_number_of_sentences_are_bounded() -> None:
    (title,) = split("t" * 10_000, "")
    assert len(title.text) == MAX_SENTENCE
    pieces = split("", "x" * 1_000_000)
    assert [len(span.text) for span in pieces] == [MAX_SENTENCE] * (MAX_TEXT // MAX_SENTENCE)
    assert len(split("", "Ab. " * 10_000)) == MAX_SENTENCES
    assert len(split("", "Ab.\n\n" * 10_000)) == MAX_SENTENCES
