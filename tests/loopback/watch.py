"""A judge with its ledger, fed story by story: what the tests of the judgement talk to."""

from datetime import UTC, datetime
from pathlib import Path

from loopback.world import EVENT
from newswatch.config.event import Event
from newswatch.config.load import load_event
from newswatch.detect.ledger import Ledger
from newswatch.judging import Judge
from newswatch.model import Decision, Story

NOW = datetime(2031, 3, 2, 12, tzinfo=UTC)
WITHOUT_TOPICS = EVENT.partition("topics:")[0]


def load(folder: Path, text: str = EVENT) -> Event:
    """An event as its file would give it."""
    path = folder / "velmora.yaml"
    path.write_text(text, encoding="utf-8")
    return load_event(path)


class Watch:
    """Judges what it is told, and remembers it as the service would."""

    def __init__(self, event: Event) -> None:
        self.judge = Judge(event)
        self.ledger: Ledger = self.judge.ledger(self.judge.baseline(NOW))
        self.count = 0

    def told(
        self,
        text: str,
        language: str = "en",
        title: str = "Velmora",
        at: datetime = NOW,
        *,
        source: str = "Wire",
        copy_of: str = "",
    ) -> Decision:
        """Judge a new story."""
        self.count += 1
        story = Story(f"s{self.count}", "", title, text, source, language, at, at, near_copy_of=copy_of)
        return self._judged(story, None)

    def edited(self, before: str, after: str, language: str = "en") -> Decision:
        """Judge a story that was told with other words."""
        self.count += 1
        first, second = (
            Story(f"s{self.count}", "", "Velmora", text, "Wire", language, NOW, NOW, revision)
            for revision, text in enumerate((before, after), 1)
        )
        self._judged(first, None)
        return self._judged(second, first)

    def _judged(self, story: Story, previous: Story | None) -> Decision:
        decision = self.judge.judge(story, self.ledger, now=story.published, previous=previous)
        self.ledger.add(decision.facts, decision.marks)
        return decision
