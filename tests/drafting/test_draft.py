"""Drafts: names, facts and topics out of articles, and event files that load whatever the articles hold."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from newswatch.config.event import Event
from newswatch.config.load import load_event
from newswatch.config.read import read_event
from newswatch.drafting import Article, Draft, draft, event_file
from newswatch.errors import NewswatchError

NOW = datetime(2031, 3, 3, tzinfo=UTC)
ENGLISH = Article(
    "one.txt",
    "Dam above Velmora breaks, three dead",
    "VELMORA, March 2 (Wire) - The dam of Lake Arda above the town of Velmora broke on Saturday night. Three people "
    "were killed and more than 20 were injured.\n\nGovernor Petra Sandoval urged residents to stay away from the "
    "river. Engineers had warned of cracks for two years, Sandoval said. How could this happen?\n\nPolice detained "
    "Igor Lyadov, the director of the dam, on suspicion of negligence. Lyadov denied the charges. "
    "Three people were killed.",
    "https://wire.example.org/1",
    "Wire",
    datetime(2031, 3, 2, 9, tzinfo=UTC),
)
RUSSIAN = Article(
    "two.txt",
    "Велмора: задержан директор плотины",
    "Полиция задержала директора плотины у города Велмора Игоря Лядова. Погибли девять человек. Ранее губернатор Петра "
    "Сандовал просила жителей не подходить к реке.",
    "https://vestnik.example.org/1",
    "Вестник",
    datetime(2031, 3, 2, 18, tzinfo=UTC),
)


def loaded(drafted: Draft, folder: Path) -> Event:
    path = folder / "event.yaml"
    path.write_text(event_file(drafted), encoding="utf-8")
    return load_event(path)


@pytest.fixture(scope="module")
def both() -> Draft:
    return draft([ENGLISH, RUSSIAN], now=NOW)


def test_the_names_that_stand_most_often_are_watched(both: Draft) -> None:
    assert [name.common for name in both.about] == ["Velmora", "Sandoval", "Lyadov"]
    assert both.event == "velmora"
    assert both.title == "Dam above Velmora breaks, three dead"


def test_a_fact_is_a_sentence_that_says_something_and_each_is_said_once(both: Draft) -> None:
    texts = [fact.text for fact in both.facts]
    assert texts.count("Three people were killed and more than 20 were injured.") == 1
    assert "Three people were killed." not in texts
    assert not any(text.endswith("?") for text in texts)
    assert "Погибли девять человек." in texts, "a number of its own is no repetition"
    assert both.repeats > 0


def test_names_come_with_the_spellings_seen(both: Draft) -> None:
    found = {slug: (name.full, name.person, name.distinct) for slug, name in both.entities}
    assert found["sandoval"][:2] == ("Petra Sandoval", True)
    assert {"Sandoval", "Петра Сандовал"} <= set(found["sandoval"][2])
    assert found["lyadov"][0] == "Igor Lyadov"
    assert "Велмора" in found["velmora"][2]
    assert "VELMORA" not in found["velmora"][2]


def test_the_file_loads_and_says_the_same(both: Draft, tmp_path: Path) -> None:
    event = loaded(both, tmp_path)
    assert event.about.any == ("Velmora", "Sandoval", "Lyadov")
    assert [fact.id for fact in event.baseline.facts] == [f"b{n}" for n in range(1, len(both.facts) + 1)]
    assert [fact.text for fact in event.baseline.facts] == [fact.text for fact in both.facts]
    assert event.baseline.as_of == RUSSIAN.published
    assert event.baseline.source.publisher == "Wire and Вестник"
    assert event.topics == ()
    text = event_file(both)
    assert "# Guessed: the names that stand in most sentences: Velmora (" in text
    assert "#   - {id: urgent, severity: alert, any: [" in text
    assert "# When the newest of the articles was published." in text
    assert max(len(line) for line in text.splitlines() if line.lstrip().startswith("# ") and "any:" not in line) <= 120


def test_the_suggested_topics_load_once_they_are_uncommented(both: Draft, tmp_path: Path) -> None:
    head, _, topics = event_file(both).partition("# topics:")
    path = tmp_path / "event.yaml"
    path.write_text(f"{head}topics:{topics.replace('#   - ', '  - ')}", encoding="utf-8")
    assert [(t.id, t.severity) for t in load_event(path).topics][:2] == [("urgent", "alert"), ("statements", "digest")]


def test_without_dates_names_or_titles(tmp_path: Path) -> None:
    drafted = draft(
        [Article("a.txt", "", "Three people were killed in the flood.")], event="flood", title="Flood", now=NOW
    )
    text = event_file(drafted)
    assert "# No article says when it was published" in text
    assert "# No name was found in the articles" in text
    event = loaded(drafted, tmp_path)
    assert (event.event, event.title, event.about.any) == ("flood", "Flood", ("CHANGE THIS NAME",))
    assert event.baseline.as_of == NOW


def test_a_date_in_the_future_is_not_believed() -> None:
    later = Article("a", "", "Three people were killed.", published=datetime(2040, 1, 1, tzinfo=UTC))
    assert draft([later], now=NOW).as_of == NOW


def test_nothing_to_read_is_said() -> None:
    with pytest.raises(NewswatchError, match=r"no sentence of a\.txt says anything that newswatch can read"):
        draft([Article("a.txt", "", "Hello there.")], now=NOW)


WORDS = st.text(
    st.characters(blacklist_categories=["Cs"]) | st.sampled_from("\"'\\:#{}[]-?%&*!|>@`\n\t\x85\u2028\ufeff"),
    max_size=60,
)


@settings(max_examples=60, deadline=None)
@given(WORDS, WORDS, WORDS, WORDS)
def test_whatever_the_articles_hold_the_file_loads(
    tmp_path_factory: pytest.TempPathFactory, title: str, name: str, words: str, url: str
) -> None:
    text = (
        "Two people were killed when the river rose in the night, and it was not the first time.\n\n"
        f"Three people were killed in {name} Town, {words} said. {words} Police arrested {name} Smith. {words * 5} ran."
    )
    article = Article("a", " ".join(title.split()), text, url, title)
    path = tmp_path_factory.mktemp("draft") / "event.yaml"
    try:
        drafted = draft([article, article], now=NOW)
    except NewswatchError:
        reject()  # enough single letters make it Polish
    path.write_text(event_file(drafted), encoding="utf-8")
    assert read_event(path).mistakes == ()
