"""A figure over time as SVG inside a page: the numbers are the digest's, the colours the page's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from newswatch.alerting.chart import Step, corners, number
from newswatch.model import FigureTrack

WIDTH, HEIGHT = 320, 96
MOST_POINTS = 40
"""The newest so many are drawn, and stand in the table."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 8, 52, 12, 10


@dataclass(frozen=True, slots=True)
class Row:
    """A number from a time on, and who says so."""

    at: datetime
    text: str
    source: str
    story_id: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure of an event.

    Attributes:
        label: what is counted.
        path: the line, as SVG's path data; empty for a single number.
        last: where the line ends, across and down.
        now: the newest number.
        rows: every number, newest first: the table that says the same.
    """

    label: str
    path: str
    last: tuple[float, float]
    now: str
    rows: tuple[Row, ...]
    width: int = WIDTH
    height: int = HEIGHT


def chart(track: FigureTrack) -> Chart:
    """A track as a chart; ``url`` of its points is the id of a story."""
    points = track.points[-MOST_POINTS:]
    steps = [Step(point.at, point.value, point.bound) for point in points]
    places = [
        (
            round(_LEFT + across * (WIDTH - _LEFT - _RIGHT), 1),
            round(_TOP + (1 - up) * (HEIGHT - _TOP - _BOTTOM), 1),
        )
        for across, up in corners(steps)
    ]
    path = "M" + " L".join(f"{x:g} {y:g}" for x, y in places) if len(steps) > 1 else ""
    rows = [Row(point.at, number(step), point.said_by, point.url) for point, step in zip(points, steps, strict=True)]
    return Chart(track.label, path, places[-1], rows[-1].text, tuple(reversed(rows)))
