"""What a sentence says: happenings with their status, statements with their speaker, and marks of how it is told."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newswatch.model import Figure, Happening, Sentence, Statement, Status
from newswatch.reading import Reader
from newswatch.reading.claims import MOST_HAPPENINGS
from newswatch.reading.sentences import MAX_SENTENCES

NOW = datetime(2031, 3, 2, 12, tzinfo=UTC)
READER = Reader({"sandoval": ["Petra Sandoval", "Петра Сандовал"], "velmora": ["Velmora", "Велмора"]}, {"sandoval"})


def read(text: str, language: str = "en", *, title: str = "") -> list[Sentence]:
    return READER.read(title, text, language, NOW)


def one(text: str, language: str = "en") -> Sentence:
    (sentence,) = read(text, language)
    return sentence


def statuses(text: str, language: str = "en", *, headline: bool = False) -> dict[str, Status]:
    sentences = read("" if headline else text, language, title=text if headline else "")
    claims = [claim for sentence in sentences for claim in sentence.claims]
    return {claim.type: claim.status for claim in claims if isinstance(claim, Happening)}


def speaker(text: str, language: str = "en") -> tuple[str, str] | None:
    said = next((claim for claim in one(text, language).claims if isinstance(claim, Statement)), None)
    return (said.speaker, said.act) if said else None


# ---------------------------------------------------------------- statuses


@pytest.mark.parametrize(
    ("text", "what", "status"),
    [
        ("Police stormed the house.", "storm-raid", Status.DONE),
        ("The house was raided.", "storm-raid", Status.DONE),
        ("He gave himself up.", "surrender", Status.DONE),
        ("Police will storm the house.", "storm-raid", Status.PLANNED),
        ("Police plan to storm the house.", "storm-raid", Status.PLANNED),
        ("He could be arrested.", "arrest", Status.PLANNED),
        ("Police tried to storm the house.", "storm-raid", Status.ATTEMPTED),
        ("The raid failed.", "storm-raid", Status.FAILED),
        ("The raid was repelled.", "storm-raid", Status.FAILED),
        ("The rally was called off.", "protest", Status.CALLED_OFF),
        ("The rally was postponed.", "protest", Status.CALLED_OFF),
        ("Police did not detain him.", "arrest", Status.DENIED),
        ("Police didn't detain him.", "arrest", Status.DENIED),
        ("He was never arrested.", "arrest", Status.DENIED),
        ("Police denied that they detained him.", "arrest", Status.DENIED),
        ("He was allegedly arrested.", "arrest", Status.ALLEGED),
        ("The arrest of the director was on their minds.", "arrest", Status.MENTIONED),
        ("Police launched a raid on the house.", "storm-raid", Status.DONE),
        ("The army began a new wide assault.", "storm-raid", Status.DONE),
        ("A raid was launched at dawn.", "storm-raid", Status.DONE),
        ("They moved to launch a raid.", "storm-raid", Status.PLANNED),
        ("The meeting began, an assault being feared.", "storm-raid", Status.MENTIONED),
    ],
)
def test_statuses_in_english(text: str, what: str, status: Status) -> None:
    assert statuses(text)[what] is status


@pytest.mark.parametrize(
    ("text", "what", "status"),
    [
        ("Полиция задержала директора.", "arrest", Status.DONE),
        ("Директор был задержан.", "arrest", Status.DONE),
        ("Лядов ушел в отставку.", "resign", Status.DONE),
        ("Полиция намерена задержать директора.", "arrest", Status.PLANNED),
        ("Директора могут задержать.", "arrest", Status.PLANNED),
        ("Полиция попыталась задержать директора.", "arrest", Status.ATTEMPTED),
        ("Штурм не удался.", "storm-raid", Status.FAILED),
        ("Митинг отменен.", "protest", Status.CALLED_OFF),
        ("Полиция не задерживала директора.", "arrest", Status.DENIED),
        ("Полиция опровергла задержание директора.", "arrest", Status.DENIED),
        ("Полиция якобы задержала директора.", "arrest", Status.ALLEGED),
        ("Это задержание директора.", "arrest", Status.MENTIONED),
        ("Полиция начала штурм дома.", "storm-raid", Status.DONE),
        ("Силовики возобновили штурм.", "storm-raid", Status.DONE),
        ("Начался обыск в офисе.", "house-search", Status.DONE),
        ("Силовики намерены начать штурм.", "storm-raid", Status.PLANNED),
    ],
)
def test_statuses_in_russian(text: str, what: str, status: Status) -> None:
    assert statuses(text, "ru")[what] is status


def test_a_headline_tells_in_the_present_what_was_done() -> None:
    assert statuses("Crowd storms house", headline=True)["storm-raid"] is Status.DONE
    assert statuses("The crowd storms house")["storm-raid"] is Status.MENTIONED


def test_one_sentence_may_hold_two_happenings_with_a_status_each() -> None:
    found = statuses("Police stormed the house but the director of the old dam near it would then resign.")
    assert (found["storm-raid"], found["resign"]) == (Status.DONE, Status.PLANNED)


def test_again_is_another_happening() -> None:
    ordinals = {
        text: [c.ordinal for c in one(text, language).claims if isinstance(c, Happening)]
        for text, language in [
            ("Police raided it.", "en"), ("Police raided it again.", "en"), ("Повторный штурм дома.", "ru"),
        ]
    }  # fmt: skip
    assert list(ordinals.values()) == [[1], [2], [2]]
    far = one("Another director of the old dam near the town was arrested by police.")
    assert [claim.ordinal for claim in far.claims if isinstance(claim, Happening)] == [1]


@pytest.mark.parametrize(("text", "language"), [("The engineer zorbled the valve.", "en"), ("Инженер зорблил.", "ru")])
def test_an_unknown_verb_is_a_happening_of_its_own(text: str, language: str) -> None:
    ((what, status),) = statuses(text, language).items()
    assert what.startswith("verb:")
    assert status is Status.DONE


def test_a_sentence_without_any_verb_still_carries_its_terms() -> None:
    (claim,) = one("A quiet river.").claims
    assert isinstance(claim, Happening)
    assert claim.type == "other"
    assert claim.terms == tuple(one("A quiet river.").terms)


def test_a_list_of_happenings_is_cut() -> None:
    text = (
        "They stormed, arrested, killed, injured, kidnapped, evacuated, robbed, resigned, exploded, crashed, drowned "
        "and surrendered all."
    )
    assert len([c for c in one(text).claims if isinstance(c, Happening)]) == MOST_HAPPENINGS


def test_a_happening_knows_who_stands_near_and_where() -> None:
    (claim,) = [c for c in one("They saw police detain Igor Lyadov in Germany.").claims if isinstance(c, Happening)]
    assert claim.actors == ("@ladov",)
    assert claim.targets == ("#police",)
    assert claim.places == ("#germany",)


# ---------------------------------------------------------------- statements


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Petra Sandoval said that the dam had cracks.", "en", ("@sandoval", "say")),
        ("Petra Sandoval said Igor Lyadov resigned.", "en", ("@sandoval", "say")),
        ("The dam had cracks, said Petra Sandoval.", "en", ("@sandoval", "say")),
        ("Igor Lyadov resigned, Petra Sandoval said.", "en", ("@sandoval", "say")),
        ("The governor said that the dam had cracks.", "en", ("#governor", "say")),
        ("The ministry confirmed that the dam had cracks.", "en", ("#ministry", "confirm")),
        ("Igor Lyadov denied it.", "en", ("@ladov", "deny")),
        ("Петра Сандовал заявила, что в плотине были трещины.", "ru", ("@sandoval", "say")),
        ("Лядов ушел в отставку, сообщила Петра Сандовал.", "ru", ("@sandoval", "say")),
        ("Министерство подтвердило это.", "ru", ("#ministry", "confirm")),
        ("It said so.", "en", None),
    ],
)
def test_the_nearest_name_speaks_else_the_nearest_role_or_body(
    text: str, language: str, expected: tuple[str, str] | None
) -> None:
    assert speaker(text, language) == expected


@pytest.mark.parametrize(
    ("title", "language", "expected"),
    [
        ("Sandoval: there will be no talks", "en", ("@sandoval", "say")),
        ("Сандовал: переговоров не будет", "ru", ("@sandoval", "say")),
        ("Interior ministry: six hurt in a fire", "en", ("#interior-ministry", "say")),
        ("There will be no talks - Sandoval", "en", ("@sandoval", "say")),
        ("«Переговоров не будет», — Сандовал", "ru", ("@sandoval", "say")),
        ("Six hurt in a fire - The Zorbak Times", "en", None),  # the publisher, as search feeds add it
        ("Velmora: six hurt in a fire", "en", None),  # a place says nothing
        ("Photos: six hurt in a fire", "en", None),
        ("Six hurt: a fire in Velmora", "en", None),
    ],
)
def test_a_colon_or_a_headlines_dash_does_for_the_verb(
    title: str, language: str, expected: tuple[str, str] | None
) -> None:
    reader = Reader(
        {"sandoval": ["Petra Sandoval", "Петра Сандовал"], "velmora": ["Velmora"]}, {"sandoval"}, ["velmora"]
    )
    claims = [claim for sentence in reader.read(title, "", language, NOW) for claim in sentence.claims]
    said = next((claim for claim in claims if isinstance(claim, Statement)), None)
    assert (None if said is None else (said.speaker, said.act)) == expected


def test_a_statement_knows_whom_it_names() -> None:
    said = next(c for c in one("Petra Sandoval said that Igor Lyadov had left.").claims if isinstance(c, Statement))
    assert said.about == ("@ladov",)


def test_the_first_claim_that_is_no_figure_carries_the_terms() -> None:
    sentence = one("The ministry said that police stormed the house and 98 people were injured.")
    carried = [bool(c.terms) for c in sentence.claims if not isinstance(c, Figure)]
    assert carried == [True] + [False] * (len(carried) - 1)
    assert len(carried) > 1


# ---------------------------------------------------------------- how it is told


def test_recall_is_background_unless_it_is_of_today() -> None:
    def background(text: str) -> set[bool]:
        return {claim.background for claim in one(text).claims}

    assert background("He recalled that the dam broke.") == {True}
    assert background("Today he recalled that the dam broke.") == {False}
    assert background("The dam broke.") == {False}


def test_marks_say_how_often_a_table_was_met() -> None:
    marks = one("“In 2019 analysts and experts feared it,” he said.").marks
    assert (marks["tone:comment"], marks["year"], marks["quote"], marks["words"]) == (3, 1, 1, 9)
    assert not {"year", "quote"} & set(one("He said so to them.").marks)


def test_names_are_kept_as_they_were_spelt() -> None:
    spelt = one("They met Igor Lyadov and Petra Sandoval there.").spelt
    assert {key: name for key, name in spelt.items() if key.startswith("@")} == {
        "@ladov": "Igor Lyadov",
        "@sandoval": "Petra Sandoval",
    }


def test_a_language_without_a_lexicon_still_gives_names_and_numbers() -> None:
    (sentence,) = read("wala na ang Velmora, 98 ang patay kay Lyadov", "tl")
    assert {"@velmora": "name", "=98": "number", "@ladov": "name"}.items() <= dict(sentence.terms).items()
    assert sentence.language == ""
    assert [type(claim) for claim in sentence.claims] == [Happening]


def test_a_sentence_of_small_words_holds_nothing() -> None:
    assert read("And so it was. It is what it is.") == []
    assert read("", title="") == []


def test_places_in_the_story_are_kept() -> None:
    found = read("And so it was. Police came.\n\nThe dam broke.", title="Dam broke")
    assert [sentence.evidence.index for sentence in found] == [0, 2, 3]


# ---------------------------------------------------------------- hostile and arbitrary text

HOSTILE = {
    "5 MB without a space": "x" * 5_000_000,
    "only numbers": "9 " * 200_000,
    "one long number": "9" * 1_000_000,
    "number words": "thousand million " * 50_000,
    "dots": "." * 100_000,
    "dots and capitals": "A." * 50_000,
    "right to left": "\u202eשלום עולם. " * 10_000,
    "zalgo": "Z̸̢̛a̷l̵g̶o̴ " * 5000,
    "quotes": "“" * 100_000,
    "hyphens": "a-" * 100_000,
    "names": "Lyadov " * 50_000,
    "line breaks": "\n\n" * 100_000,
    "control characters": "\x00\x07\x1b" * 30_000,
    "surrogates": "\ud800 abc " * 1000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_read_in_bounded_work(name: str) -> None:
    found = read(HOSTILE[name], title=HOSTILE[name][:100_000])
    assert len(found) <= MAX_SENTENCES + 1
    assert sum(len(sentence.evidence.sentence) for sentence in found) < 70_000
    assert sum(len(sentence.claims) for sentence in found) < 5000


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300), st.text(max_size=300), st.sampled_from(["en", "ru", "uk", "es", "tr", "pl", "xx", ""]))
def test_no_text_raises(title: str, text: str, language: str) -> None:
    for sentence in READER.read(title, text, language, NOW):
        assert sentence.claims
        assert len(sentence.evidence.sentence) <= 2000


TALK = """
At least nine 20 - 30 to between and people killed injured 2019 % August 8 may not will said Sandoval Police a.m.
hundred dozen thousand from rose in prison years не 8 августа погибли до двадцати полторы тысячи , . : 000
"""
WORDS = st.sampled_from(TALK.split())


@settings(max_examples=300, deadline=None)
@given(st.lists(WORDS, max_size=25), st.sampled_from(["en", "ru"]))
def test_no_heap_of_words_makes_a_figure_that_is_no_number(words: list[str], language: str) -> None:
    for sentence in READER.read("", " ".join(words), language, NOW):
        for claim in sentence.claims:
            if isinstance(claim, Figure):
                assert 0 <= claim.value <= 1e15
                assert claim.high is None or claim.high >= claim.value
                assert claim.measure


@settings(deadline=None)
@given(st.permutations(["Police stormed the house.", "Petra Sandoval said so.", "The rally was called off."]))
def test_the_order_of_sentences_does_not_change_what_they_say(sentences: list[str]) -> None:
    def said(texts: list[str]) -> list[tuple[str, ...]]:
        claims = [claim for sentence in read(" ".join(texts)) for claim in sentence.claims]
        return sorted(
            (c.type, c.status.value) if isinstance(c, Happening) else (c.speaker, c.act)
            for c in claims
            if not isinstance(c, Figure)
        )

    assert said(sentences) == said(sorted(sentences))


@pytest.mark.parametrize(
    ("text", "language", "who", "to"),
    [
        ("Arda Power has warned Petra Sandoval of cracks.", "en", "@pover", "@sandoval"),
        ("Velmora accused Petra Sandoval of fraud.", "en", "@velmora", "@sandoval"),
        ("Министерство внутренних дел предупредило Петру Сандовал.", "ru", "#interior-ministry", "@sandoval"),
        ("Petra Sandoval said the police were ready.", "en", "@sandoval", ""),
        ("The police thanked nobody.", "en", "#police", ""),
        ("“No talks,” said Petra Sandoval.", "en", "@sandoval", ""),
    ],
)
def test_who_says_it_to_whom(text: str, language: str, who: str, to: str) -> None:
    said = next(claim for claim in one(text, language).claims if isinstance(claim, Statement))
    assert (said.speaker, said.to) == (who, to)
