"""Decisions as a person reads them: sentence by sentence, each claim with the fact it was held against; and as JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from itertools import groupby

from newswatch.model import Decision, Development, Fact, FactStatus, Story, TraceLine
from newswatch.replay import as_dict as told_as_dict

_NO_FACTS: Mapping[str, Fact] = {}
_LEGEND = (
    "What it says, sentence by sentence. The percentage is how likely the sentence is news, weighed by how much of it "
    "was known, how it is told and how its claims stand; “news” is what was likely enough to be told."
)


def explained(story: Story, decision: Decision, facts: Mapping[str, Fact], width: int) -> str:
    """One decision, for a reader who has never seen one.

    Args:
        story: the story.
        decision: what was decided about it.
        facts: those that its claims were held against, by id; what is gone from the ledger is missing.
        width: columns of the terminal.
    """

    def wrapped(text: str, first: str = "", then: str | None = None) -> list[str]:
        then = " " * len(first) if then is None else then
        return textwrap.wrap(
            text, width, initial_indent=first, subsequent_indent=then, break_on_hyphens=False, break_long_words=True
        )  # fmt: skip

    def known(fact_id: str, indent: str) -> Iterator[str]:
        if not fact_id:
            return
        fact = facts.get(fact_id)
        words = f"{_known(fact)} [{fact_id}]" if fact else f"a fact that is gone from the ledger [{fact_id}]"
        yield from wrapped(words, f"{indent}held against: ", indent + "  ")

    def told(development: Development) -> Iterator[str]:
        yield from wrapped(development.summary, "  + ")
        topic = f"topic {development.topic}" if development.topic else "no topic"
        yield from wrapped(f"{development.severity.value}, {topic}; {development.reason}", "      ")
        yield from known(development.against, "      ")

    edited = f", revision {decision.revision}" if decision.revision > 1 else ""
    lines = [
        *wrapped(story.title or "(without a title)"),
        f"{story.source}, {story.published:%Y-%m-%d %H:%M} UTC{edited}  [{story.story_id}]",
        *([story.url] if story.url else ["no link"]),
        *([f"a near copy of {story.near_copy_of}"] if story.near_copy_of else []),
        "",
        *wrapped(_decided(decision)),
    ]
    if decision.developments:
        lines += ["", "What is new in it:"]
        lines += [line for development in decision.developments for line in told(development)]
    if decision.trace:
        lines += ["", *wrapped(_LEGEND)]
    for sentence, claims in groupby(decision.trace, key=lambda line: line.sentence):
        steps = list(claims)
        lines += ["", *wrapped(f"“{sentence}”", f"  {_likely(steps[0])}")]
        # Claims in a row that were held against one sentence name it once.
        for _, alike in groupby(steps, key=lambda step: _sentence(facts, step.against)):
            for step in alike:
                lines += wrapped(f"{step.claim}: {step.outcome}; {step.reason}", "    - ")
            lines += known(step.against, "        ")
    return "\n".join(lines) + "\n"


def _sentence(facts: Mapping[str, Fact], fact_id: str) -> str:
    fact = facts.get(fact_id)
    return fact.claim.evidence.sentence if fact else fact_id


def _decided(decision: Decision) -> str:
    if not decision.relevant:
        return f"Event {decision.event}; stayed silent, {decision.reason}."
    how = {"alert": "told at once", "digest": "told in the next digest", "silent": "stayed silent"}
    return f"Event {decision.event}, about it; {how[decision.severity.value]}: {decision.reason}."


def _likely(line: TraceLine) -> str:
    return f"{line.probability * 100:>3.0f} %  {'news' if line.news else 'no news':<7}  " if line.probability else ""


def _known(fact: Fact) -> str:
    since = f"known at the start, {fact.source}" if not fact.story_id else f"{fact.source}, {fact.since:%Y-%m-%d %H:%M}"
    status = "" if fact.status is FactStatus.REPORTED else f"; {fact.status.value} by now"
    return f"“{fact.claim.evidence.sentence}” ({since}{status})"


# ---------------------------------------------------------------- JSON


def as_dict(story: Story, decision: Decision, facts: Mapping[str, Fact] = _NO_FACTS) -> dict[str, object]:
    """A decision for another program; with `facts`, what its claims were held against in words too."""
    return {
        "story": story.story_id,
        "published": story.published.isoformat(),
        "source": story.source,
        "title": story.title,
        "url": story.url,
        "language": story.language,
        "near_copy_of": story.near_copy_of or None,
        "event": decision.event,
        "revision": decision.revision,
        "relevant": decision.relevant,
        "decision": decision.severity.value,
        "topics": list(decision.topics),
        "reason": decision.reason,
        "developments": [_development(development, facts) for development in decision.developments],
        "trace": [_step(line, facts) for line in decision.trace],
        "repeats": list(decision.repeats),
    }


def _development(development: Development, facts: Mapping[str, Fact]) -> dict[str, object]:
    figure = development.figure
    return {
        "id": development.development_id,
        **told_as_dict(development),
        "figure": {
            "measure": figure.measure,
            "value": figure.value,
            "bound": figure.bound.value,
            "was": figure.was,
            "was_bound": figure.was_bound.value,
        }
        if figure
        else None,
        "against": _fact(development.against, facts),
        "known_before": development.known_before,
        "reason": development.reason,
    }


def _step(line: TraceLine, facts: Mapping[str, Fact]) -> dict[str, object]:
    return {
        "sentence": line.sentence,
        "likelihood": round(line.probability, 3) if line.probability else None,
        "news": line.news if line.probability else None,
        "claim": line.claim,
        "outcome": line.outcome,
        "against": _fact(line.against, facts),
        "reason": line.reason,
    }


def _fact(fact_id: str, facts: Mapping[str, Fact]) -> dict[str, object] | None:
    if not fact_id:
        return None
    fact = facts.get(fact_id)
    if fact is None:
        return {"id": fact_id}
    said = {"sentence": fact.claim.evidence.sentence, "source": fact.source, "since": fact.since.isoformat()}
    return {"id": fact_id, **said, "status": fact.status.value, "baseline": not fact.story_id}
