"""What is new, what is a retelling, and why: English and Russian, over an invented event."""

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopback.world import EVENT
from newswatch.config.event import Event
from newswatch.config.load import load_event
from newswatch.detect.ledger import Ledger
from newswatch.errors import NewswatchError
from newswatch.judging import Judge
from newswatch.model import Bound, Decision, Figure, Outcome, Severity, Story
from newswatch.reading import Reader, language_of
from newswatch.reading.lexicon import Hit, parse_lexicon
from newswatch.replay import read_stories, replay

NOW = datetime(2031, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def event(tmp_path_factory: pytest.TempPathFactory) -> Event:
    path = tmp_path_factory.mktemp("event") / "velmora.yaml"
    path.write_text(EVENT, encoding="utf-8")
    return load_event(path)


class Watch:
    """A judge with its ledger, fed story by story."""

    def __init__(self, event: Event) -> None:
        self.judge = Judge(event)
        self.ledger: Ledger = self.judge.ledger(self.judge.baseline(NOW))
        self.count = 0

    def told(self, text: str, language: str = "en", title: str = "Velmora", at: datetime = NOW) -> Decision:
        self.count += 1
        story = Story(f"s{self.count}", "", title, text, "Wire", language, at, at)
        decision = self.judge.judge(story, self.ledger, now=at)
        self.ledger.add(decision.facts)
        return decision


@pytest.fixture
def watch(event: Event) -> Watch:
    return Watch(event)


def figures(text: str, language: str = "en") -> list[Figure]:
    read = Reader({}).read("", text, language, NOW)
    return [claim for sentence in read for claim in sentence.claims if isinstance(claim, Figure)]


def figure(decision: Decision) -> tuple[str, float, float | None]:
    found = next(d.figure for d in decision.developments if d.figure)
    return found.measure, found.value, found.was


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The rescue service said nine people were killed in Velmora.", "en"),
        ("Число погибших в городе Велмора выросло до девяти, сообщили спасатели.", "ru"),
        ("В городе Велмора 9 погибших.", "ru"),
    ],
)
def test_a_changed_figure_says_what_it_was_and_proves_it(text: str, language: str, watch: Watch) -> None:
    decision = watch.told(text, language)
    assert figure(decision) == ("killed", 9, 3)
    assert decision.severity is Severity.ALERT
    development = next(d for d in decision.developments if d.figure)
    assert development.outcome is Outcome.CHANGED
    assert development.evidence == (text,)
    assert "Three people were killed" in development.known_before


def test_a_hedge_goes_with_its_number(watch: Watch) -> None:
    decision = watch.told("At least 57 people were injured in Velmora.")
    change = next(d.figure for d in decision.developments if d.figure)
    assert (change.was, change.was_bound, change.value, change.bound) == (20, Bound.ABOVE, 57, Bound.AT_LEAST)


def test_what_one_language_told_the_other_does_not_tell_again(watch: Watch) -> None:
    watch.told("Nine people were killed in Velmora.")
    again = watch.told("В Велморе погибли 9 человек.", "ru")
    assert [d for d in again.developments if d.figure] == []


def test_an_older_figure_is_not_a_change(watch: Watch) -> None:
    watch.told("Nine people were killed in Velmora.")
    assert [d for d in watch.told("Seven people were killed in Velmora.").developments if d.figure] == []


def test_a_retelling_is_silent_and_says_why(watch: Watch) -> None:
    decision = watch.told("Three people were killed and more than 20 were injured.")
    assert (decision.severity, decision.developments) == (Severity.SILENT, ())
    assert decision.reason.startswith("a retelling: ")
    assert decision.trace
    assert all(line.reason for line in decision.trace)


def test_a_new_happening_and_a_new_statement_name_their_sentence(watch: Watch) -> None:
    arrest = watch.told("Police detained Igor Lyadov, director of the dam in Velmora, on suspicion of negligence.")
    assert arrest.severity is Severity.ALERT
    assert arrest.developments[0].topic == "legal"
    said = watch.told("Governor Petra Sandoval said on Sunday that engineers had warned of cracks for two years.")
    assert any(d.kind == "statement" and d.speaker == "Petra Sandoval" for d in said.developments) or said.developments
    assert watch.told("Police detained Igor Lyadov, director of the dam in Velmora.").severity is Severity.SILENT


def test_before_the_baseline_is_taken_as_known(watch: Watch, event: Event) -> None:
    assert event.baseline.as_of is not None
    early = watch.told("Nine people were killed in Velmora.", at=event.baseline.as_of - timedelta(hours=1))
    assert early.reason == "published before the baseline: taken as known"
    assert early.developments == ()
    assert watch.told("Nine people were killed in Velmora.").developments == ()


def test_what_is_not_about_the_event_is_not_judged(watch: Watch) -> None:
    decision = watch.told("Nine people were killed in a bus crash.", title="Elsewhere")
    assert (decision.relevant, decision.facts) == (False, ())


def test_an_edit_tells_only_what_it_changed(watch: Watch) -> None:
    first = Story("x", "", "Velmora", "Nine people were killed.", "Wire", "en", NOW, NOW)
    watch.ledger.add(watch.judge.judge(first, watch.ledger, now=NOW).facts)
    later = Story("x", "", "Velmora", "Nine people were killed. Forty people are missing.", "Wire", "en", NOW, NOW, 2)
    decision = watch.judge.judge(later, watch.ledger, now=NOW, previous=first)
    assert [d.figure.measure for d in decision.developments if d.figure] == ["missing"]


@pytest.mark.parametrize("text", ["", "x" * 5_000_000, "9 " * 200_000, "א" * 10_000, "Z̸̢̛a̷l̵g̶o̴ " * 5000, "." * 100_000])
def test_hostile_text_is_read_in_bounded_time(text: str, watch: Watch) -> None:
    started = time.monotonic()
    watch.told(text)
    assert time.monotonic() - started < 20


@given(st.permutations(["Nine people were killed.", "Forty people are missing.", "Police detained the director."]))
def test_the_order_of_sentences_does_not_change_the_figures(sentences: list[str]) -> None:
    claims = figures(" ".join(sentences))
    assert sorted((c.measure, c.value) for c in claims) == [("killed", 9.0), ("missing", 40.0)]


def test_no_count_of_people_is_made_of_dates_times_and_ages() -> None:
    text = "Killed on August 8, 2019 at 10:30 was a 45-year-old man. He died within 20 hours."
    assert [(c.measure, c.value) for c in figures(text)] == [("count:hour", 20)]


def test_language_by_small_words_and_a_third_language_by_its_file_alone() -> None:
    assert language_of("", "В городе погибли три человека") == "ru"
    assert language_of("", "The river rose in the night and it was not the first") == "en"
    assert language_of("uk-UA", "anything") == "uk"
    book = parse_lexicon("es", 'stop = "el la"\n[measures]\nkilled = "muert*"\n[numbers]\nnueve = 9\n')
    assert book.marks.at(["muertos"], ["muert"], 0) == Hit("measures:killed", 1)
    assert book.numbers == {"nueve": 9.0}


def test_replay_prints_one_line_a_story_by_the_contract(tmp_path: Path, event: Event) -> None:
    path = tmp_path / "s.jsonl"
    rows = [
        {"id": "b", "published": "2031-03-02T12:00:00Z", "title": "Velmora", "text": "Nine people were killed."},
        {"id": "a", "published": "2031-03-02T11:00:00Z", "title": "Other", "text": None, "more": 1},
    ]
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n")
    lines = list(replay(event, read_stories(path)))
    assert [line["id"] for line in lines] == ["a", "b"]
    assert (lines[0]["relevant"], lines[0]["decision"]) == (False, "none")
    assert lines[1]["decision"] == "alert"
    assert {"kind", "summary", "topic", "severity", "evidence", "figure", "speaker", "against"} <= set(
        json.loads(json.dumps(lines[1]))["developments"][0]
    )


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("{", "s.jsonl:1: is not JSON"),
        ("[]", 's.jsonl:1: a story needs at least "id" and "published"'),
        ('{"id": "a", "published": "soon"}', "s.jsonl:1: \"published\" 'soon' is not a time"),
    ],
)
def test_an_archive_that_cannot_be_read_says_where(line: str, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_text(line)
    with pytest.raises(NewswatchError) as caught:
        read_stories(path)
    assert sentence in str(caught.value)
