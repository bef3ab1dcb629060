"""The facts of one event, indexed by what claims are held against. Looking up costs the same however many there are.

Every term keeps its newest places only (`_PLACES`), and counts are hash tables. One pass over the places of a
sentence's terms tells which sentence holds most of it, which two do, and which pairs of terms ever stood together.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from newswatch.model import Fact, FactStatus, Figure, Happening, Mark, Statement, Status

_PLACES = 200
"""Newest sentences kept a term; what stood together only before that counts as not seen together."""
_FIGURES = 60
"""Newest figures kept a measure."""
_CALM = 50.0
"""Added to the ledger's size for weights, so that the first facts do not weigh all alike."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """How much of a sentence the ledger holds.

    Attributes:
        nearest: the fact whose sentence holds most of its weight, or None.
        best: the share that it holds; `two` the share that it and the best other together hold; `union` all facts.
        weight: what the whole sentence weighs (summed IDF).
        fresh: the terms that no fact holds.
        pairs: pairs of a happening (or number) and another term of the sentence; `new_pairs` those of them that stood
            in no one sentence before.
    """

    nearest: Fact | None
    best: float
    two: float
    union: float
    weight: float
    fresh: tuple[str, ...]
    pairs: int
    new_pairs: tuple[tuple[str, str], ...]


class Ledger:
    """Facts of one event. Grows only; `add` after what it brings was committed.

    What a person rejected is not in it. What a story retracted is: its words and numbers are known, and stand for
    nothing any more, so that an old story that says them is no news.
    """

    def __init__(self, facts: Iterable[Fact] = (), marks: Iterable[Mark] = ()) -> None:
        self.size = 0
        self._sentences: list[Fact] = []
        self._places: dict[str, list[int]] = {}
        self._dropped: dict[str, int] = {}
        self._figures: dict[str, deque[Fact]] = {}
        self._numbers: dict[tuple[str, float, str], Fact] = {}
        # Keys by their hash: there are some hundred a story, and as tuples they would be most of the memory.
        self._said: set[int] = set()
        self._example: dict[int, Fact] = {}
        self._told: dict[str, list[Fact]] = {}
        self._marked: dict[str, FactStatus] = {}
        self._official: set[str] = set()
        self._settled: set[str] = set()
        self.add(facts, marks)

    def add(self, facts: Iterable[Fact], marks: Iterable[Mark] = ()) -> None:
        """Take in facts that were told or absorbed, and what stories made of those known before.

        Args:
            facts: those with a status have it from a person: a retracted one counts as unknown, and no story changes
                what a person confirmed.
            marks: oldest first.
        """
        for fact in facts:
            if fact.status is FactStatus.RETRACTED:
                continue
            if fact.status is FactStatus.CONFIRMED:
                self._settled.add(fact.fact_id)
            self.size += 1
            if fact.told:
                self._told.setdefault(fact.story_id, []).append(fact)
            claim = fact.claim
            if not isinstance(claim, Figure) and claim.terms:
                self._add_sentence(fact, claim.terms)
            match claim:
                case Figure():
                    self._figures.setdefault(claim.measure, deque(maxlen=_FIGURES)).append(fact)
                    self._numbers.setdefault((claim.measure, claim.value, claim.unit), fact)
                case Happening():
                    again = (again_key(claim),) if claim.ordinal > 1 else ()
                    for key in (*act_keys(claim), *again, *detail_keys(claim)):
                        self._example.setdefault(hash(key), fact)
                case Statement():
                    self._said.add(hash((claim.speaker,)))
                    self._said.update(hash((claim.speaker, term)) for term in claim.terms)
        for mark in marks:
            self._marked[mark.fact_id] = mark.status
            if mark.said_by:
                self._official.add(mark.fact_id)

    def _add_sentence(self, fact: Fact, terms: Sequence[str]) -> None:
        place = len(self._sentences)
        self._sentences.append(fact)
        for term in set(terms):
            places = self._places.setdefault(term, [])
            places.append(place)
            if len(places) > 2 * _PLACES:
                del places[:_PLACES]
                self._dropped[term] = self._dropped.get(term, 0) + _PLACES

    def standing(self, fact: Fact) -> FactStatus:
        """What is held of a fact: what a person said, else what the newest story that marked it made of it."""
        if fact.fact_id in self._settled:
            return FactStatus.CONFIRMED
        return self._marked.get(fact.fact_id, fact.status)

    def official(self, fact: Fact) -> bool:
        """Whether an official statement confirmed it since it was told."""
        return fact.fact_id in self._official

    def told_by(self, story_id: str) -> Sequence[Fact]:
        """Facts that a story's developments told."""
        return tuple(self._told.get(story_id, ()))

    def figures(self, measure: str) -> Sequence[Fact]:
        """The newest figures of a measure, in the order they became known."""
        return tuple(self._figures.get(measure, ()))

    def same_number(self, measure: str, value: float, unit: str = "") -> Fact | None:
        """The first fact that states this number of this measure; of a sum of money in this currency."""
        return self._numbers.get((measure, value, unit))

    def act(self, key: tuple[str, ...]) -> Fact | None:
        """The first fact of a happening's key (`act_keys`, `detail_keys`), or None when none has it."""
        return self._example.get(hash(key))

    def detail(self, claim: Happening, *pair: str) -> Fact | None:
        """The first fact of the happening, of the same people, with this detail (``name, value``), or of this name.

        A fact that names nobody is of anybody; a claim that names nobody is held against all.
        """
        who = (*claim.actors, "") if claim.actors else (_ANYBODY,)
        keys = ((*_step(claim), one, *pair) for one in who)
        return next((fact for key in keys if (fact := self.act(key)) is not None), None)

    def said(self, *key: str) -> bool:
        """Whether a speaker was quoted (``speaker``), and with a term (``speaker, term``)."""
        return hash(key) in self._said

    def weight(self, term: str) -> float:
        """How much a term tells: IDF over the ledger's sentences."""
        count = len(self._places.get(term, ())) + self._dropped.get(term, 0)
        return math.log((len(self._sentences) + _CALM) / (count + 1))

    def overlap(self, terms: Mapping[str, str]) -> Overlap:
        """Hold a sentence's terms (key -> kind) against every fact's sentence."""
        keys = list(terms)[:60]
        weights = [max(self.weight(key), 0.05) for key in keys]
        whole = sum(weights)
        held: defaultdict[int, int] = defaultdict(int)
        for bit, key in enumerate(keys):
            for place in self._places.get(key, ())[-_PLACES:]:
                held[place] |= 1 << bit
        fresh = tuple(key for key in keys if key not in self._places)
        masks = set(held.values())
        weighed = {mask: _weigh(mask, weights) for mask in masks}
        best_mask = max(masks, key=lambda mask: weighed[mask], default=0)
        best = weighed.get(best_mask, 0.0)
        rest = max((_weigh(mask & ~best_mask, weights) for mask in masks), default=0.0)
        nearest = None
        if best_mask:
            nearest = self._sentences[max(place for place, mask in held.items() if mask == best_mask)]
        pairs, new = _pairs(keys, [terms[key] for key in keys], masks)
        lost = sum(weights[at] for at, key in enumerate(keys) if key not in self._places)
        whole = whole or 1.0
        return Overlap(
            nearest, best / whole, (best + rest) / whole, 1 - lost / whole, whole, fresh, pairs, new
        )  # fmt: skip


def act_keys(claim: Happening) -> tuple[tuple[str, ...], ...]:
    """What a happening is known by: its type and status, and those beside each name, role and number near it."""
    base = (claim.type, claim.status.value)
    return (base, *((*base, other) for other in (*claim.actors, *claim.targets)))


def again_key(claim: Happening) -> tuple[str, ...]:
    """What a second one of its kind is known by."""
    return (claim.type, claim.status.value, "again")


_ANYBODY = "*"
_UNREAL = frozenset({Status.PLANNED, Status.ATTEMPTED, Status.FAILED, Status.CALLED_OFF, Status.DENIED})


def _step(claim: Happening) -> tuple[str, str, str]:
    """A happening for its details: however it is said that it is so is one."""
    return ("detail", claim.type, claim.status.value if claim.status in _UNREAL else "")


def detail_keys(claim: Happening) -> Iterator[tuple[str, ...]]:
    """What a happening's details are known by: each with its value and without, of each name near it and of anybody.

    These are beside `act_keys`: the learned weights were made without them.
    """
    for name, value in claim.details:
        for who in (*(claim.actors or ("",)), _ANYBODY):
            yield (*_step(claim), who, name, value)
            yield (*_step(claim), who, name)


def _weigh(mask: int, weights: Sequence[float]) -> float:
    total = 0.0
    while mask:
        low = mask & -mask
        total += weights[low.bit_length() - 1]
        mask ^= low
    return total


_ANCHORS = frozenset({"urgent", "action", "number", "speech"})
_OTHERS = frozenset({"urgent", "action", "name", "number", "role", "body", "thing", "word", "place"})


def _pairs(keys: Sequence[str], kinds: Sequence[str], masks: Iterable[int]) -> tuple[int, tuple[tuple[str, str], ...]]:
    """How many pairs of an anchor and another term there are, and which of them stood in no one sentence."""
    together = [0] * len(keys)
    for mask in masks:
        rest = mask
        while rest:
            low = rest & -rest
            together[low.bit_length() - 1] |= mask
            rest ^= low
    count, new = 0, []
    for one, kind in enumerate(kinds):
        for other in range(one + 1, len(keys)):
            if (kind in _ANCHORS and kinds[other] in _OTHERS) or (kinds[other] in _ANCHORS and kind in _OTHERS):
                count += 1
                if not together[one] >> other & 1:
                    new.append((keys[one], keys[other]))
    return count, tuple(new)
