"""What people say of what was told: it corrects the ledger, and is kept as labelled data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from newswatch import __version__
from newswatch.detect.corrections import leading, said_of
from newswatch.detect.scorer import weights_print
from newswatch.errors import NewswatchError
from newswatch.model import (
    Action,
    Correction,
    Decision,
    Development,
    Fact,
    Feedback,
    Label,
    Mute,
    Outcome,
    Story,
    make_id,
)
from newswatch.store import Store

_SAME = frozenset({Outcome.NEW, Outcome.REFINES, Outcome.CONFIRMS})
"""What these were held against says the same, where they are not new; of a changed number it says another one."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a person says of a development.

    Attributes:
        story_id, development_id: of what.
        label: not new, wrong, or mute.
        by: who says so.
        note: why, or empty.
        length: how long to mute its topic.
    """

    story_id: str
    development_id: str
    label: Label
    by: str
    note: str = ""
    length: timedelta = timedelta(hours=4)


def correction(
    fact: Fact, action: Action, *, made: datetime, made_by: str, note: str = "", other: Fact | None = None
) -> Correction:
    """What a person says of a fact, as it is appended; ``other`` is the one that a merge adds to it."""
    return Correction(
        fact.event, fact.fact_id, action, said_of(fact, other), made, made_by, other.fact_id if other else "", note
    )


def record(store: Store, opinion: Opinion, now: datetime) -> str:
    """Keep what a person says, in one transaction with what it changes.

    wrong     the facts it brought are rejected: they count as unknown, and a later story that says them is news again
    not new   it becomes another wording of the fact it was held against, where that says the same
    mute      its topic is told in the digest for a while; without a topic, its event

    Returns:
        What was done, in words.

    Raises:
        NewswatchError: the story or the development is not kept (any more).
        StoreError: the store did not take it.
    """
    story, decision, told = _named(store, opinion)
    said = Feedback(
        opinion.label, story, decision, told.development_id, now, opinion.by, __version__, weights_print(), opinion.note
    )
    corrections, words = _corrections(store, told, opinion, now)
    with store.transaction() as tx:
        tx.add_feedback(said)
        for one in corrections:
            tx.add_correction(one)
        if opinion.label is Label.MUTE:
            tx.add_mute(_mute(told, opinion, now))
    return words


def _named(store: Store, opinion: Opinion) -> tuple[Story, Decision, Development]:
    story = store.story(opinion.story_id)
    for decision in reversed(store.decisions(opinion.story_id)):
        for told in decision.developments:
            if told.development_id == opinion.development_id and story is not None:
                return story, decision, told
    raise NewswatchError("That is not kept any more, or never was: look at the story again.")


def _corrections(store: Store, told: Development, opinion: Opinion, now: datetime) -> tuple[Sequence[Correction], str]:
    """What an opinion changes in the ledger, and that in words."""
    if opinion.label is Label.MUTE:
        what = f"The topic “{told.topic}”" if told.topic else "The event"
        return (), f"{what} is muted until {now + opinion.length:%Y-%m-%d %H:%M} UTC: it goes into the digest."
    brought = _brought(store, told)
    if opinion.label is Label.WRONG:
        made = [correction(fact, Action.REJECT, made=now, made_by=opinion.by, note=opinion.note) for fact in brought]
        words = "It counts as unknown from now on." if made else "Nothing of it was in the ledger."
        return made, f"Noted as wrong. {words}"
    known = store.facts_by_id(told.event, [told.against]).get(told.against) if told.against else None
    if known is None or not brought or told.outcome not in _SAME:
        return (), "Noted as not new. The ledger holds it already, so it will not be told again."
    merged = correction(known, Action.MERGE, made=now, made_by=opinion.by, note=opinion.note, other=brought[0])
    return (merged,), "Noted as not new: it is another wording of what was known."


def _brought(store: Store, told: Development) -> list[Fact]:
    """The facts a development brought into the ledger: of each sentence that proves it, the leading one."""
    facts = store.facts_of_story(told.event, told.story_id)
    sentences = [[fact for fact in facts if fact.claim.evidence.sentence == quote] for quote in told.evidence]
    return [leading(some) for some in sentences if some]


def _mute(told: Development, opinion: Opinion, now: datetime) -> Mute:
    mute_id = make_id("mut", told.event, told.topic, "", now.isoformat())
    return Mute(mute_id, now + opinion.length, now, opinion.by, told.event, told.topic, "", opinion.note)


def as_label(said: Feedback) -> Mapping[str, object]:
    """Labelled data for another program: the story, what was decided, what a person says of it."""
    story, decision = said.story, said.decision
    return {
        "label": said.label.value,
        "by": said.made_by,
        "when": said.made.isoformat(),
        "note": said.note or None,
        "version": said.version,
        "weights": said.weights,
        "event": decision.event,
        "development": said.development_id,
        "story": {
            "id": story.story_id,
            "url": story.url,
            "source": story.source,
            "lang": story.language,
            "published": story.published.isoformat(),
            "title": story.title,
            "text": story.text,
            "revision": story.revision,
        },
        "decision": {
            "severity": decision.severity.value,
            "reason": decision.reason,
            "topics": list(decision.topics),
            "developments": [
                {
                    "id": one.development_id,
                    "kind": one.kind,
                    "outcome": one.outcome.value,
                    "summary": one.summary,
                    "topic": one.topic,
                    "severity": one.severity.value,
                    "evidence": list(one.evidence),
                    "against": one.against or None,
                    "known_before": one.known_before or None,
                }
                for one in decision.developments
            ],
        },
    }
