"""What an edited story says no more of what it had told: a number that it lowered, a sentence that it took out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from newswatch.detect.ledger import Ledger
from newswatch.detect.novelty import TALLIES
from newswatch.model import Claim, Fact, FactStatus, Figure, Happening, Sentence, Status, Why
from newswatch.reading import kinds
from newswatch.reasons import because

_STAYS = 0.5
"""An edit that leaves less than this share of the sentences is a shorter feed, and takes nothing back."""


@dataclass(frozen=True, slots=True)
class Lost:
    """What a story told, and says no more.

    Attributes:
        sentence, claim: where the story said it before the edit.
        facts: what it told there.
        instead: the lower number that it gives now, or None.
    """

    sentence: Sentence
    claim: Claim
    facts: tuple[Fact, ...]
    instead: Figure | None = None

    @property
    def fact(self) -> Fact:
        """The first of what it told."""
        return self.facts[0]

    @property
    def why(self) -> Why:
        """Why its facts no longer stand."""
        if self.instead is not None and isinstance(self.claim, Figure):
            return because("number-lowered", value=self.claim.value)
        return because("taken-out")


def lost(was: Sequence[Sentence], now: Sequence[Sentence], ledger: Ledger, told: Iterable[Fact]) -> tuple[Lost, ...]:
    """What an edit took back, a line for each sentence and each number.

    Args:
        was: the story before.
        now: the story after.
        ledger: what is known; what does not stand any more cannot be taken back again.
        told: the facts that the story told.
    """
    if len(now) < _STAYS * len(was):
        return ()
    claims = [claim for sentence in now for claim in sentence.claims]
    sentences = {sentence.evidence.sentence: sentence for sentence in was}
    still = {sentence.evidence.sentence for sentence in now}
    found: dict[str, Lost] = {}
    for fact in told:
        sentence = sentences.get(fact.claim.evidence.sentence)
        if sentence is None or fact.claim.evidence.sentence in still or ledger.standing(fact) is FactStatus.RETRACTED:
            continue
        match fact.claim:
            case Figure() if fact.claim.measure in TALLIES and not fact.claim.background:
                _figure(found, sentence, fact, fact.claim, claims)
            case Happening() if fact.claim.status is Status.DONE and kinds().get(fact.claim.type) == "urgent":
                if not any(isinstance(claim, Happening) and claim.type == fact.claim.type for claim in claims):
                    _note(found, fact.claim.evidence.sentence, Lost(sentence, fact.claim, (fact,)))
    return tuple(found.values())


def _figure(found: dict[str, Lost], sentence: Sentence, fact: Fact, claim: Figure, claims: Sequence[Claim]) -> None:
    alike = [c for c in claims if isinstance(c, Figure) and (c.measure, c.whom) == (claim.measure, claim.whom)]
    most = max(alike, key=lambda figure: figure.value, default=None)
    if most is None:
        _note(found, claim.evidence.sentence, Lost(sentence, claim, (fact,)))
    elif most.value < claim.value:
        _note(found, f"{claim.measure} {claim.value:g} {claim.whom}", Lost(sentence, claim, (fact,), most))


def _note(found: dict[str, Lost], key: str, one: Lost) -> None:
    before = found.get(key)
    found[key] = one if before is None else Lost(
        before.sentence, before.claim, (*before.facts, *one.facts), before.instead
    )  # fmt: skip
