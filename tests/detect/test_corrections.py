"""Corrections by hand: what they make of facts, in which order, and how they are undone."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newswatch.detect.corrections import corrected, groups, said_of
from newswatch.detect.ledger import Ledger
from newswatch.model import Action, Correction, Evidence, Fact, FactStatus, Figure, Happening

NOW = datetime(2031, 3, 2, 12, tzinfo=UTC)
TOLL, AGAIN, RAID = (
    Evidence("Nine people were killed.", 1),
    Evidence("The dead number nine.", 1),
    Evidence("A raid.", 2),
)
FACTS = (
    Fact("died", "ev", Happening(TOLL, "die", terms=("#die", "=9")), "s1", "Wire", NOW),
    Fact("nine", "ev", Figure(TOLL, "killed", 9), "s1", "Wire", NOW),
    Fact("again", "ev", Happening(AGAIN, "other", terms=("#dead", "=9")), "s2", "Herald", NOW),
    Fact("nine-again", "ev", Figure(AGAIN, "killed", 9), "s2", "Herald", NOW),
    Fact("raid", "ev", Happening(RAID, "raid", terms=("#raid",)), "s1", "Wire", NOW),
)
BY_ID = {fact.fact_id: fact for fact in FACTS}


def said(action: Action, fact_id: str, other_id: str = "") -> Correction:
    sentence = said_of(BY_ID[fact_id], BY_ID.get(other_id))
    return Correction("ev", fact_id, action, sentence, NOW, "somebody", other_id)


def status(*corrections: Correction) -> dict[str, str]:
    found = corrected(FACTS, corrections)
    assert [fact.fact_id for fact in found] == list(BY_ID)
    return {fact.fact_id: fact.status.value for fact in found if fact.status is not FactStatus.REPORTED}


def test_without_corrections_nothing_changes() -> None:
    assert corrected(FACTS, ()) == FACTS
    assert [group.lead.fact_id for group in groups(FACTS, ())] == ["died", "again", "raid"]


def test_a_sentence_is_accepted_or_rejected_with_all_that_it_says() -> None:
    assert status(said(Action.ACCEPT, "died")) == {"died": "confirmed", "nine": "confirmed"}
    assert status(said(Action.REJECT, "died")) == {"died": "retracted", "nine": "retracted"}
    assert status(said(Action.REJECT, "died"), said(Action.ACCEPT, "died"))["nine"] == "confirmed"
    assert status(said(Action.REJECT, "died"), said(Action.UNDO, "died")) == {}


def test_any_fact_of_a_sentence_stands_for_all_of_it() -> None:
    assert status(said(Action.REJECT, "nine")) == {"died": "retracted", "nine": "retracted"}


def test_merged_facts_are_one_and_share_what_is_said_of_them() -> None:
    merge = said(Action.MERGE, "died", "again")
    assert [[f.fact_id for f in w] for w in groups(FACTS, [merge])[0].wordings] == [
        ["died", "nine"],
        ["again", "nine-again"],
    ]
    assert status(merge) == {}
    assert set(status(merge, said(Action.REJECT, "again"))) == {"died", "nine", "again", "nine-again"}
    assert set(status(said(Action.ACCEPT, "died"), merge)) == {"died", "nine", "again", "nine-again"}
    assert len(groups(FACTS, [merge, said(Action.MERGE, "again", "died")])) == 2


def test_a_merge_is_undone_by_either_a_wording_stands_alone_again() -> None:
    undone = [said(Action.MERGE, "died", "again"), said(Action.UNDO, "again")]
    assert [group.lead.fact_id for group in groups(FACTS, undone)] == ["died", "again", "raid"]
    chain = [said(Action.MERGE, "died", "again"), said(Action.MERGE, "again", "raid")]
    assert [group.lead.fact_id for group in groups(FACTS, chain)] == ["died"]


def test_a_correction_does_not_follow_a_fact_to_another_text() -> None:
    edited = (replace(FACTS[4], claim=Happening(Evidence("Another raid.", 2), "raid", terms=("#raid",))),)
    assert corrected(edited, [said(Action.REJECT, "raid")]) == edited
    assert corrected(FACTS[:1], [said(Action.MERGE, "died", "again"), said(Action.REJECT, "raid")]) == FACTS[:1]


def test_what_is_retracted_is_not_known() -> None:
    ledger = Ledger(corrected(FACTS, [said(Action.REJECT, "died"), said(Action.REJECT, "raid")]))
    assert ledger.size == 2
    assert ledger.act(("raid", "done")) is None
    assert ledger.overlap({"#raid": "urgent"}).best == 0
    assert [fact.fact_id for fact in ledger.figures("killed")] == ["nine-again"]
    assert ledger.same_number("killed", 9) == FACTS[3]


CORRECTIONS = st.builds(
    lambda action, one, other: said(action, one, other if action is Action.MERGE else ""),
    st.sampled_from(Action),
    st.sampled_from(sorted(BY_ID)),
    st.sampled_from(sorted(BY_ID)),
)


@given(st.lists(CORRECTIONS, max_size=12))
def test_no_correction_loses_a_fact(corrections: list[Correction]) -> None:
    found = groups(FACTS, corrections)
    assert sorted(f.fact_id for g in found for w in g.wordings for f in w) == sorted(BY_ID)
    assert [fact.fact_id for fact in corrected(FACTS, corrections)] == list(BY_ID)


@pytest.mark.parametrize("fact_id", ["died", "raid"])
@given(st.lists(CORRECTIONS, max_size=6))
def test_undone_a_fact_stands_as_it_was_read(fact_id: str, corrections: list[Correction]) -> None:
    assert fact_id not in status(*corrections, said(Action.UNDO, fact_id))
