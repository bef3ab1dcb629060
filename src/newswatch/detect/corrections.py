"""What people said of facts, applied: a rejected fact is unknown, an accepted one confirmed, merged ones are one. Pure.

A correction of any of a sentence's facts holds for everything that the sentence says and for its other wordings: what
words a sentence's claims share cannot be known of one and unknown of another. Each correction follows those before it,
so that the newest counts, and any is undone by a further one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from newswatch.model import Action, Correction, Fact, FactStatus, Figure, Mark

Key = tuple[str, str]
"""A sentence of a story (or of the baseline): where its facts stand together."""


@dataclass(frozen=True, slots=True)
class Group:
    """What is known in one or several wordings.

    Attributes:
        wordings: the facts of each sentence, that which the others were merged into first.
    """

    wordings: tuple[tuple[Fact, ...], ...]

    @property
    def lead(self) -> Fact:
        """The fact that the group goes by: of the first sentence, the one that is no figure."""
        return leading(self.wordings[0])


def leading(facts: Sequence[Fact]) -> Fact:
    """Of a sentence's facts the one that stands for all of it: the first that is no figure."""
    return next((fact for fact in facts if not isinstance(fact.claim, Figure)), facts[0])


def corrected(facts: Iterable[Fact], corrections: Iterable[Correction]) -> tuple[Fact, ...]:
    """The facts as corrections leave them, in their order.

    Args:
        facts: as they were read.
        corrections: oldest first; one whose fact is gone, or says something else by now, does nothing.
    """
    said = tuple(corrections)
    return _Correcting(facts, said).facts() if said else tuple(facts)


def groups(facts: Iterable[Fact], corrections: Iterable[Correction]) -> tuple[Group, ...]:
    """The facts as corrections leave them, sentence by sentence, merged ones together; in the order of the first."""
    return _Correcting(facts, corrections).groups()


def standing(facts: Iterable[Fact], marks: Iterable[Mark], corrections: Iterable[Correction]) -> dict[str, FactStatus]:
    """What is held of each fact, by its id: what a person said of it, else what the newest story that marked it did.

    Args:
        facts: as they were read.
        marks: oldest first.
        corrections: oldest first.
    """
    marked = {mark.fact_id: mark.status for mark in marks}
    return {
        fact.fact_id: fact.status if fact.status is not FactStatus.REPORTED else marked.get(fact.fact_id, fact.status)
        for fact in corrected(facts, corrections)
    }


class _Correcting:
    """Facts while corrections are applied to them."""

    def __init__(self, facts: Iterable[Fact], corrections: Iterable[Correction]) -> None:
        self._facts = {fact.fact_id: fact for fact in facts}
        self._sentences: dict[Key, list[Fact]] = {}
        for fact in self._facts.values():
            self._sentences.setdefault(_key(fact), []).append(fact)
        self._into: dict[Key, Key] = {}
        self._status: dict[Key, FactStatus] = {}
        for correction in corrections:
            self._apply(correction)

    def _apply(self, correction: Correction) -> None:
        fact, other = self._facts.get(correction.fact_id), self._facts.get(correction.other_id)
        if fact is None or said_of(fact, other) != correction.sentence:
            return
        match correction.action:
            case Action.ACCEPT:
                self._mark(_key(fact), FactStatus.CONFIRMED)
            case Action.REJECT:
                self._mark(_key(fact), FactStatus.RETRACTED)
            case Action.UNDO:
                self._into.pop(_key(fact), None)
                self._mark(_key(fact), None)
            case Action.MERGE if other is not None:
                self._merge(_key(fact), _key(other))

    def _mark(self, key: Key, status: FactStatus | None) -> None:
        root = self._root(key)
        for one in self._sentences:
            if self._root(one) == root:
                self._status.pop(one, None)
                if status is not None:
                    self._status[one] = status

    def _merge(self, key: Key, other: Key) -> None:
        status = self._status.get(key)
        into, wording = self._root(key), self._root(other)
        if into != wording:
            self._into[wording] = into
        if status is not None:
            self._mark(key, status)

    def _root(self, key: Key) -> Key:
        while key in self._into:
            key = self._into[key]
        return key

    def facts(self) -> tuple[Fact, ...]:
        return tuple(self._now(fact) for fact in self._facts.values())

    def groups(self) -> tuple[Group, ...]:
        together: defaultdict[Key, list[Key]] = defaultdict(list)
        for key in self._sentences:
            together[self._root(key)].append(key)
        return tuple(
            Group(tuple(self._said(key) for key in (root, *(key for key in keys if key != root))))
            for root, keys in together.items()
        )

    def _said(self, key: Key) -> tuple[Fact, ...]:
        return tuple(self._now(fact) for fact in self._sentences[key])

    def _now(self, fact: Fact) -> Fact:
        status = self._status.get(_key(fact))
        return fact if status is None else replace(fact, status=status)


def said_of(fact: Fact, other: Fact | None = None) -> str:
    """What a correction notes of the facts it is about: their sentences, a line each."""
    return "\n".join(one.claim.evidence.sentence for one in (fact, other) if one is not None)


def _key(fact: Fact) -> Key:
    return fact.story_id, fact.claim.evidence.sentence
