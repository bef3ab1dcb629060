from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import fuzz

from newswatch.text import TOKEN, Word, fold, latin, stem, without_dateline, words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Sooronbay JEENBEKOV", "sooronbay jeenbekov"),
        ("Атамба́ев", "атамбаев"),
        ("ЩЁТКА", "щетка"),
        ("районный Йод", "районный йод"),
        ("ра\u0438\u0306он", "район"),
        ("Київ, Їжак, Мінск, воўк", "київ, їжак, мінск, воўк"),
        ("ko\u00adope\u200bration", "kooperation"),
        ("«Кой–Таш»", '"кой-таш"'),
        ("Atambayev’s", "atambayev's"),
        ("İstanbul ISPARTA ılık", "istanbul isparta ilik"),
        ("Łódź, Århus, Straße", "lodz, arhus, strasse"),
        ("ﬁve ５００", "five 500"),
        ("हिन्दी", "हिन्दी"),
        ("が", "が"),
        ("مُحَمَّد", "محمد"),
        ("Ατθίδα", "ατθιδα"),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text(max_size=80))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet="аёйщ éñŁß’–Az\u0301", max_size=60))
def test_folding_forgets_case(text: str) -> None:
    assert fold(text.lower()) == fold(text)


@given(st.text(max_size=200))
def test_words_stand_where_they_say(text: str) -> None:
    found = words(text)
    assert all(text[word.start : word.end] == word.text for word in found)
    assert all(text[part.start : part.end] == part.text for word in found for part in word.parts())
    assert all(one.end <= two.start for one, two in pairwise(found))


def test_words_of_all_kinds() -> None:
    text = "Экс-президент's «Кой-Таш», don’t 1,200.50 – 7-й; 北京 नमस्ते - end-"
    assert [word.text for word in words(text)] == [
        "Экс-президент's", "Кой-Таш", "don’t", "1,200.50", "7-й", "北", "京", "नमस्ते", "end",
    ]  # fmt: skip


def test_a_hyphenated_word_has_parts() -> None:
    (word,) = words(" ex-president ")
    assert word.parts() == (Word("ex", 1, 3), Word("president", 4, 13))


def test_a_stress_mark_does_not_break_a_word() -> None:
    assert TOKEN.findall("реше́ния co\u00adoperate") == ["реше́ния", "co\u00adoperate"]


@pytest.mark.parametrize(
    ("word", "other"),
    [("raid", "Raids"), ("rally", "rallies"), ("рейд", "рейдами"), ("митинг", "Митинги"), ("обыск", "обысков")],
)
def test_inflections_share_a_stem(word: str, other: str) -> None:
    assert stem(word) == stem(other)


def test_the_language_decides_when_it_is_known() -> None:
    assert stem("Häuser", "de-AT") == stem("haus", "de") == "haus"
    assert stem("рейди", "uk") == "рейди"
    assert stem("РЕЙДОВ", "en") == "рейдов"
    assert stem("東", "") == "東"


def test_stems_from_many_threads() -> None:
    forms = [f"{root}{end}" for root in ("задержан", "допрос", "приговор") for end in ("", "а", "ы", "ов", "ами")] * 200
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(stem, forms)) == [stem(form) for form in forms]


SPELLINGS = [
    ("Атамбаев", "Atambayev", "Atambaev", "Atambajew", "Atambaïev", "Atambayew", "Атамбаєв", "ATAMBAYEV"),
    ("Жээнбеков", "Jeenbekov", "Zheenbekov", "Dscheenbekow", "Djeenbekov"),
    ("Кой-Таш", "Koi-Tash", "Koy-Tash", "Koj-Tasch"),
    ("Хрущёв", "Khrushchev"),
    ("Лукашенко", "Lukashenko", "Lukaschenko", "Łukaszenko", "Loukachenko"),
    ("Тимошенко", "Tymoshenko", "Timoschenko", "Tymoszenko"),
    ("Зеленский", "Zelensky", "Zelenskyy", "Zelenskiy"),
    ("Ельцин", "Yeltsin", "Jeltsin", "Eltsin"),
    ("Бабанов", "Babanov", "Babanow"),
    ("Романов", "Romanov", "Romanoff"),
    ("Ердоган", "Erdoğan", "Erdogan"),
    ("Путин", "Putin"),
]
IMPOSTORS = [
    ("Atambayev", "Акаев"), ("Atambayev", "Атабеков"), ("Бакиев", "Акаев"), ("Jeenbekov", "Исабеков"),
    ("Tekebayev", "Атамбаев"), ("Zelensky", "Вышинский"), ("Babanov", "Баданов"), ("Sapar Isakov", "Сапар Исраилов"),
]  # fmt: skip


@pytest.mark.parametrize("spellings", SPELLINGS, ids=lambda names: str(names[1]))
def test_spellings_of_a_name_meet_across_scripts(spellings: tuple[str, ...]) -> None:
    scores = {name: fuzz.ratio(latin(spellings[0]), latin(name)) for name in spellings}
    assert min(scores.values()) >= 89, {name: (latin(name), score) for name, score in scores.items()}


@pytest.mark.parametrize(("name", "other"), IMPOSTORS)
def test_other_names_stay_apart(name: str, other: str) -> None:
    assert fuzz.ratio(latin(name), latin(other)) < 89


@pytest.mark.parametrize(
    ("sentence", "rest"),
    [
        ("VELMORA, March 2 (Arda Wire) - The dam broke.", "The dam broke."),
        ("ВЕЛМОРА, 2 мар - Плотина прорвана.", "Плотина прорвана."),
        ("VELMORA -- The dam broke.", "The dam broke."),
        ("ARDA-VELMORA, March 2 — The dam broke.", "The dam broke."),
        ("ВЕЛМОРА, 2 мар - РИА Новости. Плотина прорвана.", "Плотина прорвана."),
        ("ВЕЛМОРА, 2 мар — ТАСС. Плотина прорвана.", "Плотина прорвана."),
        ("ВЕЛМОРА, 2 мар - РИА Новости.", "ВЕЛМОРА, 2 мар - РИА Новости."),
        ("ВЕЛМОРА, 2 мар - Ген. Орлов уволен.", "Ген. Орлов уволен."),
        ("VELMORA, March 2 - Prof. Arden resigned.", "Prof. Arden resigned."),
        ("The dam - the only one - broke.", "The dam - the only one - broke."),
        ("VELMORA, March 2 (Arda Wire) - ", "VELMORA, March 2 (Arda Wire) - "),
    ],
)
def test_a_sentence_without_its_dateline(sentence: str, rest: str) -> None:
    assert without_dateline(sentence) == rest
