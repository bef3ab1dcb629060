"""What the ledger holds of a sentence, and that looking costs the same however much it holds."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newswatch.detect.ledger import _PLACES, Ledger, act_keys
from newswatch.model import Claim, Evidence, Fact, Figure, Happening, Statement, Status

NOW = datetime(2031, 3, 2, 12, tzinfo=UTC)
WORDS = {"#raid": "urgent", "@ladov": "name", "dam": "word", "#police": "body", "=9": "number"}


def evidence(text: str = "x") -> Evidence:
    return Evidence(text, 1)


def fact(claim: Claim, number: int = 0) -> Fact:
    return Fact(f"f{number}", "velmora", claim, "s1", "Wire", NOW)


def sentence(*terms: str, text: str = "x") -> Fact:
    return fact(Happening(evidence(text), "other", terms=terms))


def happening(what: str, status: Status = Status.DONE, *actors: str, targets: tuple[str, ...] = ()) -> Happening:
    return Happening(evidence(), what, status, actors=actors, targets=targets)


def test_an_empty_ledger_holds_nothing() -> None:
    overlap = Ledger().overlap(WORDS)
    assert (overlap.nearest, overlap.best, overlap.two, overlap.union) == (None, 0, 0, 0)
    assert overlap.fresh == tuple(WORDS)
    assert overlap.pairs == len(overlap.new_pairs) == 7


def test_a_sentence_without_terms_is_held_by_none() -> None:
    overlap = Ledger([sentence(*WORDS)]).overlap({})
    assert (overlap.nearest, overlap.best, overlap.fresh, overlap.pairs) == (None, 0, (), 0)


def test_the_same_sentence_is_held_whole() -> None:
    overlap = Ledger([sentence(*WORDS, text="known")]).overlap(WORDS)
    assert overlap.nearest is not None
    assert overlap.nearest.claim.evidence.sentence == "known"
    assert (overlap.best, overlap.two, overlap.union) == pytest.approx((1, 1, 1))
    assert (overlap.fresh, overlap.new_pairs) == ((), ())


def test_shares_of_the_best_of_the_best_two_and_of_all() -> None:
    terms = {"a": "word", "b": "word", "c": "word", "d": "word"}
    ledger = Ledger([sentence("a", "b", text="half"), sentence("b", "c", text="other"), sentence("x")])
    overlap = ledger.overlap(terms)
    weights = {term: ledger.weight(term) for term in terms}
    whole = sum(weights.values())
    assert overlap.weight == pytest.approx(whole)
    assert overlap.best == pytest.approx((weights["a"] + weights["b"]) / whole)
    assert overlap.two == overlap.union == pytest.approx((weights["a"] + weights["b"] + weights["c"]) / whole)
    assert overlap.fresh == ("d",)


def test_of_sentences_that_hold_as_much_the_newest_is_nearest() -> None:
    ledger = Ledger([sentence("a", text="old"), sentence("a", text="new")])
    nearest = ledger.overlap({"a": "word", "b": "word"}).nearest
    assert nearest is not None
    assert nearest.claim.evidence.sentence == "new"


def test_a_rare_word_weighs_more_than_a_common_one() -> None:
    ledger = Ledger([sentence("dam", "x"), sentence("dam", "y"), sentence("dam", "crack")])
    assert ledger.weight("unheard") > ledger.weight("crack") > ledger.weight("dam")


def test_words_that_never_stood_together_are_a_new_pair() -> None:
    ledger = Ledger([sentence("#raid", "dam"), sentence("@ladov", "dam")])
    overlap = ledger.overlap({"#raid": "urgent", "@ladov": "name", "dam": "word"})
    assert overlap.fresh == ()
    assert overlap.union == pytest.approx(1)
    assert (overlap.pairs, overlap.new_pairs) == (2, (("#raid", "@ladov"),))


@pytest.mark.parametrize(
    ("terms", "pairs"),
    [
        ({"a": "word", "b": "word"}, 0),
        ({"a": "urgent", "b": "word"}, 1),
        ({"a": "speech", "b": "word"}, 1),
        ({"a": "action", "b": "speech"}, 1),
        ({"a": "action", "b": "action"}, 1),
        ({"a": "number", "b": "thing"}, 1),
        ({"a": "urgent", "b": "time"}, 0),
        ({"a": "urgent", "b": "quality"}, 0),
    ],
)
def test_pairs_hold_an_anchor_and_something_that_tells(terms: dict[str, str], pairs: int) -> None:
    assert Ledger().overlap(terms).pairs == pairs


# ---------------------------------------------------------------- what it costs


class Counted(Mapping[str, str]):
    """Terms that count how often they are looked at."""

    def __init__(self, terms: Mapping[str, str]) -> None:
        self._terms = terms
        self.looked = 0

    def __getitem__(self, key: str) -> str:
        self.looked += 1
        return self._terms[key]

    def __iter__(self) -> Iterator[str]:
        for key in self._terms:
            self.looked += 1
            yield key

    def __len__(self) -> int:
        return len(self._terms)


def postings(ledger: Ledger, terms: Iterable[str]) -> int:
    """How many places one look at these terms goes through."""
    assert all(len(ledger._places.get(term, ())) <= 2 * _PLACES for term in terms)
    return sum(len(ledger._places.get(term, ())[-_PLACES:]) for term in terms)


def test_a_look_goes_through_no_more_places_however_large_the_ledger() -> None:
    terms = {f"w{n}": "word" for n in range(10)} | {"#raid": "urgent"}
    seen = []
    ledger = Ledger()
    for size in (1000, 10_000, 30_000):
        ledger.add(sentence(*terms) for _ in range(size - ledger.size))
        counted = Counted(terms)
        overlap = ledger.overlap(counted)
        seen.append((postings(ledger, terms), counted.looked, overlap.pairs, round(overlap.best, 6)))
    assert seen == [seen[0]] * 3
    assert seen[0][0] <= _PLACES * len(terms)
    assert seen[0][2:] == (10, 1.0)


def test_only_the_first_words_of_a_boundless_sentence_are_held() -> None:
    overlap = Ledger().overlap({f"w{n}": "urgent" for n in range(5000)})
    assert (len(overlap.fresh), overlap.pairs) == (60, 60 * 59 // 2)


def test_figures_of_a_measure_are_the_newest_only() -> None:
    ledger = Ledger(fact(Figure(evidence(), "killed", float(n)), n) for n in range(500))
    values = [f.claim.value for f in ledger.figures("killed") if isinstance(f.claim, Figure)]
    assert values == [float(n) for n in range(440, 500)]
    assert ledger.figures("injured") == ()


# ---------------------------------------------------------------- what it knows


def test_a_number_is_known_by_measure_and_value_and_its_first_fact_is_kept() -> None:
    ledger = Ledger([fact(Figure(evidence(), "killed", 9), 1), fact(Figure(evidence(), "killed", 9), 2)])
    first = ledger.same_number("killed", 9)
    assert first is not None
    assert first.fact_id == "f1"
    assert ledger.same_number("killed", 8) is None
    assert ledger.same_number("injured", 9) is None


def test_a_happening_is_known_by_type_status_and_each_who() -> None:
    claim = happening("raid", Status.DONE, "@ladov", targets=("#police", "=9"))
    assert act_keys(claim) == (
        ("raid", "done"), ("raid", "done", "@ladov"), ("raid", "done", "#police"), ("raid", "done", "=9"),
    )  # fmt: skip
    ledger = Ledger([fact(claim, 1), fact(claim, 2)])
    first = ledger.act(("raid", "done"))
    assert first is not None
    assert first.fact_id == "f1"
    assert ledger.act(("raid", "done", "@ladov")) is not None
    assert ledger.act(("raid", "planned")) is None
    assert ledger.act(("raid", "done", "@klein")) is None


def test_details_are_known_beside_the_happening_of_each_name_and_of_anybody() -> None:
    klein = replace(happening("charge", Status.DONE, "@klein"), details=(("with", "#murder"),))
    ledger = Ledger([fact(klein, 1)])
    assert ledger.detail(klein, "with", "#murder") is not None
    assert ledger.detail(klein, "with") is not None
    assert ledger.detail(klein, "with", "#fraud") is None
    assert ledger.detail(klein, "years") is None
    assert ledger.detail(replace(klein, actors=()), "with", "#murder") is not None
    assert ledger.detail(replace(klein, actors=("@ladov",)), "with", "#murder") is None
    assert ledger.detail(replace(klein, status=Status.MENTIONED), "with", "#murder") is not None
    assert ledger.detail(replace(klein, status=Status.PLANNED), "with", "#murder") is None


def test_a_detail_of_nobody_by_name_is_known_of_everybody() -> None:
    ledger = Ledger([fact(replace(happening("charge"), details=(("with", "#murder"),)), 1)])
    of_klein = replace(happening("charge", Status.DONE, "@klein"), details=(("with", "#murder"),))
    assert ledger.detail(of_klein, "with", "#murder") is not None


def test_details_are_no_part_of_what_the_weights_were_learned_from() -> None:
    plain = happening("charge", Status.DONE, "@klein")
    assert act_keys(replace(plain, details=(("with", "#murder"),))) == act_keys(plain)


def test_a_sum_is_another_in_another_currency() -> None:
    ledger = Ledger([fact(Figure(evidence(), "fine", 5000, unit="kgs"))])
    assert ledger.same_number("fine", 5000, "kgs") is not None
    assert ledger.same_number("fine", 5000, "usd") is None


def test_a_statement_is_known_by_speaker_and_by_speaker_and_word() -> None:
    ledger = Ledger([fact(Statement(evidence(), "@sandoval", terms=("@sandoval", "crack")))])
    assert ledger.said("@sandoval")
    assert ledger.said("@sandoval", "crack")
    assert not ledger.said("@sandoval", "river")
    assert not ledger.said("@ladov")
    assert not ledger.said("@ladov", "crack")


def test_size_counts_facts_and_only_claims_with_terms_are_sentences() -> None:
    ledger = Ledger([sentence("a"), fact(Figure(evidence(), "killed", 9)), fact(happening("raid"))])
    assert ledger.size == 3
    assert ledger.overlap({"a": "word"}).best == pytest.approx(1)


# ---------------------------------------------------------------- properties

TERMS = st.dictionaries(
    st.sampled_from([f"t{n}" for n in range(12)]),
    st.sampled_from(["urgent", "action", "name", "word", "number", "time"]),
    max_size=10,
)


@given(st.lists(TERMS, max_size=12), TERMS)
def test_shares_are_shares_and_in_order(known: list[dict[str, str]], terms: dict[str, str]) -> None:
    overlap = Ledger(sentence(*one) for one in known).overlap(terms)
    assert -1e-9 <= overlap.best <= overlap.two + 1e-9
    assert overlap.two <= overlap.union + 1e-9
    assert overlap.union <= 1 + 1e-9
    assert len(overlap.new_pairs) <= overlap.pairs
    assert set(overlap.fresh) == set(terms) - {term for one in known for term in one}
    assert (overlap.nearest is None) == (len(overlap.fresh) == len(terms))


@given(st.lists(TERMS, max_size=8), TERMS, st.data())
def test_more_facts_never_hold_less(known: list[dict[str, str]], terms: dict[str, str], data: st.DataObject) -> None:
    few = data.draw(st.integers(0, len(known)))
    before = Ledger(sentence(*one) for one in known[:few]).overlap(terms)
    after = Ledger(sentence(*one) for one in known).overlap(terms)
    assert set(after.fresh) <= set(before.fresh)
    assert set(after.new_pairs) <= set(before.new_pairs)


@given(st.lists(TERMS.filter(bool), min_size=1, max_size=8), st.data())
def test_what_was_added_is_held_whole(known: list[dict[str, str]], data: st.DataObject) -> None:
    again = data.draw(st.sampled_from(known))
    overlap = Ledger(sentence(*one) for one in known).overlap(again)
    assert overlap.best == pytest.approx(1)
    assert overlap.new_pairs == ()
