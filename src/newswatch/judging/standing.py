"""What a story does to what is known: it contradicts a fact, confirms it, or corrects it.

The claims were held against the ledger (`newswatch.detect.novelty`); here they are held against who told what before.
Sources are counted by origin: a near copy, the same sentence again, a story that names the first one as its source, and
the same speaker again confirm nothing and disagree with nobody.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from newswatch.detect.ledger import Ledger, Overlap
from newswatch.detect.novelty import RISING, TALLIES, Finding
from newswatch.model import (
    Bound,
    Claim,
    Fact,
    FactStatus,
    Figure,
    Happening,
    Outcome,
    Sentence,
    Statement,
    Status,
    Story,
    Why,
)
from newswatch.reading import kinds, official
from newswatch.reasons import because
from newswatch.text import fold

SAME = 0.5
"""A known sentence that holds this share of one of another publisher's is stated by it too."""
_ABOUT = 0.3
"""A happening of the same people is the known one when a known sentence holds this share of its own."""
_ALIKE = 0.6
"""One without names is when the nearest sentence tells of it and holds this share."""
_COMMENSURATE = 0.5
"""A number below this share of the one that stands counts something else."""
_SPEAKS = 60
"""Characters between a word of speech and the official who speaks."""
_AGAINST = {
    Status.DENIED: (Status.DONE, Status.ALLEGED),
    Status.DONE: (Status.DENIED,),
    Status.FAILED: (Status.DONE,),
    Status.CALLED_OFF: (Status.PLANNED,),
}
"""Status -> those that it reverses."""
_REVERSED = {
    (Status.DONE, Status.DENIED): "act-done-denied",
    (Status.ALLEGED, Status.DENIED): "act-alleged-denied",
    (Status.DENIED, Status.DONE): "act-denied-done",
    (Status.DONE, Status.FAILED): "act-done-failed",
    (Status.PLANNED, Status.CALLED_OFF): "act-planned-called-off",
}
_NOBODY = frozenset({"#person", "#person-individual"})
_FIRM = frozenset({Bound.EXACT, Bound.AT_LEAST, Bound.ABOVE})
"""Numbers that a lower one disagrees with; "up to nine" and "about nine" leave room for it."""


@dataclass(frozen=True, slots=True)
class Telling:
    """Who tells a story.

    Attributes:
        source: its publisher.
        copy: it is a near copy of an earlier story, which is the origin of what it says.
        published: when.
        people: keys of the event's people and bodies.
        bodies: keys of those whose word is official.
    """

    source: str
    copy: bool
    published: datetime
    people: Container[str] = ()
    bodies: Container[str] = ()

    @classmethod
    def of(cls, story: Story, people: Container[str], bodies: Container[str]) -> Telling:
        """Who tells this story."""
        return cls(story.source, bool(story.near_copy_of), story.published, people, bodies)


def held(
    sentence: Sentence,
    before: Sentence | None,
    findings: Sequence[Finding],
    overlap: Overlap,
    ledger: Ledger,
    telling: Telling,
) -> tuple[Finding, ...]:
    """A sentence's findings, where it contradicts, confirms or corrects what is known with that outcome.

    Args:
        sentence: the sentence.
        before: the sentence before it in the story: "Correction: …" may speak of what follows.
        findings: how its claims stand against the ledger.
        overlap: how much of the sentence the ledger holds.
        ledger: what is known.
        telling: who tells it.
    """
    stale = any(f.against is not None and ledger.standing(f.against) is FactStatus.RETRACTED for f in findings)
    look = _Look(sentence, before, overlap, ledger, telling, stale=stale)
    return tuple(look.at(*pair) or pair[1] for pair in zip(sentence.claims, findings, strict=True))


def attributed(sentence: Sentence, bodies: Container[str] = ()) -> str:
    """Key of who a sentence says it of: the official nearest to its word of speech, else the speaker; or empty."""
    text = sentence.evidence.sentence
    speech = next((text.find(sentence.spelt[key]) for key, kind in sentence.terms.items() if kind == "speech"), -1)
    if speech >= 0:
        near = [
            (abs(text.find(sentence.spelt[key]) - speech), key)
            for key in sentence.terms
            if key in official() or key in bodies
        ]
        if near and min(near)[0] <= _SPEAKS:
            return min(near)[1]
    said = next((c.speaker for c in sentence.claims if isinstance(c, Statement)), "")
    return "" if said in _NOBODY else said


class _Look:
    """One sentence, held against who told what before."""

    def __init__(
        self,
        sentence: Sentence,
        before: Sentence | None,
        overlap: Overlap,
        ledger: Ledger,
        telling: Telling,
        *,
        stale: bool,
    ) -> None:
        self._sentence = sentence
        self._overlap = overlap
        self._ledger = ledger
        self._telling = telling
        self._speaker = attributed(sentence, telling.bodies)
        self._withdrawn = "corrections:withdrawn" in sentence.marks
        corrects = [one for one in (before, sentence) if one is not None and "corrections:corrected" in one.marks]
        self._corrected = [claim for one in corrects for claim in (*one.claims, *sentence.claims)]
        self._stale = stale
        self._confirmed: set[str] = set()

    def at(self, claim: Claim, finding: Finding) -> Finding | None:
        """What the claim does to a fact, or None where it is held against the ledger alone."""
        match claim:
            case Figure():
                return self._figure(claim, finding)
            case Happening():
                return self._happening(claim, finding)
            case Statement():
                return None

    # ------------------------------------------------------------ numbers

    def _figure(self, claim: Figure, finding: Finding) -> Finding | None:
        if claim.measure not in TALLIES:
            return None
        standing = [fact for fact in self._numbers(claim) if self._ledger.standing(fact) is not FactStatus.RETRACTED]
        if not standing:
            return None
        return (
            self._number_withdrawn(claim, finding)
            or self._number_corrected(claim, standing)
            or self._disagrees(claim, finding, standing)
            or self._number_confirmed(claim, finding)
        )

    def _numbers(self, claim: Figure) -> Iterator[Fact]:
        """Known numbers of the same measure and group, in the order they became known."""
        for fact in self._ledger.figures(claim.measure):
            if isinstance(fact.claim, Figure) and fact.claim.whom == claim.whom:
                yield fact

    def _number_withdrawn(self, claim: Figure, finding: Finding) -> Finding | None:
        fact = finding.against
        if not self._withdrawn or fact is None or not _states(fact, claim) or self._retracted(fact):
            return None
        return Finding(
            Outcome.CORRECTED, because("number-withdrawn", value=claim.value), fact,
            makes=FactStatus.RETRACTED, touched=tuple(f for f in self._numbers(claim) if _states(f, claim)),
        )  # fmt: skip

    def _number_corrected(self, claim: Figure, standing: Sequence[Fact]) -> Finding | None:
        """A sentence that says it corrects: its number holds in place of the other it names, or of the one that stood.

        Where it names none, only a lower number can be a correction; a higher one is a rise.
        """
        named = {
            one.value
            for one in self._corrected
            if isinstance(one, Figure) and (one.measure, one.whom) == (claim.measure, claim.whom)
        }
        own = self._ledger.same_number(claim.measure, claim.value)
        top = _top(claim.measure, standing)
        if not named or _value(top) == claim.value or (own is not None and self._retracted(own)):
            return None
        others = named - {claim.value}
        if others:
            old = top if _value(top) in others else next((f for f in standing if _value(f) in others), None)
        else:
            old = top if claim.value < _value(top) else None
        if old is not top and own is not None:
            return None  # both are known, and which of them held before cannot be told
        if old is None:
            return None
        gone = [f for f in standing if _value(f) == _value(old) or claim.value < _value(f)]
        return Finding(
            Outcome.CORRECTED, because("number-corrected", value=_value(old)), old,
            makes=FactStatus.RETRACTED, touched=tuple(gone),
        )  # fmt: skip

    def _disagrees(self, claim: Figure, finding: Finding, standing: Sequence[Fact]) -> Finding | None:
        """A lower number of another origin, with whose it is, that is no older one: not known, nor below what was."""
        top = _top(claim.measure, standing)
        speaker = self._speaker if self._is_official(self._speaker) else claim.said_by or self._speaker
        if (
            claim.measure not in RISING
            or finding.outcome is not Outcome.KNOWN
            or claim.bound is not Bound.EXACT
            or claim.background
            or not isinstance(top.claim, Figure)
            or top.claim.bound not in _FIRM
            or not _COMMENSURATE * top.claim.value <= claim.value < top.claim.value
            or not speaker
            or speaker == top.claim.said_by
            or not self._other_origin(top)
            or self._telling.published <= top.since
            or not _comparable(claim, top.claim)
        ):
            return None
        earlier = [_value(f) for f in standing if f.since <= top.since and _value(f) < top.claim.value]
        if claim.value <= max(earlier, default=-1.0) or finding.against is None or _states(finding.against, claim):
            return None
        mine = self._side(self._telling.source, speaker)
        other = self._side(top.source, top.claim.said_by)
        return Finding(
            Outcome.CONTRADICTS,
            because("number-disputed", other=other, theirs=top.claim.value, mine=mine, own=claim.value),
            top,
            makes=FactStatus.DISPUTED,
        )

    def _number_confirmed(self, claim: Figure, finding: Finding) -> Finding | None:
        fact = finding.against
        if finding.outcome is not Outcome.KNOWN or fact is None or not _states(fact, claim):
            return None
        return self._confirms(fact, urgent=True, alleged=False)

    # ------------------------------------------------------------ happenings

    def _happening(self, claim: Happening, finding: Finding) -> Finding | None:
        if claim.type == "other":
            return None
        return self._taken_back(claim) or self._reverses(claim, finding) or self._happening_confirmed(claim, finding)

    def _taken_back(self, claim: Happening) -> Finding | None:
        denied = claim.status is Status.DENIED and self._corrected
        if not (self._withdrawn or denied):
            return None
        fact = self._known_as(claim, (Status.DONE, Status.ALLEGED))
        if fact is None or self._retracted(fact):
            return None
        why = because("act-corrected" if denied else "act-withdrawn", what=self._what(claim))
        return Finding(Outcome.CORRECTED, why, fact, makes=FactStatus.RETRACTED)

    def _reverses(self, claim: Happening, finding: Finding) -> Finding | None:
        if claim.status not in _AGAINST or claim.ordinal > 1 or not self._unheard(claim, finding):
            return None
        if "tone:comment" in self._sentence.marks:
            return None
        if claim.status is Status.FAILED and not any(key in self._telling.people for key in claim.actors):
            return None  # "failed to stop the riot" is no failed riot, and one raid that failed may be another raid
        if claim.status is Status.DENIED and not denies(self._sentence, self._telling.bodies):
            return None
        fact = self._known_as(claim, _AGAINST[claim.status])
        if fact is None or not isinstance(fact.claim, Happening):
            return None
        if fact.claim.status is Status.DENIED and not fact.claim.said_by:
            return None  # "was not arrested" is so until he is; only what somebody denied is contradicted
        why = because(_REVERSED[fact.claim.status, claim.status], what=self._what(claim))
        if claim.status is Status.CALLED_OFF:
            return Finding(Outcome.CHANGED, why, fact, finding.unheard, finding.whom)
        return Finding(
            Outcome.CONTRADICTS, why, fact, finding.unheard, finding.whom, makes=FactStatus.DISPUTED
        )  # fmt: skip

    def _unheard(self, claim: Happening, finding: Finding) -> bool:
        """Whether it was not known so of some of its people; of a happening without people, at all."""
        people = self._people(claim)
        if not people:
            return finding.unheard
        return any(self._ledger.act((claim.type, claim.status.value, key)) is None for key in people)

    def _happening_confirmed(self, claim: Happening, finding: Finding) -> Finding | None:
        if claim.status is not Status.DONE:
            return None
        urgent = kinds().get(claim.type) == "urgent" and bool(self._people(claim))
        if finding.outcome is Outcome.NEW:
            fact = None if claim.background else self._known_as(claim, (Status.ALLEGED,))
            return self._confirms(fact, urgent=urgent, alleged=True) if fact is not None else None
        fact = self._known_as(claim, (Status.DONE,))
        if fact is not None and self._ledger.standing(fact) is FactStatus.DISPUTED:
            return self._confirms(fact, urgent=urgent, alleged=False)
        if self._overlap.best < SAME or self._overlap.nearest is None:
            return None
        same = fact if fact is not None and self._people(claim) else self._overlap.nearest
        return self._confirms(same, urgent=False, alleged=False)

    def _known_as(self, claim: Happening, statuses: Sequence[Status]) -> Fact | None:
        """A fact that tells the happening with one of these statuses, of one of its people; or of none, but alike."""
        near, best = self._overlap.nearest, self._overlap.best
        if near is None or isinstance(near.claim, Figure) or best < _ABOUT:
            return None
        people = self._people(claim)
        alike = best >= _ALIKE and f"#{claim.type}" in near.claim.terms
        for status in statuses:
            keys: list[tuple[str, ...]] = [(claim.type, status.value, key) for key in people]
            if not people and alike:
                keys = [(claim.type, status.value)]
            for key in keys:
                if (fact := self._ledger.act(key)) is not None:
                    return fact
        return None

    def _people(self, claim: Happening) -> list[str]:
        """Whom a happening is about: the event's people, and names of two words; who says it only where none else is.

        A single word that the event file does not name is as often a place or an adjective.
        """
        spelt = self._sentence.spelt
        names = [
            key
            for key in claim.actors
            if key in self._telling.people or (key.startswith("@") and " " in spelt.get(key, ""))
        ]
        return [key for key in names if key != claim.said_by] or names

    def _what(self, claim: Happening) -> Why:
        name = claim.type.removeprefix("verb:")
        spelt = self._sentence.spelt
        return because("act", act=spelt.get(f"#{name}") or spelt.get(name) or name.replace("-", " "))

    # ------------------------------------------------------------ confirmations

    def _confirms(self, fact: Fact, *, urgent: bool, alleged: bool) -> Finding | None:
        """The first confirmation by another origin, and the first official statement; of the baseline, of what is open.

        Args:
            fact: what is confirmed.
            urgent: it is told, in the digest, where it was alleged or disputed; else it is only noted.
            alleged: it was known as alleged.
        """
        standing = self._ledger.standing(fact)
        opened = alleged or standing is FactStatus.DISPUTED
        if standing is FactStatus.RETRACTED or self._stale or fact.fact_id in self._confirmed:
            return None  # who says again what was taken back confirms nothing
        if not fact.story_id and not opened:
            return None
        by = self._first_official(fact)
        other = standing is not FactStatus.CONFIRMED and self._other_origin(fact) and not self._same_speaker(fact)
        if not (by or other):
            return None
        self._confirmed.add(fact.fact_id)
        had = because("was-told", source=fact.source)
        if standing is FactStatus.DISPUTED or alleged:
            had = because("was-disputed" if standing is FactStatus.DISPUTED else "was-alleged")
        who = because("confirmed", source=self._telling.source)
        if by:
            who = because("official-word", who=named(by, self._sentence))
        return Finding(
            Outcome.CONFIRMS, because("then", first=who, second=had), fact,
            makes=FactStatus.CONFIRMED, said_by=by, open=urgent and opened,
        )  # fmt: skip

    def _other_origin(self, fact: Fact) -> bool:
        """Whether the story says so of its own: no copy, not another's words, not from the fact's own source."""
        source, text = self._telling.source, self._sentence.evidence.sentence
        if self._telling.copy or not source or source in fact.origins:
            return False
        return fold(text) != fold(fact.claim.evidence.sentence) and not (
            fact.source and fold(fact.source) in fold(text)
        )

    def _same_speaker(self, fact: Fact) -> bool:
        said = _said_by(fact.claim)
        return bool(said) and said == self._speaker

    def _first_official(self, fact: Fact) -> str:
        """Key of the official who says it where none did before, else empty."""
        speaker, before = self._speaker, _said_by(fact.claim)
        spoken = isinstance(fact.claim, Statement) and any(map(self._is_official, fact.claim.terms))
        if not self._is_official(speaker) or self._is_official(before) or spoken or self._ledger.official(fact):
            return ""
        return "" if speaker == before or self._telling.copy else speaker

    def _is_official(self, key: str) -> bool:
        return bool(key) and (key in official() or key in self._telling.bodies)

    # ------------------------------------------------------------ words

    def _side(self, source: str, speaker: str) -> str | Why:
        name = source or because("one-source")
        return because("side", source=name, who=named(speaker, self._sentence)) if speaker else name

    def _retracted(self, fact: Fact) -> bool:
        return self._ledger.standing(fact) is FactStatus.RETRACTED


def named(key: str, sentence: Sentence) -> str | Why:
    """A speaker as a reader knows them: a name as it is spelt, else what they are."""
    if key.startswith("#"):
        return because(f"roles:{key[1:]}")
    return sentence.spelt.get(key, key[1:].replace("-", " "))


def denies(sentence: Sentence, bodies: Container[str]) -> bool:
    """Whether somebody denies it there: by that word, or an official who says that it was not so."""
    speaker = attributed(sentence, bodies)
    return "#deny" in sentence.terms or (
        "status:denied" in sentence.marks and (speaker in official() or speaker in bodies)
    )


def with_speaker(claim: Claim, sentence: Sentence, bodies: Container[str]) -> Claim:
    """A claim with who says it, where its sentence names somebody: so it is known of the fact later.

    What is only not so, and nobody denies, has no speaker.
    """
    if isinstance(claim, Statement):
        return claim
    if isinstance(claim, Happening) and claim.status is Status.DENIED and not denies(sentence, bodies):
        return replace(claim, said_by="")
    speaker = attributed(sentence, bodies)
    if isinstance(claim, Figure):
        return claim if claim.said_by or not speaker else replace(claim, said_by=speaker)
    return replace(claim, said_by=speaker) if speaker else claim


def _said_by(claim: Claim) -> str:
    return claim.speaker if isinstance(claim, Statement) else claim.said_by


def _states(fact: Fact, claim: Figure) -> bool:
    other = fact.claim
    return isinstance(other, Figure) and (other.value, other.whom) == (claim.value, claim.whom)


def _value(fact: Fact) -> float:
    return fact.claim.value if isinstance(fact.claim, Figure) else 0.0


def _top(measure: str, standing: Sequence[Fact]) -> Fact:
    """The number that stands: of a count that does not fall the highest, else the latest."""
    return max(standing, key=_value) if measure in RISING else standing[-1]


def _comparable(one: Figure, other: Figure) -> bool:
    """Whether two numbers are of the same place and day, as far as they say."""
    places = not one.where or not other.where or bool(set(one.where) & set(other.where))
    days = one.when is None or other.when is None or one.when.date() == other.when.date()
    return places and days
