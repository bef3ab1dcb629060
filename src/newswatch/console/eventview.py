"""An event's page: its timeline, the ledger beside it, its figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from newswatch.app.digesting import drawn_from
from newswatch.config.event import Event
from newswatch.console.charts import Chart, chart
from newswatch.console.timeline import Line, by_day, lines
from newswatch.detect.corrections import standing
from newswatch.model import Action, Fact, FactStatus, FigureTrack
from newswatch.store import Pages, Wanted

PAGE = 25
LEDGER = 12
MOST_CHARTS = 8


@dataclass(frozen=True, slots=True)
class Known:
    """A fact beside the timeline."""

    fact: Fact
    at: datetime
    why: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class LedgerView:
    """What is held as known of an event: the newest of each kind."""

    known: tuple[Known, ...]
    disputed: tuple[Known, ...]
    corrected: tuple[Known, ...]
    baseline: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class EventPage:
    """A page of an event's timeline.

    Attributes:
        wanted: the filter in force.
        days: days with their lines, newest first.
        older: the cursor of the next page, or None.
        newest: up to which number a reader has seen, for what comes live.
        topics, languages: what can be filtered by.
    """

    event: Event
    wanted: Wanted
    days: tuple[tuple[datetime, tuple[Line, ...]], ...]
    older: int | None
    newest: int
    topics: tuple[tuple[str, str], ...]
    languages: tuple[str, ...]
    ledger: LedgerView
    charts: tuple[Chart, ...]
    first: bool


class Figures:
    """Charts of each event, drawn again only when its ledger has changed."""

    def __init__(self) -> None:
        self._drawn: dict[str, tuple[object, tuple[Chart, ...]]] = {}

    def of(self, pages: Pages, event: Event, now: datetime) -> tuple[Chart, ...]:
        """The figures that changed since the start, those that changed last before."""
        stamp = pages.ledger_stamp(event.event)
        kept = self._drawn.get(event.event)
        if kept is None or kept[0] != stamp:
            kept = self._drawn[event.event] = stamp, tuple(chart(track) for track in self._tracks(pages, event, now))
        return kept[1]

    @staticmethod
    def _tracks(pages: Pages, event: Event, now: datetime) -> list[FigureTrack]:
        facts = pages.figures(event.event)
        stands = standing(facts, pages.marks(event.event), pages.corrections(event.event))
        found = [track for track in drawn_from(facts, stands, event, now) if not track.points[-1].baseline]
        return sorted(found, key=lambda track: track.points[-1].at, reverse=True)[:MOST_CHARTS]


def event_page(
    pages: Pages, event: Event, wanted: Wanted, *, before: int | None, figures: Figures, now: datetime, zone: tzinfo
) -> EventPage:
    """An event's page.

    Args:
        pages: the store.
        event: the event.
        wanted: the filter.
        before: the cursor of a later page, or None for the first.
        figures: the charts.
        now: the time it is.
        zone: the time zone whose days part the timeline.
    """
    newest = pages.newest()
    found = pages.developments(event.event, wanted=wanted, before=before, limit=PAGE + 1)
    shown = lines(pages, found[:PAGE], {event.event: event})
    return EventPage(
        event=event,
        wanted=wanted,
        days=by_day(shown, zone),
        older=shown[-1].seq if len(found) > PAGE else None,
        newest=newest,
        topics=tuple((topic.id, topic.title or topic.id) for topic in event.topics),
        languages=tuple(dict.fromkeys((*pages.languages(event.event), *filter(None, [wanted.language])))),
        ledger=ledger(pages, event.event),
        charts=figures.of(pages, event, now),
        first=before is None,
    )


def ledger(pages: Pages, event: str) -> LedgerView:
    """The newest of what is known, disputed and corrected, as stories and people have it."""
    marks = {mark.fact_id: mark for mark in pages.newest_marks(event)}
    corrections = pages.corrections(event)
    said = {one.fact_id: one for one in corrections}
    told = pages.told_facts(event, LEDGER * 5)
    named = pages.facts_by_id(event, [*marks, *said])
    stands = standing([*named.values(), *told], tuple(marks.values()), corrections)

    def with_status(status: FactStatus) -> tuple[Known, ...]:
        found = []
        for fact_id, fact in named.items():
            if stands.get(fact_id) is not status:
                continue
            person, mark = said.get(fact_id), marks.get(fact_id)
            if person is not None and person.action is not Action.UNDO:
                found.append(Known(fact, person.made, person.note, person.made_by))
            elif mark is not None:
                found.append(Known(fact, mark.made, mark.reason, mark.source))
        return tuple(sorted(found, key=lambda one: one.at, reverse=True)[:LEDGER])

    held = {FactStatus.REPORTED, FactStatus.CONFIRMED}
    by_sentence = {fact.claim.evidence.sentence: fact for fact in reversed(told) if stands.get(fact.fact_id) in held}
    known = sorted(by_sentence.values(), key=lambda fact: fact.since, reverse=True)[:LEDGER]
    return LedgerView(
        known=tuple(Known(fact, fact.since) for fact in known),
        disputed=with_status(FactStatus.DISPUTED),
        corrected=with_status(FactStatus.RETRACTED),
        baseline=tuple({fact.claim.evidence.sentence: fact for fact in pages.baseline(event)}.values()),
    )
