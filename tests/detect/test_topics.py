import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newswatch.config.event import Event, Match, Topic
from newswatch.detect.phrases import Phrases, _head
from newswatch.detect.topics import About, Doubt, Matcher, TopicHit, doubts
from newswatch.inflection import bases, own_bases
from newswatch.text import stem

BENCH = Path(__file__).parents[3] / "shared" / "bench"


def event(*topics: Topic, **about: Any) -> Event:
    return Event(event="test", title="Test", about=Match(**(about or {"any": ("Selin",)})), topics=topics)


def matches(phrase: str, text: str) -> bool:
    return Matcher(event(any=(phrase,))).about(text).matched


# ---------------------------------------------------------------- phrases

FOUND = [
    # inflection, case, accents
    ("raid", "Two RAIDS were made"),
    ("rally", "Rallies everywhere"),
    ("rally", "people rallied"),
    ("arrest", "He was arrested."),
    ("special operation", "after the special operations of Monday"),
    ("tear gas", "tear-gas was used"),
    ("обыск", "О́быски идут"),
    ("рейд", "после рейдов"),
    ("спецоперация", "в ходе спецоперации"),
    ("задержать экс-президента", "задержали экс-президента"),
    ("щётка", "ЩЕТКИ"),
    ("суд", "в судах"),
    ("café", "the CAFE burnt"),
    ("Łódź", "in Lodz"),
    ("cooperation", "co\u00adoperation ends"),
    ("решение", "реше\u0301ния"),
    # names: endings and scripts
    ("Атамбаев", "Дом Атамбаева"),
    ("Атамбаев", "с Атамбаевым и Атамбаеву"),
    ("Атамбаев", "Атамбаевдин үйү"),
    ("Атамбаев", "АТАМБАЕВА ВЫВЕЛИ"),
    ("Атамбаев", "проти Атамбаєва"),
    ("Атамбаев", "Atambayev's house"),
    ("Atambayev", "Atambayev’s house"),
    ("Atambayev", "у Атамбаевой"),
    ("Atambayev", "Haus von Atambajew"),
    ("Atambayev", "Atambajewa zatrzymano"),
    ("Atambayev", "l'ancien président Atambaïev"),
    ("Atambayev", "Atambayev'in evi"),
    ("Atambayev", "Atambaev said"),
    ("Koi-Tash", "Koy-Tash village"),
    ("Koi-Tash", "in Koi Tash"),
    ("Koi-Tash", "в Кой-Таше"),
    ("Кой-Таш", "the village of Koi–Tash"),
    ("Moskva", "в Москве"),
    ("Москва", "над Москвой"),
    ("Sapar Isakov", "Сапара Исакова"),
    ("Иван", "Ивану"),
    ("Тульский", "Тульского"),
    ("Côte d'Ivoire", "cote d’ivoire"),
    ("Ivoire", "la Côte d’Ivoire"),
    ("Штурм", "после штурмов"),
    # wildcards and exact spelling
    ("detain*", "detainees"),
    ("задерж*", "Задержания"),
    ("tear gas*", "tear gassed"),
    ("=WHO", "the WHO says"),
    ("=C++", "in C++ code"),
    ("=May Day", "on May Day"),
    ("=Koi-Tash", "in Koi-Tash."),
    # other scripts
    ("北京", "在北京举行"),
    ("नई दिल्ली", "आज नई दिल्ली में"),
    ("ทหาร", "กองทหารไทย"),
    ("U.S. troops", "the U.S. troops left"),
    ("raid", "counter-raid"),
]
NOT_FOUND = [
    ("storm", "a brainstorm"),
    ("рейд", "трейдер купил"),
    ("raid", "braided hair"),
    ("special operation", "an operation, special in kind"),
    ("special operation", "It was special. Operation ended."),
    ("tear gas", "tear, gas"),
    ("tear gas", "tear\n\ngas"),
    ("tear gas", "gas tear"),
    ("tear gas", "tear the gas"),
    ("Иван", "Иванов пришёл"),
    ("Ivan", "Иванов пришёл"),
    ("Роман", "Романов"),
    ("Атамбаев", "Атабеков"),
    ("Atambayev", "Акаев и Бакиев"),
    ("Bakiev", "Акаев"),
    ("Niger", "Nigeria"),
    ("Austria", "Australia"),
    ("Koi-Tash", "Таш-Кой"),
    ("Kiy", "Kii"),
    ("troops. Left", "the troops. left"),
    ("raid", "рейд"),
    ("таш", "tash"),
    ("=WHO", "who says"),
    ("=WHO", "WHOLE"),
    ("=C++", "in C code"),
    ("=May Day", "on May day"),
    ("=Koi-Tash", "Koi Tash"),
    ("detain*", "predetained"),
    ("!!!", "!!!"),
    ("=", "="),
    ("raid", ""),
]


@pytest.mark.parametrize(("phrase", "text"), FOUND)
def test_a_phrase_is_found(phrase: str, text: str) -> None:
    assert matches(phrase, text)


@pytest.mark.parametrize(("phrase", "text"), NOT_FOUND)
def test_a_phrase_is_not_found(phrase: str, text: str) -> None:
    assert not matches(phrase, text)


@given(st.text(alphabet="abAB аБй=*-'’.́\n", min_size=1, max_size=12), st.text(alphabet="abAB аБй*-'’.́\n", max_size=40))
def test_hits_stand_where_they_say(phrase: str, text: str) -> None:
    for hit in Matcher(event(Topic(id="t", any=(phrase,)))).topics(text):
        assert text[hit.start : hit.end] == hit.found != ""


@given(st.text(alphabet="abcdeшщы", min_size=1, max_size=8), st.text(alphabet="xyz .", max_size=10))
def test_a_word_is_found_between_any_others(word: str, around: str) -> None:
    assert matches(word, f"{around} {word}, {around}")
    assert not matches(word, f"{around}q{word}")


# ---------------------------------------------------------------- about


@pytest.mark.parametrize(
    ("match", "text", "about"),
    [
        ({"any": ("Selin", "harbour")}, "The Harbour of Selin", About(True, "“harbour” (as “Harbour”)")),
        ({"any": ("Selin",)}, "In Selin", About(True, "“Selin”")),
        ({"any": ("Selin",)}, "Elsewhere", About(False, "none of the watched phrases stands there")),
        ({"all": ("port", "strike")}, "Port strikes", About(True, "“port” (as “Port”), “strike” (as “strikes”)")),
        ({"all": ("port", "strike")}, "Port life", About(False, "“strike” does not stand there")),
        ({"any": ("a1", "b1"), "all": ("c1",)}, "b1 c1", About(True, "“b1”, “c1”")),
        (
            {"any": ("port",), "none": ("port wine",)},
            "Port wines",
            About(False, "held out by “port wine” (as “Port wines”)"),
        ),
        ({"none": ("port",)}, "ship", About(False, "no phrase is watched")),
    ],
)
def test_about_says_why(match: dict[str, Any], text: str, about: About) -> None:
    assert Matcher(event(**match)).about(text) == about


# ---------------------------------------------------------------- topics

TOPICS = (
    Topic(id="raids", any=("raid", "special operation")),
    Topic(id="rallies", any=("rally",), none=("rally car",)),
    Topic(id="police", all=("police", "raid")),
)


def test_topics_give_every_place() -> None:
    text = "Police raids: a special operation"
    assert Matcher(event(*TOPICS)).topics(text) == (
        TopicHit("raids", "raid", "raids", 7, 12),
        TopicHit("raids", "special operation", "special operation", 16, 33),
        TopicHit("police", "police", "Police", 0, 6),
        TopicHit("police", "raid", "raids", 7, 12),
    )


def test_a_topic_is_held_out() -> None:
    matcher = Matcher(event(*TOPICS))
    assert [hit.topic_id for hit in matcher.topics("A rally")] == ["rallies"]
    assert matcher.topics("A rally for rally cars") == ()
    assert matcher.topics("Police") == ()


def test_a_matcher_is_shared_by_threads() -> None:
    matcher = Matcher(event(*TOPICS))
    texts = [f"{word} raids in town {number}" for number in range(300) for word in ("Police", "No", "Рейд")]
    expected = [Matcher(event(*TOPICS)).topics(text) for text in texts[:3]]
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(matcher.topics, texts))
    assert [r == e for r, e in zip(results, expected * 300, strict=True)] == [True] * 900


def test_what_was_seen_is_forgotten_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newswatch.detect.phrases._REMEMBERED", 3)
    matcher = Matcher(event(*TOPICS))
    assert [len(matcher.topics(f"raid of house {n}")) for n in range(50)] == [1] * 50


# ---------------------------------------------------------------- doubts


@pytest.mark.parametrize(
    ("topic", "doubt"),
    [
        (Topic(id="t"), "topic t: it watches no phrase, so it never matches; give it phrases under any."),
        (Topic(id="t", none=("a",)), "topic t: it watches no phrase, so it never matches; give it phrases under any."),
        (Topic(id="t", any=("a", "?!")), "topic t: “?!” holds no letter or digit, so it never matches; write a word."),
        (
            Topic(id="t", any=("\u00ad\u0301",)),
            "topic t: “\u00ad\u0301” holds no letter or digit, so it never matches; write a word.",
        ),
        (Topic(id="t", any=("=",)), "topic t: “=” holds no letter or digit, so it never matches; write a word."),
        (
            Topic(id="t", any=("=raid*",)),
            "topic t: “=raid*” asks for the star itself; leave out the = for every word that begins so.",
        ),
        (
            Topic(id="t", any=("= May  Day",)),
            "topic t: “= May  Day” asks for white space that no text has; write “=May Day”.",
        ),
        (
            Topic(id="t", any=("*raid",)),
            "topic t: “*raid” has a star that does nothing; a star counts only at the end of a word.",
        ),
        (
            Topic(id="t", any=("rally car", "rallies"), none=("rally",)),
            "topic t: it never matches, since “rally car” holds “rally” of none; remove one of the two.",
        ),
        (
            Topic(id="t", any=("a",), all=("b c",), none=("B",)),
            "topic t: it never matches, since “b c” holds “B” of none; remove one of the two.",
        ),
        (
            Topic(id="t", any=("rally car", "march"), none=("rally",)),
            "topic t: “rally car” never matches, since none has “rally”; remove one of the two.",
        ),
        (Topic(id="t", any=("raid", "raid")), "topic t: “raid” stands there twice; keep one."),
        (
            Topic(id="t", any=("Tear-gas", "raid", "tear gas")),
            "topic t: “tear gas” finds the same as “Tear-gas”; keep one.",
        ),
        (
            Topic(id="t", any=("r*",)),
            "topic t: “r*” finds every word that begins with this letter; write more of the word.",
        ),
    ],
)
def test_a_phrase_that_never_matches_is_doubted(topic: Topic, doubt: str) -> None:
    assert [found.what for found in doubts(event(topic))] == [doubt]


def test_a_phrase_in_two_topics_is_doubted() -> None:
    topics = (Topic(id="one", any=("Tear-gas", "raid*")), Topic(id="two", any=("tear gas", "raid")))
    what = "topic two: “tear gas” is also a phrase of topic one; both will match."
    assert doubts(event(*topics)) == (Doubt(("topics", 1, "any", 0), what),)


def test_about_is_doubted_too() -> None:
    what = "about: “…” holds no letter or digit, so it never matches; write a word."
    assert doubts(event(any=("…", "a"))) == (Doubt(("about", "any", 0), what),)


def test_a_good_event_raises_no_doubt() -> None:
    assert doubts(event(*TOPICS, any=("raid", "=WHO", "detain*", "Кой-Таш"))) == ()


# ---------------------------------------------------------------- a real event


@pytest.mark.skipif(not BENCH.exists(), reason="the benchmark is not beside the checkout")
@pytest.mark.parametrize("phrases", [("Atambayev", "Атамбаев", "Koi-Tash", "Кой-Таш"), ("Atambayev", "Koi-Tash")])
@pytest.mark.parametrize("part", ["en", "ru"])
def test_stories_about_the_event_are_told_from_others(part: str, phrases: tuple[str, ...]) -> None:
    matcher = Matcher(event(any=phrases))
    lines = (BENCH / "koi-tash" / part / "stories.jsonl").read_text(encoding="utf-8").splitlines()
    stories = [json.loads(line) for line in lines]
    right = sum(matcher.about(f"{s['title']}\n\n{s['text']}").matched == s["relevant"] for s in stories)
    assert right >= 0.97 * len(stories)


# ---------------------------------------------------------------- where phrases stand: a word at a time gives the same


WORDS = (
    "Atambayev", "Атамбаев", "Атамбаева", "raid", "raids", "Koi-Tash", "Koi", "Tash", "U.S.", "l'Oréal", "—", "WHO",
    "who", "the", "of", "arrest,", "arrest", "(raid)", "raid…raid", "Кой-Таш", "\u00a0", "\n", "東京", "x",
)  # fmt: skip
LOOKED_FOR = (
    "Atambayev",
    "raid",
    "Koi-Tash",
    "=WHO",
    "raid of the",
    "arrest*",
    "U.S.",
    "L'Oréal",
    "東京",
    "the arrest",
)


@given(st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from((" ", " ", "", "\n", "-", ", "))), max_size=60))
def test_phrases_stand_where_a_look_at_every_word_finds_them(pieces: list[tuple[str, str]]) -> None:
    text = "".join(word + after for word, after in pieces)
    phrases = Phrases(LOOKED_FOR)
    slow = Phrases(LOOKED_FOR)
    every = sorted(
        (one for chunk in re.finditer(r"\S+", text) for one in slow._from(text, *chunk.span())),
        key=lambda one: (one.start, one.phrase),
    )
    assert list(phrases.find(text)) == every
    assert list(phrases.find(text)) == every  # from memory


@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=1) | st.text("абвгдежзийклмнопрстуфхцчшщъыьэюя", min_size=1))
def test_what_stands_on_a_word_keeps_its_first_letters(word: str) -> None:
    """The look at first letters in `_Index` rests on this."""
    for short in (stem(word), *bases(word), *own_bases(word)):
        assert _head(short) in {_head(word), word[:1]}
