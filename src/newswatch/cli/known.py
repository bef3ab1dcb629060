"""The ledger as a person reads it: one entry a sentence, with who states it; as text of 100 columns and as JSON."""

from __future__ import annotations

import textwrap
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from newswatch.app.watch import facts_known
from newswatch.config.event import Event
from newswatch.detect.corrections import groups, leading
from newswatch.detect.novelty import in_detail
from newswatch.model import Bound, Claim, Correction, Fact, FactStatus, Figure, Happening, Mark, Origin, Statement
from newswatch.reading import lexicon
from newswatch.store import Store

WIDTH = 100
SHORTEST = 12
"""Characters of an id that are shown: ``fct_`` and eight digits, more where two facts begin alike."""
HEDGES = {
    Bound.EXACT: "", Bound.ABOUT: "about", Bound.AT_LEAST: "at least", Bound.ABOVE: "more than",
    Bound.AT_MOST: "up to", Bound.BELOW: "fewer than",
}  # fmt: skip
BY_HAND = {FactStatus.CONFIRMED: "confirmed by hand", FactStatus.RETRACTED: "rejected by hand"}
_GRAVEST = (FactStatus.RETRACTED, FactStatus.DISPUTED, FactStatus.CONFIRMED)
"""What of a sentence's facts is shown of the whole sentence."""


@dataclass(frozen=True, slots=True)
class Known:
    """One thing that is known, in one or several wordings.

    Attributes:
        lead: the fact it goes by.
        wordings: the facts of each of its sentences, that of `lead` first.
        outlets: publishers who state it, as they were seen to.
        origins: those whose own words they are; copies of one agency text are one.
        corrections: what people said of it, oldest first.
        marks: what stories made of it, oldest first.
        status: what a person said of it, else the gravest that stories made of its facts.
    """

    lead: Fact
    wordings: tuple[tuple[Fact, ...], ...]
    outlets: tuple[str, ...]
    origins: tuple[str, ...]
    corrections: tuple[Correction, ...]
    marks: tuple[Mark, ...] = ()
    status: FactStatus = FactStatus.REPORTED

    @property
    def sentence(self) -> str:
        """What is known, in the words of its source."""
        return self.lead.claim.evidence.sentence

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Every claim of every wording."""
        return tuple(fact for said in self.wordings for fact in said)

    @property
    def baseline(self) -> bool:
        """It was known at the start."""
        return not self.lead.story_id

    @property
    def rejected(self) -> bool:
        """A person said that it is wrong."""
        return self.lead.status is FactStatus.RETRACTED

    @property
    def held(self) -> str:
        """Its status in words."""
        return BY_HAND.get(self.lead.status, self.status.value)

    @property
    def kind(self) -> str:
        """``statement`` where somebody says it, else ``happening``."""
        return "statement" if any(isinstance(f.claim, Statement) for f in self.wordings[0]) else "happening"

    @property
    def told(self) -> str:
        """Whether it was told."""
        if self.baseline:
            return "known at the start"
        return "told" if any(fact.told for fact in self.facts) else "absorbed"


def known(store: Store, event: Event, now: datetime) -> tuple[Known, ...]:
    """What is known of an event: the baseline, then what was learned, newest last.

    Raises:
        StoreError: the store cannot be read.
    """
    corrections, further = store.corrections(event.event), defaultdict[str, list[Origin]](list)
    for origin in store.origins(event.event):
        further[origin.fact_id].append(origin)
    marks = defaultdict[str, list[Mark]](list)
    for mark in store.marks(event.event):
        marks[mark.fact_id].append(mark)
    found = [
        _known(group.wordings, further, corrections, marks)
        for group in groups(facts_known(store, event, now), corrections)
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: (not one.baseline, one.lead.since)))


def _known(
    wordings: tuple[tuple[Fact, ...], ...],
    further: dict[str, list[Origin]],
    corrections: Iterable[Correction],
    marks: dict[str, list[Mark]],
) -> Known:
    facts = [fact for said in wordings for fact in said]
    ids = {fact.fact_id for fact in facts}
    made = sorted((mark for fact in facts for mark in marks.get(fact.fact_id, ())), key=lambda mark: mark.made)
    others = sorted((o for fact in facts for o in further.get(fact.fact_id, ())), key=lambda o: o.seen)
    return Known(
        leading(wordings[0]),
        wordings,
        tuple(dict.fromkeys((*(fact.source for fact in facts), *(o.source for o in others)))),
        tuple(dict.fromkeys((*(name for fact in facts for name in fact.origins), *(o.origin for o in others)))),
        tuple(c for c in corrections if c.fact_id in ids or c.other_id in ids),
        tuple(made),
        _status(leading(wordings[0]), made),
    )


def short_ids(facts: Iterable[Fact]) -> dict[str, str]:
    """Every id by as few of its characters as tell it from the others."""
    ids = sorted(fact.fact_id for fact in facts)
    lengths = dict.fromkeys(ids, SHORTEST)
    for one, other in pairwise(ids):
        same = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
        lengths[one], lengths[other] = max(lengths[one], same + 1), max(lengths[other], same + 1)
    return {name: name[:length] for name, length in lengths.items()}


# ---------------------------------------------------------------- text


def as_text(event: Event, facts: Sequence[Known], *, everything: bool, width: int = WIDTH) -> str:
    """The ledger of one event, the baseline first, each part by kind.

    Args:
        event: the event.
        facts: what is known (`known`).
        everything: every claim of every sentence, with its id; else one entry a sentence and each number once.
        width: columns.
    """
    ids = short_ids(fact for one in facts for fact in one.facts)
    start = [one for one in facts if one.baseline and not one.rejected]
    since = [one for one in facts if not one.baseline and not one.rejected]
    rejected = [one for one in facts if one.rejected]
    lines = [f"{event.title}  (event {event.event})"]
    lines.append(f"{len(start)} known at the start, {len(since)} learned since, {len(rejected)} rejected by hand")
    for title, part in (("KNOWN AT THE START", start), ("LEARNED SINCE, newest last", since)):
        if part:
            lines += ["", title, *_part(part, ids, everything=everything, width=width)]
    if rejected:
        lines += ["", "REJECTED: counts as unknown", *_entries(rejected, ids, everything=everything, width=width)]
    return "\n".join(lines)


def _status(lead: Fact, marks: Iterable[Mark]) -> FactStatus:
    if lead.status is not FactStatus.REPORTED:
        return lead.status
    newest = {mark.fact_id: mark.status for mark in marks}
    return min(newest.values(), key=_GRAVEST.index, default=FactStatus.REPORTED)


def _part(facts: Sequence[Known], ids: dict[str, str], *, everything: bool, width: int) -> Iterator[str]:
    rows = list(_figures(facts, everything=everything))
    if rows:
        yield "  Figures"
        yield from _table(rows, ids, width)
    for kind, title in (("happening", "Happenings"), ("statement", "Statements")):
        some = [one for one in facts if one.kind == kind]
        if some:
            yield f"  {title}"
            yield from _entries(some, ids, everything=everything, width=width)


def _figures(facts: Iterable[Known], *, everything: bool) -> Iterator[tuple[Fact, Figure, Known]]:
    """The numbers; without `everything` each once, and none of what has no measure of its own (``40 hours``)."""
    seen = set()
    for one in facts:
        for fact in one.facts:
            claim = fact.claim
            if isinstance(claim, Figure) and (everything or not claim.measure.startswith("count:")):
                key = (claim.measure, claim.value, claim.high, claim.bound, claim.whom)
                if everything or key not in seen:
                    seen.add(key)
                    yield fact, claim, one


def _table(rows: Iterable[tuple[Fact, Figure, Known]], ids: dict[str, str], width: int) -> Iterator[str]:
    room = max(width - 82, 12)
    form = f"    {{:<20}} {{:>11}}  {{:<10}}  {{:<16}}  {{:<{room}}}  {{}}"
    yield form.format("measure", "number", "hedge", "as of", "source (+ others)", "fact").rstrip()
    for fact, claim, one in rows:
        when = f"{fact.since:%Y-%m-%d %H:%M}" if claim.when is None else f"{claim.when:%Y-%m-%d}"
        source = _cut(f"{fact.source}{f' +{len(one.outlets) - 1}' if len(one.outlets) > 1 else ''}", room)
        measure = _cut(measured_as(claim), 20)
        yield form.format(measure, number(claim), HEDGES[claim.bound], when, source, ids[fact.fact_id])


def _entries(facts: Iterable[Known], ids: dict[str, str], *, everything: bool, width: int) -> Iterator[str]:
    for one in facts:
        yield from _wrapped(one.sentence, f"    {one.lead.since:%Y-%m-%d %H:%M}  ", " " * 22, width)
        told = "" if one.baseline else one.told
        about = [_from_whom(one), one.held, told, ids[one.lead.fact_id]]
        yield from _wrapped("; ".join(part for part in about if part), " " * 22, " " * 24, width)
        for said in one.wordings[1:]:
            wording = f"also: “{said[0].claim.evidence.sentence}” ({said[0].source}, {ids[leading(said).fact_id]})"
            yield from _wrapped(wording, " " * 22, " " * 24, width)
        for note in one.corrections:
            why = f": {note.note}" if note.note else ""
            yield from _wrapped(
                f"{note.action} by {note.made_by}, {note.made:%Y-%m-%d %H:%M}{why}", " " * 22, " " * 24, width
            )
        for mark in {mark.reason: mark for mark in one.marks}.values():
            noted = f"{mark.status}, {mark.made:%Y-%m-%d %H:%M}: {mark.reason}"
            yield from _wrapped(noted, " " * 22, " " * 24, width)
        if everything:
            for fact in one.facts:
                yield from _wrapped(f"- {in_words(fact.claim)}  {ids[fact.fact_id]}", " " * 22, " " * 24, width)


def _from_whom(one: Known) -> str:
    names = ", ".join(one.outlets[:3]) + (" …" if len(one.outlets) > 3 else "")
    if len(one.outlets) == 1:
        return names
    outlets, origins = len(one.outlets), len(one.origins)
    return f"{names} ({outlets} outlets, {origins} origin{'s' if origins != 1 else ''})"


def _wrapped(text: str, first: str, then: str, width: int) -> list[str]:
    return textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=then, break_on_hyphens=False, break_long_words=True
    )  # fmt: skip


def one_line(one: Known, shown: str, width: int = WIDTH) -> str:
    """A fact on one line: id, time, status, and as much of its sentence as there is room for."""
    status = one.held.removesuffix(" by hand")
    return _cut(f"{shown:<12}  {one.lead.since:%Y-%m-%d %H:%M}  {status:<9}  {one.sentence}", width)


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1] + "…"


# ---------------------------------------------------------------- claims in words


def measured_as(claim: Figure) -> str:
    """A measure as a reader calls it, with whom it counts."""
    book = lexicon("en")
    name = claim.measure.removeprefix("count:")
    label = (book.labels.get(claim.measure) if book else None) or name.replace("-", " ").capitalize()
    return label + (f" ({', '.join(key.lstrip('@#') for key in claim.whom)})" if claim.whom else "")


def number(claim: Figure) -> str:
    """A number without its hedge: ``1,200``, ``20 to 30``, or ``5,000,000 USD``."""
    high = "" if claim.high is None else f" to {claim.high:,.10g}"
    return f"{claim.value:,.10g}{high}" + (f" {claim.unit.upper()}" if claim.unit else "")


def in_words(claim: Claim) -> str:
    """A claim in a few words."""
    match claim:
        case Figure():
            return f"{measured_as(claim)}: {HEDGES[claim.bound]} {number(claim)}".replace(":  ", ": ")
        case Happening():
            who = ", ".join(key.lstrip("@") for key in claim.actors)
            what = claim.type.removeprefix("verb:").replace("-", " ")
            said = f"{what}, {claim.status.value.replace('-', ' ')}" + (f" ({who})" if who else "")
            return f"{said}, {in_detail(claim.details)}" if claim.details else said
        case Statement():
            return f"{claim.speaker.lstrip('@#')} {claim.act}"


# ---------------------------------------------------------------- JSON


def as_dict(one: Known) -> dict[str, object]:
    """One thing that is known, for another program."""
    return {
        "id": one.lead.fact_id,
        "event": one.lead.event,
        "kind": one.kind,
        "sentence": one.sentence,
        "since": one.lead.since.isoformat(),
        "source": one.lead.source,
        "story": one.lead.story_id or None,
        "baseline": one.baseline,
        "status": one.status.value,
        "told": any(fact.told for fact in one.facts),
        "outlets": list(one.outlets),
        "origins": list(one.origins),
        "wordings": [
            {"id": leading(said).fact_id, "sentence": said[0].claim.evidence.sentence, "source": said[0].source}
            for said in one.wordings[1:]
        ],
        "claims": [{"id": fact.fact_id, **_claim(fact.claim)} for fact in one.facts],
        "corrections": [
            {
                "action": c.action.value,
                "fact": c.fact_id,
                "other": c.other_id or None,
                "made": c.made.isoformat(),
                "by": c.made_by,
                "note": c.note,
            }
            for c in one.corrections
        ],
        "marks": [
            {
                "status": mark.status.value,
                "fact": mark.fact_id,
                "made": mark.made.isoformat(),
                "source": mark.source,
                "story": mark.story_id,
                "reason": mark.reason,
            }
            for mark in one.marks
        ],
    }


def _claim(claim: Claim) -> dict[str, object]:
    when = claim.when.isoformat() if claim.when else None
    match claim:
        case Figure():
            return {
                "kind": "figure",
                "measure": claim.measure,
                "value": claim.value,
                "high": claim.high,
                "bound": claim.bound.value,
                "unit": claim.unit or None,
                "whom": list(claim.whom),
                "where": list(claim.where),
                "when": when,
                "said_by": claim.said_by or None,
            }
        case Happening():
            who = {"actors": list(claim.actors), "targets": list(claim.targets), "places": list(claim.places)}
            details = [{"name": name, "value": value} for name, value in claim.details]
            status = claim.status.value
            return {"kind": "happening", "type": claim.type, "status": status, **who, "when": when, "details": details}
        case Statement():
            return {"kind": "statement", "speaker": claim.speaker, "act": claim.act, "when": when}
