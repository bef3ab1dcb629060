"""The judge of one event."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass, replace
from datetime import datetime

from newswatch.config.event import Event
from newswatch.detect.ledger import Ledger, Overlap
from newswatch.detect.novelty import RISING, TALLIES, Finding, features, judge_claim
from newswatch.detect.scorer import Scorer, scorer
from newswatch.detect.topics import Matcher
from newswatch.judging.developments import developments, gone, traced
from newswatch.judging.edits import Lost, lost
from newswatch.judging.standing import SAME, Telling, held, with_speaker
from newswatch.judging.urgency import Urgency
from newswatch.model import (
    Claim,
    Decision,
    Development,
    Fact,
    FactStatus,
    Figure,
    Happening,
    Mark,
    Outcome,
    Sentence,
    Severity,
    Status,
    Story,
    make_id,
)
from newswatch.reading import Reader, kinds, language_of
from newswatch.reasons import english

SHORT = 3
"""A story of fewer sentences has no place for background: its weights are another set."""
EARLY = 3
"""Up to this sentence a contradiction or confirmation is told by itself; further on stories repeat what is old."""
VERBATIM = 0.95
"""A sentence of which one fact holds this share, all its claims known, adds nothing to the ledger."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A sentence held against the ledger.

    Attributes:
        sentence: the sentence.
        findings: how each of its claims stands, in their order.
        overlap: how much of it the ledger holds.
        features: what speaks for its being news.
        probability: how likely it is news.
    """

    sentence: Sentence
    findings: tuple[Finding, ...]
    overlap: Overlap
    features: dict[str, float]
    probability: float

    @property
    def pairs(self) -> tuple[tuple[Claim, Finding], ...]:
        """Its claims with their findings."""
        return tuple(zip(self.sentence.claims, self.findings, strict=True))

    @property
    def adds(self) -> bool:
        """Whether the ledger gains by it."""
        return self.overlap.best < VERBATIM or not all(f.quiet for f in self.findings)


class Judge:
    """Judges stories for one event."""

    def __init__(self, event: Event) -> None:
        self._event = event
        self._matcher = Matcher(event)
        people = {e.id for e in event.entities if e.type == "person"}
        places = {e.id for e in event.entities if e.type in {"place", "country"}}
        self._reader = Reader({e.id: (e.name, *e.names) for e in event.entities}, people, places)
        self._people = {f"@{person}" for person in people}
        self._bodies = frozenset(f"@{e.id}" for e in event.entities if e.type == "body")
        self._urgency = Urgency(event, self._matcher)

    def baseline(self, now: datetime) -> tuple[Fact, ...]:
        """The facts that the event file states; ``now`` dates them where the file does not."""
        base = self._event.baseline
        since = base.as_of or now
        source = base.source.publisher or "baseline"
        texts = [("text", base.text)] + [(f.id or str(n), f.text) for n, f in enumerate(base.facts)]
        return tuple(
            Fact(
                make_id("base", self._event.event, name, str(sentence.evidence.index), str(number)),
                self._event.event, with_speaker(claim, sentence, self._bodies), "", source, since, origins=(source,),
            )
            for name, text in texts
            for sentence in self._reader.read("", text, language_of("", text), since)
            for number, claim in enumerate(sentence.claims)
        )  # fmt: skip

    def about(self, title: str, text: str) -> bool:
        """Whether a story with these words is about the event."""
        return self._matcher.about(f"{title}\n{text}").matched

    def ledger(self, facts: Iterable[Fact], marks: Iterable[Mark] = ()) -> Ledger:
        """A ledger that holds these facts, as stories have marked them since."""
        return Ledger(facts, marks)

    def weigh(self, story: Story, ledger: Ledger) -> list[Weighed]:
        """Read a story and hold each of its sentences against the ledger."""
        sentences = self._read(story)
        telling = Telling.of(story, self._people | self._bodies, self._bodies)
        alone = len(sentences) < SHORT
        return [
            self._weighed(sentence, before, ledger, telling, _weights(sentences), alone=alone)
            for before, sentence in zip((None, *sentences), sentences, strict=False)
        ]

    def _read(self, story: Story) -> list[Sentence]:
        language = language_of(story.language, f"{story.title}\n{story.text}")
        return self._reader.read(story.title, story.text, language, story.published)

    def _weighed(
        self,
        sentence: Sentence,
        before: Sentence | None,
        ledger: Ledger,
        telling: Telling,
        weights: Scorer,
        *,
        alone: bool,
    ) -> Weighed:
        overlap = ledger.overlap(sentence.terms)
        findings = tuple(judge_claim(claim, ledger, overlap, sentence.spelt) for claim in sentence.claims)
        found = features(sentence, overlap, findings, ledger, alone=alone)
        probability = weights.score(found)
        findings = held(sentence, before, findings, overlap, ledger, telling)
        pairs = tuple(zip(sentence.claims, findings, strict=True))
        if not sentence.language and sentence.evidence.index <= 1 and _unknown(sentence, overlap):
            # What cannot be read is told rather than lost.
            probability = max(probability, weights.tell)
        leads = sentence.evidence.index <= 1
        if any(_risen(*pair) or (leads and _first(*pair)) for pair in pairs) or (leads and self._turned(pairs)):
            # A tally that rose, or is the first of its kind, or an urgent happening that was not known, is news however
            # the sentence is put.
            probability = max(probability, weights.tell)
        if any(_doubts(sentence, *pair) for pair in pairs):
            # So is that what was told is doubted, corrected, or true after all.
            probability = max(probability, weights.tell)
        if any(_takes_back(*pair) for pair in pairs):
            probability = max(probability, weights.push)
        return Weighed(sentence, findings, overlap, found, probability)

    def _turned(self, pairs: Sequence[tuple[Claim, Finding]]) -> bool:
        """Whether it tells an urgent happening as done or reported that no fact knows so, or not of this person.

        The same step for another crime, term or post than was known is such a happening too.
        """
        return any(
            isinstance(claim, Happening)
            and (claim.status in {Status.DONE, Status.ALLEGED} or finding.outcome is Outcome.CHANGED)
            and not claim.background
            and (finding.unheard or finding.another or not self._people.isdisjoint(finding.whom))
            and kinds().get(claim.type) == "urgent"
            for claim, finding in pairs
        )

    def judge(
        self,
        story: Story,
        ledger: Ledger,
        *,
        now: datetime,
        assume_relevant: bool = False,
        previous: Story | None = None,
    ) -> Decision:
        """Decide what a story says that the ledger lacks.

        Args:
            story: the story.
            ledger: what is known; not changed here.
            now: when it is judged.
            assume_relevant: take it as being about the event.
            previous: the story before an edit; what that said already is not said anew.
        """
        text = f"{story.title}\n{story.text}"
        about = self._matcher.about(text)
        if not (assume_relevant or about.matched):
            return self.beside(story, about.why)
        topics = tuple(dict.fromkeys(hit.topic_id for hit in self._matcher.topics(text)))
        weighed = self.weigh(story, ledger)
        vanished: tuple[Lost, ...] = ()
        weights = _weights(weighed)  # of the whole story, though an edit leaves few of its sentences to look at
        if previous is not None:
            was = self._read(previous)
            vanished = lost(was, [one.sentence for one in weighed], ledger, ledger.told_by(story.story_id))
            old = {sentence.evidence.sentence for sentence in was}
            weighed = [one for one in weighed if one.sentence.evidence.sentence not in old]
            weighed, vanished = _replaced(weighed, vanished, push=weights.push)
        before = self._event.baseline.as_of
        early = before is not None and story.published <= before
        trace = tuple(line for one in weighed for line in traced(one, weights.tell))
        facts = self._facts(story, weighed, ledger, now=now)
        silent = replace(
            self._silent(story, relevant=True, reason=""),
            facts=facts, trace=trace, topics=topics, repeats=_repeats(story, weighed),
        )  # fmt: skip
        marks = self._marks(story, weighed, vanished, now=now)
        if early:
            return replace(silent, reason="published before the baseline: taken as known")
        silent = replace(silent, marks=marks)
        told = [one for one in weighed if one.probability >= weights.tell]
        if not told and not vanished:
            return replace(silent, reason=_why_silent(weighed))
        found = developments(
            self._event, self._urgency, story, weighed, told, push=weights.push, edited=previous is not None
        )
        found += tuple(gone(self._event, self._urgency, story, one.sentence, one.fact, one.claim) for one in vanished)
        found = tuple(one for one in found if one.severity is not Severity.SILENT)
        severity = max((d.severity for d in found), key=lambda s: s.rank, default=Severity.SILENT)
        if severity is Severity.SILENT:
            return replace(silent, reason="of topics that are not told")
        topics = tuple(dict.fromkeys((*topics, *(d.topic for d in found if d.topic))))
        return replace(
            silent, severity=severity, topics=topics, reason=found[0].reason, developments=found,
            facts=_marked_as_told(facts, found),
        )  # fmt: skip

    def beside(self, story: Story, why: str) -> Decision:
        """The decision about a story that is not about the event, which `Matcher.about` of its text says."""
        return self._silent(story, relevant=False, reason=f"not about the event: {why}")

    def _silent(self, story: Story, *, relevant: bool, reason: str) -> Decision:
        return Decision(self._event.event, story.story_id, story.revision, relevant, Severity.SILENT, (), reason)

    def _facts(self, story: Story, weighed: Sequence[Weighed], ledger: Ledger, *, now: datetime) -> tuple[Fact, ...]:
        """What enters the ledger: all that a story says, but for numbers that were taken back or are by it."""
        gone = {
            (fact.claim.measure, fact.claim.value, fact.claim.whom)
            for one in weighed
            for finding in one.findings
            for fact in (finding.against, *finding.touched)
            if fact is not None
            and isinstance(fact.claim, Figure)
            and (finding.makes is FactStatus.RETRACTED or ledger.standing(fact) is FactStatus.RETRACTED)
        }
        claims = [
            with_speaker(claim, one.sentence, self._bodies)
            for one in weighed
            if one.adds
            for claim in one.sentence.claims
            if not (isinstance(claim, Figure) and (claim.measure, claim.value, claim.whom) in gone)
        ]
        return tuple(
            Fact(
                make_id("fct", story.story_id, str(story.revision), claim.kind, str(number)),
                self._event.event,
                claim,
                story.story_id,
                story.source,
                now,
                origins=(story.source,),
            )
            for number, claim in enumerate(claims)
        )

    def _marks(
        self, story: Story, weighed: Sequence[Weighed], vanished: Sequence[Lost], *, now: datetime
    ) -> tuple[Mark, ...]:
        """What the story makes of known facts, each once: the gravest, where its sentences make several of one."""
        made = [
            (finding.makes, fact, finding.why, finding.said_by)
            for one in weighed
            for finding in one.findings
            if finding.makes is not None and finding.against is not None
            for fact in (finding.against, *finding.touched)
        ]
        made += [(FactStatus.RETRACTED, fact, one.why, "") for one in vanished for fact in one.facts]
        marks: dict[str, Mark] = {}
        for status, fact, why, said_by in sorted(made, key=lambda entry: _GRAVEST.index(entry[0])):
            mark = Mark(
                self._event.event, fact.fact_id, status, story.story_id, story.source, now, english(why), said_by, why
            )
            marks.setdefault(fact.fact_id, mark)
        return tuple(marks.values())


_GRAVEST = (FactStatus.RETRACTED, FactStatus.DISPUTED, FactStatus.CONFIRMED)


def _doubts(sentence: Sentence, claim: Claim, finding: Finding) -> bool:
    """Whether it casts doubt on something that matters, or ends it: a tally, or an urgent happening told early."""
    if finding.outcome is Outcome.CONTRADICTS or (finding.outcome is Outcome.CHANGED and isinstance(claim, Happening)):
        matters = isinstance(claim, Figure) or sentence.terms.get(f"#{_type(claim)}") == "urgent"
        return matters and sentence.evidence.index <= EARLY
    return finding.outcome is Outcome.CONFIRMS and finding.open and sentence.evidence.index <= EARLY


def _type(claim: Claim) -> str:
    """The type of a happening; empty for other claims."""
    return claim.type if isinstance(claim, Happening) else ""


def _takes_back(claim: Claim, finding: Finding) -> bool:
    return finding.outcome is Outcome.CORRECTED and isinstance(claim, Figure | Happening)


def _replaced(
    weighed: Sequence[Weighed], vanished: Sequence[Lost], *, push: float
) -> tuple[list[Weighed], tuple[Lost, ...]]:
    """Sentences with the lower numbers that an edit put in place of those it took out; and what is only gone."""
    found = list(weighed)
    left = []
    for one in vanished:
        finding = Finding(Outcome.CORRECTED, one.why, one.fact, makes=FactStatus.RETRACTED, touched=one.facts)
        at = next((n for n, w in enumerate(found) if one.instead in w.sentence.claims), None) if one.instead else None
        if at is None or one.instead is None:
            left.append(one)
            continue
        where = found[at].sentence.claims.index(one.instead)
        findings = (*found[at].findings[:where], finding, *found[at].findings[where + 1 :])
        found[at] = replace(found[at], findings=findings, probability=max(found[at].probability, push))
    return found, tuple(left)


def _weights(sentences: Sized) -> Scorer:
    """The weights for a story of so many sentences."""
    return scorer("short" if len(sentences) < SHORT else "article")


def _risen(claim: Claim, finding: Finding) -> bool:
    return (
        isinstance(claim, Figure)
        and not claim.background
        and claim.measure in RISING
        and finding.outcome is Outcome.CHANGED
        and finding.against is not None
        and isinstance(finding.against.claim, Figure)
        and claim.value > finding.against.claim.value
    )


def _first(claim: Claim, finding: Finding) -> bool:
    """Whether nothing was known of how many were killed, hurt, held …: of nobody there is no news."""
    return (
        isinstance(claim, Figure)
        and not claim.background
        and claim.measure in RISING
        and claim.value > 0
        and finding.outcome is Outcome.NEW
    )


def _marked_as_told(facts: Iterable[Fact], found: Iterable[Development]) -> tuple[Fact, ...]:
    """Those whose sentence proves a development were told by it; the others are absorbed."""
    proofs = {sentence for development in found for sentence in development.evidence}
    return tuple(replace(fact, told=fact.claim.evidence.sentence in proofs) for fact in facts)


def _repeats(story: Story, weighed: Sequence[Weighed]) -> tuple[str, ...]:
    """Facts of others that a story states too: numbers that are the same, and sentences that mostly are."""
    again = (fact for one in weighed for fact in _stated(one) if story.source not in fact.origins)
    return tuple(dict.fromkeys(fact.fact_id for fact in again))


_STATED = frozenset({Outcome.KNOWN, Outcome.CONFIRMS})


def _stated(one: Weighed) -> Iterator[Fact]:
    known = [(claim, f.against) for claim, f in one.pairs if f.outcome in _STATED and f.against is not None]
    same = one.overlap.best >= SAME
    if same and known and one.overlap.nearest is not None:
        yield one.overlap.nearest
    for claim, fact in known:
        # An older number is known too, and confirms nothing; "20 hours" does not confirm another twenty hours.
        if isinstance(claim, Figure) and (claim.measure in TALLIES or same) and _same_number(claim, fact.claim):
            yield fact


def _same_number(one: Figure, other: Claim) -> bool:
    return isinstance(other, Figure) and (one.value, one.unit, one.whom) == (
        other.value,
        other.unit,
        other.whom,
    )


def _unknown(sentence: Sentence, overlap: Overlap) -> bool:
    """Whether it holds a name or a number that no fact holds."""
    return any(sentence.terms[key] in {"name", "number"} for key in overlap.fresh)


def _why_silent(weighed: Sequence[Weighed]) -> str:
    if not weighed:
        return "nothing could be read from it"
    top = max(weighed, key=lambda one: one.probability)
    if top.overlap.best >= 0.5:
        return f"a retelling: one known sentence holds {top.overlap.best:.0%} of what is newest in it"
    return "a retelling: nothing in it reads as a new development"
