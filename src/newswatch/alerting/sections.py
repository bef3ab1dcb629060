"""What a digest says beside its developments: sums of stories, figures over time, sources that fail. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from newswatch.alerting.chart import Step
from newswatch.alerting.plain import direction, moment, plain, safe_link
from newswatch.alerting.wording import ENGLISH, Words
from newswatch.model import Alert, FailedFeed, FigurePoint, FigureTrack

MOST_NUMBERS = 5
"""Of a figure in a line of text; more of them are a chart's."""
MOST_CHARTS = 6
"""Beyond this a digest is longer with charts, and no clearer; the table says it."""


@dataclass(frozen=True, slots=True)
class FigureView:
    """One figure of a digest's table.

    Attributes:
        label: the measure.
        path: the numbers from when the period began to its end, the newest few: ``more than 50 → about 80 → 98``.
        was: the number when the period began, or the word for none.
        now: the number at its end.
        source, when: who says so, and since when; ``link`` where, or empty.
        chart: name of its picture (``cid``), or empty.
        alt: the picture in words, with all its numbers.
        steps: what the picture shows.
    """

    label: str
    dir: str
    path: str
    was: str
    now: str
    source: str
    when: str
    link: str
    chart: str
    alt: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class EventFigures:
    """The figures of one event."""

    title: str
    dir: str
    rows: tuple[FigureView, ...]


@dataclass(frozen=True, slots=True)
class FailedView:
    """A source that failed: its title, since when or when in words, and what is wrong, or empty."""

    title: str
    dir: str
    since: str
    error: str


@dataclass(frozen=True, slots=True)
class BesideView:
    """What a digest says beside its news, as lines of text for services that take no tables and no pictures.

    Attributes:
        title: ``Corrected``, ``Figures`` with the event's title, ``Sources that failed``.
        lines: one a correction, figure or source.
        kind: ``corrected``, ``figures`` or ``sources``; `fit` names what it leaves out by it.
        more: how many lines were left out where the room is small, in words, or empty.
    """

    title: str
    lines: tuple[str, ...]
    kind: str
    more: str = ""


def beside(
    corrected: Sequence[str], figures: Sequence[EventFigures], failed: Sequence[FailedView], spoken: Words
) -> tuple[BesideView, ...]:
    """What a digest says beside its news; only what there is.

    Args:
        corrected: what was corrected or contradicted and was told at once, a line each.
        figures: the figures that changed.
        failed: the sources that failed.
        spoken: the words of the recipient's language.
    """
    phrases = spoken.phrases
    parts = [BesideView(phrases["corrected"], tuple(corrected), "corrected")]
    parts += [
        BesideView(
            f"{phrases['figures']}: {event.title}",
            tuple(f"{row.label}: {row.path}" + (f" ({row.source})" if row.source else "") for row in event.rows),
            "figures",
        )
        for event in figures
    ]
    parts.append(BesideView(phrases["sources_failed"], tuple(f"{one.title}: {one.since}" for one in failed), "sources"))
    return tuple(part for part in parts if part.lines)


def sums(counts: tuple[tuple[str, int], ...], spoken: Words) -> tuple[str, ...]:
    """``20 stories seen = 8 about an event + 12 about none`` and ``8 about an event = 3 told + 5 silent + 0 failed``.

    Empty where the counts are not those that add up.
    """
    known = dict(counts)
    if not {"seen", "not about", "about", "told", "silent", "failed"} <= known.keys():
        return ()

    def words(label: str) -> str:
        return f"{known[label]} {plain(spoken.count(label, known[label]))}"

    parts = ["told", *(["waiting"] if known.get("waiting") else []), "silent", "failed"]
    return (
        f"{words('seen')} = {words('about')} + {words('not about')}",
        f"{words('about')} = {' + '.join(map(words, parts))}",
    )


def event_figures(alert: Alert, zone: ZoneInfo, spoken: Words, delivery_id: str) -> tuple[EventFigures, ...]:
    """The figures of a digest, by event."""
    if alert.period is None:
        return ()
    by_event: dict[str, list[FigureView]] = {}
    for number, track in enumerate(alert.figures):
        chart = f"{delivery_id}.figure{number + 1}@newswatch" if number < MOST_CHARTS and len(track.points) > 1 else ""
        row = _figure(track, alert.period, zone, spoken, chart)
        by_event.setdefault(plain(track.event_title or track.event), []).append(row)
    return tuple(EventFigures(title, direction(title), tuple(rows)) for title, rows in by_event.items())


def _figure(
    track: FigureTrack, period: tuple[datetime, datetime], zone: ZoneInfo, spoken: Words, chart: str
) -> FigureView:
    start, until = period
    before = [point for point in track.points if point.at <= start or point.baseline]
    last = track.points[-1]
    label = plain(track.label)
    was = _number(before[-1], spoken) if before else spoken.phrases["figure_none"]
    since = [_number(point, spoken) for point in track.points[len(before) :]]
    told = ", ".join(f"{_number(point, spoken)} ({moment(point.at, zone, spoken)})" for point in track.points[-8:])
    return FigureView(
        label=label,
        dir=direction(label),
        path=" → ".join((was, *since[-MOST_NUMBERS:])),
        was=was,
        now=_number(last, spoken),
        source=plain(last.said_by),
        when=moment(last.at, zone, spoken),
        link=safe_link(last.url),
        chart=chart,
        alt=f"{label}: {told}",
        steps=_steps(track, until, zone),
    )


def _steps(track: FigureTrack, until: datetime, zone: ZoneInfo) -> tuple[Step, ...]:
    steps = [Step(point.at.astimezone(zone), point.value, point.bound) for point in track.points]
    last = track.points[-1]
    return (*steps, Step(max(until, last.at).astimezone(zone), last.value, last.bound))


def _number(point: FigurePoint, spoken: Words) -> str:
    return f"{spoken.bounds[point.bound.value]}{spoken.number(point.value)}"


def failed_feeds(alert: Alert, zone: ZoneInfo, spoken: Words) -> tuple[FailedView, ...]:
    """The sources that failed, in words; what exactly was wrong is said in English only, as logs say it."""
    return tuple(
        FailedView(
            plain(feed.title),
            direction(feed.title),
            _since(feed, zone, spoken),
            plain(feed.error) if spoken.language == ENGLISH else "",
        )
        for feed in alert.failed_feeds
    )


def _since(feed: FailedFeed, zone: ZoneInfo, spoken: Words) -> str:
    if feed.again is not None:
        return spoken.phrases["failed_again"].format(at=moment(feed.again, zone, spoken))
    if feed.since is None:
        return spoken.phrases["failed_ever"]
    return spoken.phrases["failed_since"].format(since=moment(feed.since, zone, spoken))
