"""Does the ledger hold it? Every claim is held against the facts of its own kind; the answer says why.

Figures are held against figures of the same measure and group, statements against what the same speaker said, and
happenings against facts whose content covers theirs. Words weigh by how rare they are in the ledger (IDF), so the
names that every sentence of an event holds say nothing. An inverted index finds the facts that can matter.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from newswatch.model import Bound, Claim, Fact, Figure, Outcome, Statement

# A claim is known when one fact holds this share of its weight; a little more is asked of the whole ledger together.
KNOWN_BY_ONE = 0.5
KNOWN_BY_ALL = 0.8
# Counts that do not fall: a lower number in a later story is an old number, not news.
RISING = frozenset({"killed", "injured", "detained", "charged", "evacuated", "released", "buildings"})
# What a claim must add, in summed IDF, to be news at all: a few words that are rare in the ledger.
LITTLE = 12.0
_CANDIDATES = 30
_ALWAYS_KNOWN = 6.0


@dataclass(frozen=True, slots=True)
class Finding:
    """How a claim stands against the ledger.

    Attributes:
        outcome: known, new, changed, refines …
        reason: why, in a few words.
        against: the fact it was held against, or None.
        novelty: share of its weight that no one fact holds, 0 to 1.
        weight: how much it says at all, in summed IDF.
    """

    outcome: Outcome
    reason: str
    against: Fact | None = None
    novelty: float = 1.0
    weight: float = 0.0


class Ledger:
    """The facts of one event, indexed by what claims are held against."""

    def __init__(self, facts: Iterable[Fact] = ()) -> None:
        self.size = 0
        self._figures: defaultdict[tuple[str, tuple[str, ...]], list[Fact]] = defaultdict(list)
        self._by_term: defaultdict[str, list[Fact]] = defaultdict(list)
        self._count: Counter[str] = Counter()
        self.add(facts)

    def add(self, facts: Iterable[Fact]) -> None:
        """Take in facts that were told or absorbed."""
        for fact in facts:
            self.size += 1
            claim = fact.claim
            if isinstance(claim, Figure):
                self._figures[claim.measure, claim.whom].append(fact)
                continue
            for term in set(claim.terms):
                self._by_term[term].append(fact)
                self._count[term] += 1

    def figures(self, measure: str, whom: tuple[str, ...]) -> Sequence[Fact]:
        """Figures of a measure and group, in the order they became known."""
        return self._figures.get((measure, whom), ())

    def weight(self, term: str) -> float:
        """How much a term tells: IDF over the ledger, at least a little."""
        return max(math.log((self.size + 8) / (self._count[term] + 1)), 0.1)

    def nearest(self, terms: Sequence[str]) -> tuple[Fact | None, float, float, float]:
        """The fact that holds most of these terms.

        Returns:
            That fact, the share of weight it holds, the share that all facts hold together, and the whole weight.
        """
        weights = {term: self.weight(term) for term in terms}
        whole = sum(weights.values())
        if not whole:
            return None, 1.0, 1.0, 0.0
        known = sum(weight for term, weight in weights.items() if self._count[term])
        held: defaultdict[str, float] = defaultdict(float)
        facts: dict[str, Fact] = {}
        # The rarest terms find the candidates; what half the ledger holds finds nothing.
        for term in sorted(weights, key=lambda t: self._count[t])[:_CANDIDATES]:
            for fact in self._by_term.get(term, ())[-200:]:
                held[fact.fact_id] += weights[term]
                facts[fact.fact_id] = fact
        if not held:
            return None, 0.0, known / whole, whole
        best = max(held, key=lambda fact_id: held[fact_id])
        return facts[best], held[best] / whole, known / whole, whole


def judge_claim(claim: Claim, ledger: Ledger) -> Finding:
    """Hold one claim against the ledger."""
    if isinstance(claim, Figure):
        return _figure(claim, ledger)
    fact, share, known, weight = ledger.nearest(claim.terms)
    if claim.background:
        return Finding(Outcome.KNOWN, "told as background", fact, 1 - share, weight)
    if weight < _ALWAYS_KNOWN:
        return Finding(Outcome.KNOWN, "says too little to be news", fact, 1 - share, weight)
    if share >= KNOWN_BY_ONE or known >= KNOWN_BY_ALL:
        return Finding(Outcome.KNOWN, f"{max(share, known):.0%} of it is known", fact, 1 - share, weight)
    if (1 - share) * weight < LITTLE:
        return Finding(Outcome.KNOWN, "adds too little to what is known", fact, 1 - share, weight)
    who = " from this speaker" if isinstance(claim, Statement) else ""
    return Finding(Outcome.NEW, f"only {share:.0%} of it stands in the nearest fact{who}", fact, 1 - share, weight)


def _figure(claim: Figure, ledger: Ledger) -> Finding:
    facts = ledger.figures(claim.measure, claim.whom)
    values = [(fact, fact.claim) for fact in facts if isinstance(fact.claim, Figure)]
    for fact, known in values:
        if known.value == claim.value:
            return Finding(Outcome.KNOWN, "the same number is known", fact, 0.0)
    if claim.background:
        return Finding(Outcome.KNOWN, "told as background", None, 0.0)
    if not values:
        return Finding(Outcome.NEW, f"no number of {claim.measure} was known")
    fact, highest = max(values, key=lambda pair: pair[1].value)
    latest, last = values[-1]
    if claim.value < highest.value and claim.measure in RISING:
        return Finding(Outcome.KNOWN, f"an older number: {highest.value:g} is known", fact, 0.0)
    if last.bound in {Bound.ABOVE, Bound.AT_LEAST, Bound.ABOUT} and last.value < claim.value <= last.value * 1.1:
        return Finding(Outcome.REFINES, f"{last.value:g} was known less exactly", latest)
    return Finding(Outcome.CHANGED, f"{last.value:g} was known", latest)
