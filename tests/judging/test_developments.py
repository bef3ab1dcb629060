"""The lines of an alert: self-contained, with their numbers in words, and what was known before."""

import pytest

from loopback.watch import Watch
from newswatch.config.event import Event
from newswatch.model import Decision


def lines(decision: Decision) -> list[str]:
    return [development.summary for development in decision.developments]


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        ("Nine people were killed in Velmora.", "Killed: 3 → 9"),
        ("At least 57 people were injured in Velmora.", "Injured: more than 20 → at least 57"),
        ("About 1,500 people were evacuated in Velmora.", "Evacuated: about 400 → about 1,500"),
        ("Up to 60 people were injured in Velmora.", "Injured: more than 20 → up to 60"),
        ("Число погибших в Велморе выросло до девяти.", "Killed: 3 → 9"),
    ],
)
def test_a_number_is_told_with_its_hedge_and_what_it_was(text: str, summary: str, watch: Watch) -> None:
    assert lines(watch.told(text, "ru" if "Велморе" in text else "en")) == [summary]


def test_a_group_is_named(watch: Watch) -> None:
    assert lines(watch.told("Six children were killed in Velmora."))[0].startswith("Killed (children): ")


def test_where_and_by_whom_a_story_was_filed_is_no_news(watch: Watch) -> None:
    story = "VELMORA, March 2 (Wire) - Police detained Igor Lyadov, director of the dam."
    assert lines(watch.told(story, title="")) == ["Police detained Igor Lyadov, director of the dam."]


def test_a_long_sentence_is_cut_at_a_word(watch: Watch) -> None:
    tail = " ".join(["who long had kept the keys of the lower gate"] * 10)
    (line,) = lines(watch.told(f"Police detained Igor Lyadov, director of the dam in Velmora, {tail}.", title=""))
    assert len(line) <= 240
    assert line.endswith("…")
    assert line[:-1].rpartition(" ")[2] in tail


def test_a_far_fact_is_not_called_known_before(watch: Watch) -> None:
    (development,) = watch.told("Police detained Igor Lyadov, director of a bank in Velmora.").developments
    assert development.known_before == ""


def test_the_same_number_in_two_sentences_is_one_line(watch: Watch) -> None:
    text = "Nine people were killed in Velmora. The governor named the nine killed one by one."
    assert lines(watch.told(text)).count("Killed: 3 → 9") == 1


def test_every_line_has_an_id_of_its_own_that_stays(watch: Watch, event: Event) -> None:
    text = "Nine people were killed in Velmora. Forty people are missing."
    ids, again = ([d.development_id for d in one.told(text).developments] for one in (watch, Watch(event)))
    assert len(ids) == len(set(ids)) == 2
    assert ids == again
