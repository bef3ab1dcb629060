"""An archive of stories through the very decisions of the service: no network, no store; its clock is the stories'."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from newswatch.config.event import Event
from newswatch.errors import NewswatchError
from newswatch.judging import Judge
from newswatch.model import Decision, Development, Severity, Story

_DECISIONS = {Severity.ALERT: "alert", Severity.DIGEST: "digest", Severity.SILENT: "none"}


def read_stories(path: Path) -> tuple[Story, ...]:
    """Read an archive, oldest story first.

    Args:
        path: JSON Lines; each needs ``id`` and ``published``, and may have source, lang, url, title and text.

    Raises:
        NewswatchError: it cannot be read, or a line is no story; names the line and what it lacks.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except OSError as error:
        raise NewswatchError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise NewswatchError(f"{path}: is not UTF-8 text; save it as UTF-8") from error
    stories = [_story(line, f"{path}:{number}") for number, line in enumerate(lines, 1) if line.strip()]
    return tuple(sorted(stories, key=lambda story: (story.published, story.story_id)))


def _story(line: str, where: str) -> Story:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise NewswatchError(f"{where}: is not JSON ({error}); write one object a line") from error
    if not isinstance(value, dict) or not value.get("id") or not value.get("published"):
        raise NewswatchError(f'{where}: a story needs at least "id" and "published"')
    try:
        published = datetime.fromisoformat(str(value["published"]))
    except ValueError:
        raise NewswatchError(
            f'{where}: "published" {value["published"]!r} is not a time; write for example 2019-08-08T12:00:00Z'
        ) from None
    published = published.replace(tzinfo=UTC) if published.tzinfo is None else published.astimezone(UTC)

    def text(key: str) -> str:
        return str(value.get(key) or "")

    return Story(
        str(value["id"]), text("url"), text("title"), text("text"), text("source"), text("lang"), published, published
    )


def replay(event: Event, stories: Sequence[Story], *, assume_relevant: bool = False) -> Iterator[dict[str, object]]:
    """Judge stories in order, each against the baseline and all before it; gives what ``newswatch replay`` prints."""
    judge = Judge(event)
    start = event.baseline.as_of or (stories[0].published if stories else datetime.now(UTC))
    ledger = judge.ledger(judge.baseline(start))
    for story in stories:
        decision = judge.judge(story, ledger, now=story.published, assume_relevant=assume_relevant)
        ledger.add(decision.facts, decision.marks)
        yield _line(decision)


def _line(decision: Decision) -> dict[str, object]:
    return {
        "id": decision.story_id,
        "relevant": decision.relevant,
        "decision": _DECISIONS[decision.severity],
        "topics": list(decision.topics),
        "reason": decision.reason,
        "developments": [as_dict(development) for development in decision.developments],
    }


def as_dict(development: Development) -> dict[str, object]:
    """A development for another program."""
    figure = development.figure
    return {
        "kind": development.kind,
        "outcome": development.outcome.value,
        "summary": development.summary,
        "topic": development.topic,
        "severity": development.severity.value,
        "evidence": list(development.evidence),
        "figure": {"measure": figure.measure, "value": figure.value, "was": figure.was} if figure else None,
        "speaker": development.speaker or None,
        "against": development.against or None,
    }
