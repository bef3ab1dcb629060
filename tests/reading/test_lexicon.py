"""The lexicon files themselves, and how their patterns match."""

import re
import tomllib
from collections import defaultdict
from importlib.resources import files

import pytest

from newswatch.model import Bound, Status
from newswatch.reading import kinds, language_of, languages, lexicon, measured
from newswatch.reading.lexicon import (
    KINDS,
    TABLES,
    Hit,
    Patterns,
    addressed,
    composed,
    crimes,
    parse_lexicon,
    posts,
    steps,
    sums,
    symbols,
    vague,
)
from newswatch.reading.terms import MONTHS, tokens
from newswatch.text import fold

FOLDER = files("newswatch.reading").joinpath("lexicons")
SAME_WORD = {("de", word) for word in ("fahren", "feste", "kurzen", "schutzen", "starke", "starken")}
"""(language, word) that may stand under two concepts; the first is read. In German, two words become one when folded:
Fähren and fahren."""
DATES = {
    *MONTHS, "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "today", "yesterday",
    "tomorrow", "year", "month", "week", "day", "hour", "age", "clock", "share",
    "times",
}  # fmt: skip
TONES = {"recall", "comment", "fresh", "source"}
STATUSES = {status.value for status in Status}


def data(language: str) -> dict[str, dict[str, str]]:
    parsed: dict[str, dict[str, str]] = tomllib.loads(FOLDER.joinpath(f"{language}.toml").read_text(encoding="utf-8"))
    return parsed


def concepts_file() -> dict[str, object]:
    return tomllib.loads(FOLDER.joinpath("concepts.toml").read_text(encoding="utf-8"))


def test_the_two_languages_that_are_promised_are_there() -> None:
    assert {"en", "ru"} <= set(languages())


@pytest.mark.parametrize("language", languages())
def test_every_lexicon_parses_and_reads_something(language: str) -> None:
    book = lexicon(language)
    assert book is not None
    assert book.language == language
    assert len(book.stop) > 30
    assert book.numbers
    assert {"concepts", "measures", "numbers", "hedges"} <= set(data(language))


@pytest.mark.parametrize("language", languages())
def test_every_concept_a_language_names_is_listed(language: str) -> None:
    assert [concept for concept in data(language)["concepts"] if concept not in kinds()] == []


@pytest.mark.parametrize("language", languages())
def test_every_id_of_a_small_table_is_one_that_is_asked_for(language: str) -> None:
    tables = data(language)
    assert set(tables["hedges"]) <= {bound.value for bound in Bound}
    assert set(tables.get("status", {})) <= STATUSES
    assert set(tables.get("tone", {})) <= TONES
    assert set(tables.get("dates", {})) <= DATES
    assert set(tables.get("after", {})) <= {bound.value for bound in Bound}
    assert set(tables.get("details", {})) <= {"article", "until", "by", "as-of"}
    assert set(tables.get("none", {})) <= {"before", "after", "whole", "not"}
    assert [unit for unit in tables.get("currencies", {}) if not re.fullmatch(r"[a-z]{3}", unit)] == []
    known = concepts_file()["measures"]
    assert isinstance(known, dict)
    assert set(tables["measures"]) <= {*known, "distance", "speed"}


@pytest.mark.parametrize("language", languages())
def test_no_word_of_a_language_stands_under_two_concepts(language: str) -> None:
    under = defaultdict(list)
    for concept, text in data(language)["concepts"].items():
        for pattern in {" ".join(fold(word) for word in phrase.split()) for phrase in text.split(",")}:
            assert pattern, f"{concept}: an empty pattern"
            under[pattern].append(concept)
    twice = {p: ids for p, ids in under.items() if len(ids) > 1 and (language, p) not in SAME_WORD}
    assert twice == {}


def test_a_concept_has_one_kind_and_an_id_of_plain_letters() -> None:
    listed = [concept for kind in KINDS for concept in str(concepts_file()[kind]).split()]
    assert len(listed) == len(set(listed)) == len(kinds())
    assert [concept for concept in listed if not re.fullmatch(r"[a-z]+(?:-[a-z]+)*", concept)] == []


def test_every_measure_counts_concepts_that_exist() -> None:
    measures = concepts_file()["measures"]
    assert isinstance(measures, dict)
    unknown = {m: key for m in measures for key in measured(m) if key[1:] not in kinds()}
    assert unknown == {}
    assert measured("killed") == {"#die-killed"}
    assert measured("count:bus") == {"#bus"}
    assert measured("nothing-like-it") == frozenset()


@pytest.mark.parametrize("language", languages())
def test_every_measure_has_a_label_in_the_language_of_alerts(language: str) -> None:
    labels = data("en")["labels"]
    assert [measure for measure in data(language)["measures"] if measure not in labels] == []


def test_lists_and_tables_of_concepts_name_concepts_that_exist() -> None:
    named = {*crimes(), *posts(), *steps(), *(key[1:] for key in (*addressed(), *vague(), *sums(), *composed()))}
    named |= {concept for pair in composed().values() for concept in pair}
    assert [concept for concept in sorted(named) if concept not in kinds()] == []
    assert {name for names in steps().values() for name in names} <= {"article", "with", "years", "until", "as"}
    assert set(sums().values()) <= set(data("en")["labels"])


def test_a_sign_stands_for_one_currency() -> None:
    table = concepts_file()["currencies"]
    assert isinstance(table, dict)
    signs = [sign for text in table.values() for sign in text.split()]
    assert len(signs) == len(set(signs)) == len(symbols())
    assert (symbols()["$"], symbols()["KGS"]) == ("usd", "kgs")


# ---------------------------------------------------------------- patterns


def hits(patterns: Patterns, text: str, language: str = "en") -> list[str]:
    words = tokens(text, language)
    return [hit.id for at in range(len(words.raw)) for hit in patterns.all_at(words.folded, words.stems, at)]


def test_a_word_matches_by_stem_a_star_by_beginning_and_a_phrase_by_both() -> None:
    patterns = Patterns("en", [("one", "arrest"), ("two", "zorb*"), ("three", "shot* dead")])
    assert hits(patterns, "arrested, arrests, arrest") == ["one"] * 3
    assert hits(patterns, "zorbing zorb azorb") == ["two"] * 2
    assert hits(patterns, "shots dead; shot alive") == ["three"]


def test_the_longest_phrase_comes_first() -> None:
    patterns = Patterns("en", [("a", "state"), ("b", "state of emergency"), ("c", "state of")])
    words = tokens("the state of emergency", "en")
    assert list(patterns.all_at(words.folded, words.stems, 1)) == [Hit("b", 3), Hit("c", 2), Hit("a", 1)]
    assert patterns.at(words.folded, words.stems, 1, single=False) == Hit("b", 3)
    assert patterns.at(words.folded, words.stems, 3, single=False) is None


def test_a_phrase_is_not_found_beyond_the_end() -> None:
    patterns = Patterns("en", [("b", "state of emergency")])
    assert hits(patterns, "the state of") == []


def test_an_exact_word_may_stand_for_several_ids_in_order() -> None:
    assert hits(Patterns("en", [("x", "guards"), ("y", "guards")]), "guards") == ["x", "y"]


def test_a_stem_that_shares_too_little_is_no_match() -> None:
    patterns = Patterns("en", [("x", "universities")])
    assert hits(patterns, "university") == ["x"]
    assert hits(patterns, "universal") == []


def test_patterns_are_folded() -> None:
    assert hits(Patterns("ru", [("x", "Жуко́в*, ёлка")]), "ЖУКОВА елка", "ru") == ["x", "x"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[concepts]\nstorm = ["raid"]\n', "[concepts] must hold lines such as"),
        ("[numbers]\nseven = 'sieben'\n", "[numbers] must hold lines such as"),
        ("tone = 7\n", "[tone] must hold lines such as"),
        ("[concepts\n", "Expected"),
    ],
)
def test_a_broken_lexicon_says_what_is_wrong(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        parse_lexicon("xx", text)


def test_every_table_is_optional() -> None:
    book = parse_lexicon("xx", "")
    assert book.concepts.at(["x"], ["x"], 0) is None
    assert (book.numbers, book.stop, book.loose) == ({}, frozenset(), frozenset())


@pytest.mark.parametrize("code", ["xx", "", "../en", "en/../en", "EN", "concepts", "e" * 400])
def test_a_language_without_a_file_has_no_lexicon(code: str) -> None:
    assert lexicon(code) is None


def test_every_table_is_explained_beside_the_data() -> None:
    text = FOLDER.joinpath("README.md").read_text(encoding="utf-8")
    tops = {name for language in languages() for name in data(language)}
    unexplained = [name for name in sorted({*tops, *TABLES, *KINDS}) if not re.search(rf"`\[?{name}\]?`", text)]
    assert unexplained == []


@pytest.mark.parametrize(
    ("stated", "text", "language"),
    [
        ("", "В городе погибли три человека", "ru"),
        ("", "The river rose in the night and it was not the first", "en"),
        ("", "El río creció durante la noche y no es la primera vez que pasa", "es"),
        ("", "Rzeka wezbrała w nocy i nie był to pierwszy raz", "pl"),
        ("uk-UA", "anything", "uk"),
        ("EN", "что угодно", "en"),
        ("ky", "что угодно", "ky"),
        ("", "", "en"),
        ("", "Жжж", "ru"),
        ("", "12 345", "en"),
    ],
)
def test_the_language_is_the_stated_one_or_that_of_the_small_words(stated: str, text: str, language: str) -> None:
    assert language_of(stated, text) == language
