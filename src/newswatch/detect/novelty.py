"""Does the ledger hold it? Every claim is held against the facts of its own kind; the answer says why.

Figures are held against figures of the same measure, happenings against the same happening with the same status and the
same people, statements against what the same speaker said. These answers, and how much of the sentence's words any fact
holds, are the features that `newswatch.detect.scorer` weighs.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from newswatch.detect.ledger import Ledger, Overlap, act_keys, again_key
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
    Why,
)
from newswatch.reasons import because, english, joined

# Counts that do not fall: a lower number in a later story is an old number, not news.
RISING = frozenset(
    {"killed", "injured", "detained", "charged", "evacuated", "released", "rescued", "buildings", "infected", "cases"}
)
TALLIES = RISING | {
    "hospitalised",
    "critical",
    "missing",
    "hostages",
    "without-power",
    "protesters",
    "officers",
    "volunteers",
}
"""Measures that an event has one number of at a time: another is a change. Of others every number stands for itself."""
_LOOSE = frozenset({Bound.ABOVE, Bound.AT_LEAST, Bound.ABOUT})
_NEAR = 1.1
"""A number up to this factor above a loose one says the same more exactly."""
_REAL = frozenset({Status.DONE, Status.DENIED, Status.CALLED_OFF, Status.FAILED})
"""Statuses that are news by themselves where the happening was known with another."""


@dataclass(frozen=True, slots=True)
class Finding:
    """How a claim stands against the ledger.

    Attributes:
        outcome: known, new, changed, refines …
        why: why, for a reader in any language.
        against: the fact it was held against, or None.
        unheard: no fact knows the happening with this status, whoever it concerns.
        whom: keys of those of whom it was not known.
        makes: what becomes of the fact it was held against (disputed, confirmed, retracted), or None.
        touched: other facts that become so too.
        said_by: of a first official statement, key of who said it.
        open: it confirms something urgent that was alleged or disputed.
        another: it was known with another article, crime, term, day or post, not with this one.
    """

    outcome: Outcome
    why: Why
    against: Fact | None = None
    unheard: bool = False
    whom: tuple[str, ...] = ()
    makes: FactStatus | None = None
    touched: tuple[Fact, ...] = ()
    said_by: str = ""
    open: bool = False
    another: bool = False

    @property
    def reason(self) -> str:
        """Why, in a few words of English."""
        return english(self.why)

    @property
    def quiet(self) -> bool:
        """Nothing of it is news: it is known, or it only confirms what nobody doubted."""
        return self.outcome is Outcome.KNOWN or (self.outcome is Outcome.CONFIRMS and not self.open)


def judge_claim(claim: Claim, ledger: Ledger, overlap: Overlap, spelt: Mapping[str, str]) -> Finding:
    """Hold one claim against the ledger.

    Args:
        claim: the claim.
        ledger: what is known.
        overlap: how much of the claim's sentence the ledger holds (`Ledger.overlap`).
        spelt: how names are written, for the reason (`Sentence.spelt`).
    """
    match claim:
        case Figure():
            return _figure(claim, ledger, spelt)
        case Happening():
            return _happening(claim, ledger, overlap, spelt)
        case Statement():
            return _statement(claim, ledger, overlap, spelt)


def _figure(claim: Figure, ledger: Ledger, spelt: Mapping[str, str]) -> Finding:
    same = ledger.same_number(claim.measure, claim.value, claim.unit)
    if same is not None:
        gone = ledger.standing(same) is FactStatus.RETRACTED
        return Finding(Outcome.KNOWN, because("number-taken-back" if gone else "number-known", value=claim.value), same)
    known = [
        (fact, fact.claim)
        for fact in ledger.figures(claim.measure)
        if isinstance(fact.claim, Figure) and fact.claim.whom == claim.whom
        and ledger.standing(fact) is not FactStatus.RETRACTED
    ]  # fmt: skip
    if not known or claim.measure not in TALLIES:
        return Finding(Outcome.NEW, because("number-unknown", of=_counted(claim.measure, spelt)))
    rising = claim.measure in RISING
    latest, last = max(reversed(known), key=lambda pair: pair[1].value) if rising else known[-1]
    if rising and claim.value < last.value:
        return Finding(Outcome.KNOWN, because("number-older", value=last.value), latest)
    if last.bound in _LOOSE and last.value < claim.value <= last.value * _NEAR:
        return Finding(Outcome.REFINES, because("number-less-exact", value=last.value), latest)
    way = "number-rises" if claim.value > last.value else "number-falls"
    return Finding(Outcome.CHANGED, because(way, value=last.value), latest)


def _counted(measure: str, spelt: Mapping[str, str]) -> str | Why:
    """What is counted: a measure, or a thing as the sentence calls it."""
    thing = measure.removeprefix("count:")
    return because(f"measures:{measure}") if thing == measure else spelt.get(f"#{thing}") or _plain(thing)


_HOW = frozenset({Status.PLANNED, Status.ATTEMPTED, Status.FAILED, Status.CALLED_OFF, Status.DENIED, Status.ALLEGED})
"""Statuses that are said beside a happening; the others go without saying."""


def _plain(concept: str) -> str:
    return concept.replace("-", " ")


_OFF = frozenset({Status.DENIED, Status.CALLED_OFF, Status.FAILED})
_MEANT = (Status.PLANNED, Status.ATTEMPTED)


def _meant(claim: Happening, ledger: Ledger) -> Fact | None:
    """The fact that a happening was planned or attempted, of somebody whom it names too."""
    keys = (key for status in _MEANT for key in act_keys(replace(claim, status=status))[1:])
    named = (key for key in keys if not key[2].startswith("=") and key[2] != claim.said_by)
    return next((fact for key in named if (fact := ledger.act(key)) is not None), None)


def _happening(claim: Happening, ledger: Ledger, overlap: Overlap, spelt: Mapping[str, str]) -> Finding:
    name = claim.type.removeprefix("verb:")
    act = spelt.get(f"#{name}") or spelt.get(name) or _plain(name)
    what = because(f"act-{claim.status.value}" if claim.status in _HOW else "act", act=act)
    base, *beside = act_keys(claim)
    known = ledger.act(base)
    if known is None:
        before = _meant(claim, ledger) if claim.status in _OFF else None
        if before is not None:
            return Finding(Outcome.CHANGED, because("act-unknown-but-meant", what=what), before, True, another=True)
        return Finding(Outcome.NEW, because("act-unknown", what=what), overlap.nearest, unheard=True)
    if claim.ordinal > 1 and claim.status in _REAL and ledger.act(again_key(claim)) is None:
        return Finding(Outcome.NEW, because("act-unknown-again", what=what), known, unheard=True)
    names = [key[2] for key in beside if key[2].startswith("@") and key[2] != claim.said_by and ledger.act(key) is None]
    if names:
        who = joined("and", [spelt.get(key, key[1:]) for key in names[:2]])
        return Finding(Outcome.NEW, because("act-unknown-of", what=what, who=who), known, whom=tuple(names))
    fresh = [pair for pair in claim.details if ledger.detail(claim, *pair) is None]
    if fresh:
        # Where one crime of several is known, it is the same charge told more fully.
        shared = {pair[0] for pair in claim.details if pair not in fresh}
        others = [fact for name, _ in fresh if name not in shared and (fact := ledger.detail(claim, name)) is not None]
        outcome = Outcome.NEW if others else Outcome.REFINES
        why = because("act-unknown-in-detail", what=what, details=joined("list", [_detail(*pair) for pair in fresh]))
        return Finding(outcome, why, others[0] if others else known, another=bool(others))
    return Finding(Outcome.KNOWN, because("act-known", what=what), known)


def in_detail(details: Iterable[tuple[str, str]]) -> str:
    """Details of a happening in words: ``under article 233, for murder``."""
    return ", ".join(english(_detail(*pair)) for pair in details)


def _detail(name: str, value: str) -> Why:
    return because(f"detail-{name}", of=because(f"concepts:{value[1:]}") if value.startswith("#") else value)


def _statement(claim: Statement, ledger: Ledger, overlap: Overlap, spelt: Mapping[str, str]) -> Finding:
    who = spelt.get(claim.speaker) or because(f"roles:{claim.speaker[1:]}")
    if not ledger.said(claim.speaker):
        return Finding(Outcome.NEW, because("statement-first", who=who), overlap.nearest)
    if overlap.best < 0.5:
        why = because("statement-unknown", who=who, share=f"{100 * overlap.best:.0f}")
        return Finding(Outcome.NEW, why, overlap.nearest)
    return Finding(Outcome.KNOWN, because("statement-known", who=who), overlap.nearest)


# ---------------------------------------------------------------- features

_TONES = ("tone:recall", "tone:comment", "tone:fresh", "tone:source")
_STATUSES = ("denied", "failed", "planned", "alleged", "attempted", "called-off", "ongoing")
_KINDS = ("urgent", "action", "speech", "thing", "role", "body", "place", "quality", "time", "name", "number", "word")
_DATES = ("year", "month", "week", "day", "hour", "share", "today", "yesterday")


def features(
    sentence: Sentence, overlap: Overlap, findings: tuple[Finding, ...], ledger: Ledger, *, alone: bool
) -> dict[str, float]:
    """What of a sentence speaks for its being news, as numbers from about 0 to 5.

    Args:
        sentence: the sentence.
        overlap: how much of it the ledger holds.
        findings: how each of its claims stands, in the order of `Sentence.claims`.
        ledger: the ledger.
        alone: the story has no other sentence, so that its place says nothing.
    """
    found = _told(sentence, alone=alone)
    found.update(_words(sentence.terms, overlap))
    found.update(_acts(sentence, ledger))
    found.update(_speech(sentence, ledger))
    for outcome in (Outcome.NEW, Outcome.CHANGED, Outcome.REFINES, Outcome.KNOWN):
        pairs = zip(sentence.claims, findings, strict=True)
        listed = [c for c, f in pairs if isinstance(c, Figure) and f.outcome is outcome]
        found[f"figure {outcome.value}"] = float(min(2, sum(not c.measure.startswith("count:") for c in listed)))
        found[f"count {outcome.value}"] = float(min(2, sum(c.measure.startswith("count:") for c in listed)))
    return found


def _told(sentence: Sentence, *, alone: bool) -> dict[str, float]:
    """How it is told: its place, its tone, its dates."""
    marks, index = sentence.marks, sentence.evidence.index
    found = {
        "alone": float(alone),
        "title": float(index == 0 and not alone),
        "first": float(index == 1 and not alone),
        "early": float(0 < index <= 3 and not alone),
        "late": 0.0 if alone else min(1.0, index / 10),
        "words": math.log1p(marks.get("words", 0)),
        "year": float("year" in marks),
        "quote": float("quote" in marks),
        "again": float(any(name.startswith("again:") for name in marks)),
        "old": float(sentence.age is not None and sentence.age > 6),
        "days old": float(sentence.age is not None and 2 <= sentence.age <= 6),
        "of the day": float(sentence.age is not None and -1 <= sentence.age < 2),
    }
    found |= {name: float(min(2, marks.get(name, 0))) for name in _TONES}
    found |= {f"status:{name}": float(min(2, marks.get(f"status:{name}", 0))) for name in _STATUSES}
    found |= {f"dates:{name}": float(min(1, marks.get(f"dates:{name}", 0))) for name in _DATES}
    return found


def _words(terms: Mapping[str, str], overlap: Overlap) -> dict[str, float]:
    """How much of its words the ledger lacks, singly and in pairs."""
    kinds = Counter(terms.values())
    fresh = Counter(terms[key] for key in overlap.fresh)
    urgent = {key for key, kind in terms.items() if kind == "urgent"}
    names = {key for key, kind in terms.items() if kind == "name"}
    with_urgent = [pair for pair in overlap.new_pairs if urgent & set(pair)]
    found = {
        "best": overlap.best,
        "two": min(1.0, overlap.two),
        "lost": 1 - overlap.union,
        "weight": math.log1p(overlap.weight),
        "uncovered": math.log1p((1 - overlap.best) * overlap.weight),
        "pairs share": len(overlap.new_pairs) / (overlap.pairs or 1),
        "pairs": math.log1p(len(overlap.new_pairs)),
        "urgent pairs": math.log1p(len(with_urgent)),
        "urgent and name": math.log1p(sum(bool(names & set(pair)) for pair in with_urgent)),
    }
    found |= {f"fresh {kind}": math.log1p(fresh[kind]) for kind in _KINDS}
    found |= {f"has {kind}": math.log1p(kinds[kind]) for kind in _KINDS}
    return found


def _acts(sentence: Sentence, ledger: Ledger) -> dict[str, float]:
    """Happenings by what of them is new: the happening itself, its status, or the people beside it."""
    count: Counter[str] = Counter()
    acts = [claim for claim in sentence.claims if isinstance(claim, Happening) and claim.type != "other"]
    for claim in acts:
        kind = "urgent" if sentence.terms.get(f"#{claim.type}") == "urgent" else "action"
        base, *beside = act_keys(claim)
        unknown = ledger.act(base) is None
        count[f"{kind} new"] += unknown and claim.status in _REAL
        others = [key[2] for key in beside if ledger.act(key) is None]
        count[f"{kind} with new name"] += any(key.startswith("@") for key in others)
        count["act with new role"] += claim.status in _REAL and any(not key.startswith("@") for key in others)
        count["act known"] += not unknown and not any(key.startswith("@") for key in others)
        count["act done"] += claim.status is Status.DONE
        count["act planned"] += claim.status is Status.PLANNED
    names = ("urgent new", "action new", "urgent with new name", "action with new name", "act with new role")
    found = {name: float(min(3, count[name])) for name in (*names, "act done", "act planned")}
    return found | {"acts known": count["act known"] / (len(acts) or 1), "no act": float(not acts)}


def _speech(sentence: Sentence, ledger: Ledger) -> dict[str, float]:
    """Whether its speaker is new, and how much of the words was not said by the same before."""
    said = next((claim for claim in sentence.claims if isinstance(claim, Statement)), None)
    if said is None:
        return {"speaker new": 0.0, "said new": 0.0}
    content = [key for key, kind in sentence.terms.items() if kind in _CONTENT and key != said.speaker]
    new = sum(not ledger.said(said.speaker, key) for key in content)
    return {"speaker new": float(not ledger.said(said.speaker)), "said new": new / (len(content) or 1)}


_CONTENT = frozenset({"urgent", "action", "thing", "word", "place", "body", "role"})
