"""What earlier builds wrote is read by this one."""

import json
from datetime import UTC, datetime

from newswatch.model import Evidence, Fact, Figure, Happening
from newswatch.store.codec import dump, load

NOW = datetime(2031, 3, 2, 12, tzinfo=UTC)
X = Evidence("The mayor was charged with murder.", 1)
CHARGE = Happening(X, "charge", actors=("@klein",), details=(("with", "#murder"), ("article", "97")))


def test_details_come_back_as_they_were() -> None:
    fact = Fact("f1", "velmora", CHARGE, "s1", "Wire", NOW)
    assert load(Fact, dump(fact)) == fact


def test_a_fact_that_was_kept_before_happenings_had_details_is_read_without() -> None:
    old = json.loads(dump(Fact("f1", "velmora", CHARGE, "s1", "Wire", NOW)))
    del old["claim"]["details"]
    claim = load(Fact, json.dumps(old)).claim
    assert claim == Happening(X, "charge", actors=("@klein",))


def test_a_sum_and_its_place_come_back_as_they_were() -> None:
    figure = Figure(X, "fine", 5000, unit="kgs", where=("@velmora",), said_by="@klein")
    fact = Fact("f1", "velmora", figure, "s1", "Wire", NOW)
    assert load(Fact, dump(fact)) == fact
