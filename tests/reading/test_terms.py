"""What words stand for: concepts, names across scripts, numbers, stems."""

import pytest

from newswatch.reading import lexicon
from newswatch.reading.lexicon import parse_lexicon
from newswatch.reading.terms import Names, Term, name_key, number, sure_names, terms, tokens

EVENT = Names(
    {"sandoval": ["Petra Sandoval", "Петра Сандовал"], "arda-council": ["Council of Arda"], "velmora": ["Velmora"]},
    {"sandoval"},
)
NOBODY = Names({})


def read(text: str, language: str = "en", names: Names = NOBODY) -> list[Term]:
    return terms(tokens(text, language), lexicon(language), names)


def keys(text: str, language: str = "en", names: Names = NOBODY) -> list[str]:
    return [term.key for term in read(text, language, names)]


def test_a_concept_beats_the_stem_and_a_phrase_beats_its_words() -> None:
    assert read("they lost their lives") == [Term("#die-killed", "urgent", 1, 3)]
    assert keys("they zorbled") == ["zorbl"]
    assert keys("a death row case") == ["#death-penalty", "#case-law"]
    assert keys("a death") == ["#die-killed"]


@pytest.mark.parametrize(
    ("word", "key"),
    [("officer", "#police"), ("officers", "#police"), ("office", "#office"), ("offices", "#office")],
)
def test_the_exact_form_beats_the_stem(word: str, key: str) -> None:
    assert keys(f"the {word}") == [key]


def test_a_longer_prefix_and_a_closer_word_beat_the_rest() -> None:
    book = parse_lexicon("xx", '[concepts]\nstorm-raid = "sturm*"\nweather = "sturmwet*"\nrain = "sturmen"\n')
    found = {word: book.concepts.at([word], [word], 0) for word in ("sturmx", "sturmwetter", "sturmen", "stur")}
    assert {word: hit and hit.id for word, hit in found.items()} == {
        "sturmx": "storm-raid",
        "sturmwetter": "weather",
        "sturmen": "rain",
        "stur": None,
    }


def test_small_words_say_nothing() -> None:
    assert keys("it was not the one of them that he had") == ["=1"]
    assert keys("он не был там, где она", "ru") == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("they found Bazarev dead there", "en"),
        ("they found Bazarev's body there", "en"),
        ("там нашли Базарева и увезли", "ru"),
        ("там говорили о Базареве и ушли", "ru"),
        ("они пришли к Базареву и ушли", "ru"),
        ("вони прийшли до Базарева і пішли", "uk"),
    ],
)
def test_a_name_nobody_listed_is_one_across_scripts_and_endings(text: str, language: str) -> None:
    names = Names({"market": ["Kestrel Market"]})
    assert [key for key in keys(text, language, names) if key.startswith("@")] == [f"@{name_key('Bazarev')}"]


@pytest.mark.parametrize(
    ("text", "language"),
    [("they found Slesarev there", "en"), ("там нашли Слесарева и увезли", "ru"), ("Слесареву дали срок", "ru")],
)
def test_a_listed_name_beats_the_word_it_looks_like(text: str, language: str) -> None:
    assert "#engineer" in keys("там нашли слесаря", "ru")
    assert "@driver" in keys(text, language, Names({"driver": ["Igor Slesarev"]}, {"driver"}))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("they met Petra Sandoval there", "en"),
        ("they met Sandoval's aide", "en"),
        ("они встретили Петру Сандовал там", "ru"),
        ("они встретили Сандовал там", "ru"),
        ("вони зустріли Сандовал там", "uk"),
    ],
)
def test_an_entity_goes_by_every_spelling_and_a_person_by_the_last_name(text: str, language: str) -> None:
    assert "@sandoval" in keys(text, language, EVENT)


def test_only_a_person_goes_by_the_last_word_of_the_name() -> None:
    assert "@arda-council" in keys("they asked the Council of Arda there", names=EVENT)
    assert "@arda-council" not in keys("they went to Arda there", names=EVENT)


def test_an_entity_needs_a_capital() -> None:
    assert "@velmora" in keys("they went to Velmora then", names=EVENT)
    assert "@velmora" not in keys("they went to velmora then", names=EVENT)


def test_names_in_a_row_are_one_by_its_last_word() -> None:
    assert read("they met Igor Lyadov there") == [
        Term("#meeting", "action", 1, 1),
        Term("@ladov", "name", 2, 2),
    ]
    assert keys("they met Igor Lyadov, Petra Klein and Anna-Maria Zorb there")[1:] == ["@ladov", "@klein", "@zorb"]


def test_a_listed_entity_stands_alone_in_a_row() -> None:
    assert keys("they met Petra Sandoval Igor Lyadov there", names=EVENT)[1:] == ["@sandoval", "@ladov"]


def test_short_sentences_full_of_names_are_no_headline() -> None:
    assert keys("Farid Niyazov met Igor Lyadov in Kestrel") == ["@nazov", "#meeting", "@ladov", "@kestre"]
    assert keys("встретились Фарид Ниязов и Игорь Лядов", "ru")[1:] == ["@nazov", "@ladov"]


def test_in_a_title_case_headline_a_capital_makes_no_name() -> None:
    found = read("Dam Above Velmora Breaks After Long Rain", names=EVENT)
    assert {term.key: term.kind for term in found if term.kind == "name"} == {"@velmora": "name"}
    assert {"#dam", "#rain"} <= {term.key for term in found}
    assert keys("Zorbs Wibble With Ex-president Over Long Rain") == [
        "zorb", "wibbl", "#former", "#president", "#long", "#rain",
    ]  # fmt: skip
    body = tokens("Later Wibble was seen with the ex-president.", "en")
    seen = sure_names(body, lexicon("en"))
    headline = terms(tokens("Zorbs Wibble With Ex-president Over Long Rain", "en"), lexicon("en"), NOBODY, seen)
    assert [term.key for term in headline][:2] == ["zorb", "@vibl"]  # the body tells which is a name


@pytest.mark.parametrize(
    ("text", "language", "name"),
    [
        ("Zorbing was banned in the city.", "en", None),
        ("Zorbak was arrested in the city.", "en", None),  # one word alone might be anything: the story has more
        ("Petra Zorbak was arrested in the city.", "en", "@zorbak"),
        ("Zorbak said that the city was calm.", "en", "@zorbak"),
        ('Under the articles "Zorbing" and "Wibbling" they were charged.', "en", None),
        ("Организаторов беспорядков нашли.", "ru", None),
        ("Зорбаков заявил, что в городе спокойно.", "ru", "@zorbak"),
        ("Пётр Зорбаков задержан.", "ru", "@zorbak"),
        ("Die Menschen warfen Flaschen und Blendgranaten.", "de", None),
        ("Die Polizei nahm Petra Zorbak fest.", "de", "@zorbak"),
    ],
)
def test_a_capital_that_any_word_would_have_makes_no_name_alone(text: str, language: str, name: str | None) -> None:
    found = [term.key for term in read(text, language) if term.kind == "name"]
    assert found == ([] if name is None else [name])


def test_a_name_that_stands_inside_another_sentence_begins_this_one_too() -> None:
    book = lexicon("en")
    seen = sure_names(tokens("The police have arrested Zorbak at noon.", "en"), book)
    assert seen == {"zorbak"}
    found = terms(tokens("Zorbak was carried away.", "en"), book, NOBODY, seen)
    assert found[0] == Term("@zorbak", "name", 0, 1)


def test_a_capital_inside_a_sentence_makes_a_name_of_a_common_word() -> None:
    assert "#smash" in keys("they break the old stones there")
    assert "@break" in keys("they spoke with young Break the old man")
    assert "#germany" in keys("they flew to Germany with the old man")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("the ex-president left", "#president"),
        ("a sit-in went on", "#protest"),
        ("an anti-government protest went on", "#protest"),
        ("the anti-flood wall held", "#flood"),
    ],
)
def test_hyphens_part_words_in_texts_and_in_patterns_alike(text: str, key: str) -> None:
    assert key in keys(text)


def test_a_pattern_with_stops_or_strokes_is_read_as_texts_are() -> None:
    book = parse_lexicon("en", '[measures]\nspeed = "km/h"\n[dates]\nclock = "p.m"\n[concepts]\nrain = "drip-drop*"\n')
    found = tokens("At 10 p.m. it went 90 km/h through drip-dropping rain", "en")
    marks = [hit.id for at in range(len(found.raw)) for hit in book.marks.all_at(found.folded, found.stems, at)]
    assert marks == ["dates:clock", "measures:speed"]
    hits = [book.concepts.at(found.folded, found.stems, at) for at in range(len(found.raw))]
    assert [(hit.id, hit.size) for hit in hits if hit] == [("rain", 2)]


def test_numbers_are_terms_in_digits_and_words() -> None:
    assert keys("98 and ninety and 1,500 and 14:35") == ["=98", "=90", "=1500", "=14"]
    assert keys("девять и 1 500", "ru") == ["=9", "=1500"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("98", 98), ("1,500", 1500), ("1.500.000", 1_500_000), ("2.5", 2.5), ("2,5", 2.5), ("14:35", 14), ("7.", 7),
        ("1,200.50", 1200.5), ("1.2.3.4", 1234), ("0", 0),
        ("9" * 400, 1e15),
    ],
)  # fmt: skip
def test_digits_as_news_writes_them(text: str, value: float) -> None:
    assert number(text) == value


def test_a_number_word_is_a_number_whatever_its_stem_looks_like() -> None:
    assert "=7" in keys("Погибли семь человек.", "ru")
    assert "#family" in keys("Погибла семья директора.", "ru")


def test_digits_in_groups_are_one_number_but_a_day_is_no_group() -> None:
    assert tokens("some 100 000 people", "en").raw == ["some", "100000", "people"]
    assert tokens("1 234 567 сомов", "ru").raw == ["1234567", "сомов"]
    assert tokens("on August 8 300 people", "en").raw == ["on", "August", "8", "300", "people"]
    assert tokens("in 2031 300 people, 12, 300", "en").raw == ["in", "2031", "300", "people", "12", "300"]


@pytest.mark.parametrize("text", ["", "...", "one", "a-b, c", "1 500 and 2 300 – so", "«Да», 20–30!"])
def test_every_word_has_a_gap_before_it_and_the_text_one_at_its_end(text: str) -> None:
    found = tokens(text, "en")
    assert len(found.raw) == len(found.folded) == len(found.stems) == len(found.gaps) - 1


def test_without_a_lexicon_names_numbers_and_stems_are_read() -> None:
    found = terms(tokens("der Grad von Velmora ist gebrochen 98", "xx"), None, EVENT)
    assert [(term.key, term.kind) for term in found] == [
        ("der", "word"), ("@grad", "name"), ("von", "word"), ("@velmora", "name"), ("ist", "word"),
        ("gebrochen", "word"), ("=98", "number"),
    ]  # fmt: skip


def test_name_keys_fold_script_case_and_ending() -> None:
    assert name_key("Сандовал") == name_key("SANDOVAL") == name_key("Sandoval’s")
    assert name_key("Лядов") == name_key("Лядову") == name_key("Lyadov")
    assert name_key("Лядов") != name_key("Орлов")


def test_the_key_of_a_name_is_the_entitys_where_one_has_it() -> None:
    assert EVENT.key_of("Sandoval") == EVENT.key_of("Петра Сандовал") == "@sandoval"
    assert EVENT.key_of("Igor Lyadov") == "@ladov"
    assert EVENT.key_of("...") == f"@{name_key('...')}"
