"""From a story and a ledger to a decision: one pure function, shared by the service and by replay.

story | about the event? | topics | claims | each held against the ledger | what is worth telling | decision
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from newswatch.config.event import Event
from newswatch.detect.novelty import Finding, Ledger, judge_claim
from newswatch.detect.topics import Matcher
from newswatch.model import (
    Bound,
    Claim,
    Decision,
    Development,
    Fact,
    Figure,
    FigureChange,
    Happening,
    Outcome,
    Severity,
    Statement,
    Story,
    TraceLine,
    make_id,
)
from newswatch.reading import Reader, language_of, lexicon

# A happening or statement is told at once when no known fact holds more than a third of it; else in the digest.
# Stricter (0.75) pushes better by F1, but told a second raid and a court's order in the digest only.
PUSHED_FROM = 0.65
# At most this many lines in one alert: an analyst reads a few.
MOST_LINES = 5
# Measures that are tallies: their numbers are news whatever the sentence around them repeats.
COUNTED = frozenset({"killed", "injured", "hospitalised", "missing", "detained", "charged", "evacuated"})
# What is urgent where the event file says nothing: measures and happenings by which events turn.
URGENT = frozenset(
    {"killed", "detain", "charge", "sentence", "raid", "hostage", "explode", "resign", "emergency", "disperse"}
)
# "BISHKEK, Aug 8 (Agency) - ": where and by whom, which the alert says elsewhere.
_DATELINE = re.compile(r"^[^\W\d_][^()]{1,40}\([^)]{2,30}\)\s*[-–—:.]\s*")
_KINDS = {"charge": "legal", "court": "legal", "sentence": "legal", "detain": "legal"}
_KINDS |= {"resign": "position", "dismiss": "position", "appoint": "position"}
_SIGNS = {Bound.ABOVE: "more than ", Bound.AT_LEAST: "at least ", Bound.ABOUT: "about ", Bound.AT_MOST: "up to "}


@dataclass(frozen=True, slots=True)
class _Judged:
    """A claim with how it stands and what it belongs to."""

    claim: Claim
    finding: Finding
    topic: str
    severity: Severity


class Judge:
    """Judges stories for one event."""

    def __init__(self, event: Event) -> None:
        self._event = event
        self._matcher = Matcher(event)
        self._reader = Reader({e.id: (e.name, *e.names) for e in event.entities})
        self._severities = {topic.id: Severity(topic.severity) for topic in event.topics}

    def baseline(self, now: datetime) -> tuple[Fact, ...]:
        """The facts that the event file states; ``now`` dates them where the file does not."""
        base = self._event.baseline
        since = base.as_of or now
        texts = [("text", base.text)] + [(f.id or str(n), f.text) for n, f in enumerate(base.facts)]
        facts = []
        for name, text in texts:
            claims = self._reader.read("", text, language_of("", text))
            for number, claim in enumerate(claims):
                fact_id = make_id("base", self._event.event, name, str(number))
                source = base.source.publisher or "baseline"
                facts.append(Fact(fact_id, self._event.event, claim, "", source, since, origins=(source,)))
        return tuple(facts)

    def ledger(self, facts: Iterable[Fact]) -> Ledger:
        """A ledger that holds these facts."""
        return Ledger(facts)

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
            return self._silent(story, relevant=False, reason=f"not about the event: {about.why}")
        topics = tuple(dict.fromkeys(hit.topic_id for hit in self._matcher.topics(text)))
        judged = self._claims(story, ledger, previous)
        trace = tuple(_traced(one) for one in judged)
        fresh = [one for one in judged if one.finding.outcome is not Outcome.KNOWN]
        before = self._event.baseline.as_of
        early = before is not None and story.published <= before
        facts = self._facts(story, fresh, told=not early, now=now)
        if early:
            reason = "published before the baseline: taken as known"
            return replace(self._silent(story, relevant=True, reason=reason), facts=facts, trace=trace, topics=topics)
        developments = self._developments(story, fresh, edited=previous is not None)
        if not developments:
            reason = "a retelling: all it says is known" if judged else "nothing could be read from it"
            return replace(self._silent(story, relevant=True, reason=reason), facts=facts, trace=trace, topics=topics)
        severity = max((d.severity for d in developments), key=lambda s: s.rank)
        return Decision(
            self._event.event, story.story_id, story.revision, True, severity, topics, developments[0].reason,
            developments, facts, trace,
        )  # fmt: skip

    def _silent(self, story: Story, *, relevant: bool, reason: str) -> Decision:
        return Decision(self._event.event, story.story_id, story.revision, relevant, Severity.SILENT, (), reason)

    def _claims(self, story: Story, ledger: Ledger, previous: Story | None) -> list[_Judged]:
        """Claims of the story, each held against the ledger and against what the story itself said before."""
        language = language_of(story.language, f"{story.title}\n{story.text}")
        old = set()
        if previous is not None:
            old = {c.evidence.sentence for c in self._reader.read(previous.title, previous.text, language)}
        own = Ledger()
        judged = []
        fresh: set[str] = set()
        claims = self._reader.read(story.title, story.text, language)
        # A number that is not of a tally of its own is news only with its sentence, so sentences come first.
        claims.sort(key=lambda c: isinstance(c, Figure))
        for number, claim in enumerate(claims):
            if claim.evidence.sentence in old:
                continue
            finding = judge_claim(claim, ledger)
            if isinstance(claim, Figure) and claim.measure not in COUNTED and claim.evidence.sentence not in fresh:
                finding = replace(finding, outcome=Outcome.KNOWN, reason="a number of a sentence that is known")
            if not isinstance(claim, Figure) and finding.outcome is not Outcome.KNOWN:
                fresh.add(claim.evidence.sentence)
            if finding.outcome is not Outcome.KNOWN and self._repeats(claim, own):
                finding = replace(finding, outcome=Outcome.KNOWN, reason="said in the same story already")
            topic, severity = self._urgency(claim)
            if severity is Severity.ALERT and not isinstance(claim, Figure) and finding.novelty < PUSHED_FROM:
                severity = Severity.DIGEST
            judged.append(_Judged(claim, finding, topic, severity))
            own.add((Fact(str(number), "", claim, "", "", story.published),))
        return judged

    def _repeats(self, claim: Claim, own: Ledger) -> bool:
        if isinstance(claim, Figure):
            return any(isinstance(f.claim, Figure) and f.claim.value == claim.value
                       for f in own.figures(claim.measure, claim.whom))  # fmt: skip
        fact, share, _, _ = own.nearest(claim.terms)
        return fact is not None and share > 0.7 and fact.claim.evidence != claim.evidence

    def _urgency(self, claim: Claim) -> tuple[str, Severity]:
        """The most severe topic its sentence belongs to; without topics, the general rules."""
        hits = self._matcher.topics(claim.evidence.sentence)
        topics = sorted({hit.topic_id for hit in hits}, key=lambda t: -self._severities[t].rank)
        kind = claim.measure if isinstance(claim, Figure) else getattr(claim, "type", "")
        urgent = kind in URGENT
        if topics:
            severity = self._severities[topics[0]]
            if severity is Severity.ALERT and isinstance(claim, Statement | Figure) and not urgent:
                return topics[0], severity if isinstance(claim, Figure) else Severity.ALERT
            return topics[0], severity
        if self._event.topics:
            return "", Severity.DIGEST
        return "", Severity.ALERT if urgent else Severity.DIGEST

    def _facts(self, story: Story, fresh: Sequence[_Judged], *, told: bool, now: datetime) -> tuple[Fact, ...]:
        return tuple(
            Fact(
                make_id("fct", story.story_id, str(story.revision), one.claim.kind, str(number)),
                self._event.event,
                one.claim,
                story.story_id,
                story.source,
                now,
                origins=(story.source,),
                told=told,
            )
            for number, one in enumerate(fresh)
        )

    def _developments(self, story: Story, fresh: Sequence[_Judged], *, edited: bool) -> tuple[Development, ...]:
        """The few lines worth telling: one a sentence, the most urgent first, then figures, then the newest content."""
        best: dict[int, _Judged] = {}
        for one in fresh:
            index = one.claim.evidence.index
            if index not in best or _rank(one) > _rank(best[index]):
                best[index] = one
        # A headline that its own story says in full is told by the fuller sentence.
        ranked = sorted(best.values(), key=_rank, reverse=True)[:MOST_LINES]
        return tuple(self._development(story, one, edited=edited) for one in ranked)

    def _development(self, story: Story, one: _Judged, *, edited: bool) -> Development:
        claim, finding = one.claim, one.finding
        figure = None
        if isinstance(claim, Figure):
            known = finding.against.claim if finding.against else None
            old = known if isinstance(known, Figure) else None
            figure = FigureChange(
                claim.measure, claim.value, old.value if old else None, claim.bound, old.bound if old else Bound.EXACT
            )
        outcome = Outcome.EDITED if edited and finding.outcome is Outcome.NEW else finding.outcome
        # Only a fact that says something alike was "known before"; a far one would puzzle the reader.
        alike = finding.against is not None and (figure is not None or finding.novelty < 0.6)
        return Development(
            make_id("dev", self._event.event, story.story_id, str(story.revision), _key(claim)),
            self._event.event,
            story.story_id,
            _kind(claim),
            outcome,
            _summary(claim, finding),
            one.topic,
            one.severity,
            (claim.evidence.sentence,),
            figure,
            self._display(claim.speaker) if isinstance(claim, Statement) else "",
            finding.against.fact_id if finding.against else "",
            finding.against.claim.evidence.sentence if finding.against and alike else "",
            finding.reason,
        )

    def _display(self, speaker: str) -> str:
        return next((e.name for e in self._event.entities if e.id == speaker), speaker.title())


def _rank(one: _Judged) -> tuple[int, bool, float]:
    return one.severity.rank, isinstance(one.claim, Figure), one.finding.novelty * min(one.finding.weight, 40.0)


def _kind(claim: Claim) -> str:
    return _KINDS.get(claim.type, "happening") if isinstance(claim, Happening) else claim.kind


def _key(claim: Claim) -> str:
    if isinstance(claim, Figure):
        return f"figure {claim.measure} {claim.value:g} {claim.whom}"
    return f"{claim.kind} {claim.evidence.sentence}"


def _summary(claim: Claim, finding: Finding) -> str:
    """One line of news: a figure by its numbers with the sentence, anything else by its sentence."""
    sentence = _DATELINE.sub("", claim.evidence.sentence)
    if not isinstance(claim, Figure):
        return sentence if len(sentence) <= 240 else sentence[:237].rsplit(" ", 1)[0] + "…"
    label = lexicon("en").labels.get(claim.measure, claim.measure.capitalize())
    group = f" ({', '.join(claim.whom)})" if claim.whom else ""
    known = finding.against.claim if finding.against else None
    was = f"{_number(known)} → " if isinstance(known, Figure) else ""
    return f"{label}{group}: {was}{_number(claim)}"


def _number(claim: Figure) -> str:
    return f"{_SIGNS.get(claim.bound, '')}{claim.value:,.10g}"


def _traced(one: _Judged) -> TraceLine:
    claim, finding = one.claim, one.finding
    match claim:
        case Figure():
            words = f"{claim.measure} {_number(claim)}"
        case Statement():
            words = f"{claim.speaker} {claim.act}"
        case Happening():
            words = f"{claim.type} ({claim.status.value})"
    against = finding.against.fact_id if finding.against else ""
    return TraceLine(words, finding.outcome.value, against, finding.reason, claim.evidence.sentence)
