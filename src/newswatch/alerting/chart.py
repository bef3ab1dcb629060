"""A figure over time as a small picture. Pure: the same steps give the same bytes.

A number holds until another is told, so the line goes in steps and never between them. The picture has its own light
ground, since a mail program that is dark shows it as it is. It carries digits and signs only: what it is of stands
beside it in the recipient's language, and in its ``alt``. Twice as many pixels as it is shown with, for sharp screens.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import pairwise

from newswatch.model import Bound

WIDTH, HEIGHT = 350, 104
"""As it is shown, in CSS pixels: as wide as a telephone has room for beside the margins of an email."""
_SCALE = 2
_GROUND, _EDGE, _INK, _SOFT, _LINE = "#ffffff", "#e0dbd0", "#1d1b18", "#655f56", "#2f5f87"
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 64, 16, 30
# The font that Pillow brings has no signs for "at least" and "at most".
_SIGNS = {
    Bound.EXACT: "{}",
    Bound.ABOUT: "~{}",
    Bound.AT_LEAST: "{}+",
    Bound.ABOVE: ">{}",
    Bound.AT_MOST: "max {}",
    Bound.BELOW: "<{}",
}


@dataclass(frozen=True, slots=True)
class Step:
    """A number from a time on; ``at`` is in the recipient's zone."""

    at: datetime
    value: float
    bound: Bound = Bound.EXACT


@lru_cache(maxsize=64)
def drawn(steps: tuple[Step, ...]) -> bytes:
    """The picture as PNG.

    Args:
        steps: oldest first; the last one is where the line ends.
    """
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", (WIDTH * _SCALE, HEIGHT * _SCALE), _GROUND)
    draw = ImageDraw.Draw(image)
    font, small = ImageFont.load_default(15 * _SCALE), ImageFont.load_default(12 * _SCALE)
    draw.rectangle((0, 0, WIDTH * _SCALE - 1, HEIGHT * _SCALE - 1), outline=_EDGE, width=_SCALE)
    corners = _corners(steps)
    floor = (HEIGHT - _BOTTOM) * _SCALE + 5 * _SCALE
    draw.line((_LEFT * _SCALE, floor, (WIDTH - _RIGHT) * _SCALE, floor), fill=_EDGE, width=_SCALE)
    draw.line(corners, fill=_LINE, width=2 * _SCALE + 1)
    for x, y in (corners[0], corners[-1]):
        radius = 4 * _SCALE
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=_LINE)
    (x, y), (right, last) = corners[0], corners[-1]
    draw.text((x - 9 * _SCALE, y), number(steps[0]), fill=_SOFT, font=font, anchor="rm")
    draw.text((right + 9 * _SCALE, last), number(steps[-1]), fill=_INK, font=font, anchor="lm")
    base = (HEIGHT - 6) * _SCALE
    draw.text((_LEFT * _SCALE, base), _time(steps[0].at), fill=_SOFT, font=small, anchor="ms")
    draw.text(((WIDTH - _RIGHT) * _SCALE, base), _time(steps[-1].at), fill=_SOFT, font=small, anchor="ms")
    held = io.BytesIO()
    image.quantize(32).save(held, "PNG", optimize=True)
    return held.getvalue()


def corners(steps: Sequence[Step]) -> list[tuple[float, float]]:
    """The line as shares of a picture: across to each time at the number that held until then, then up or down.

    Returns:
        ``(across, up)``, each from 0 to 1; the first and the last are the first and the last step.
    """
    first, last = steps[0].at.timestamp(), steps[-1].at.timestamp()
    low, high = min(step.value for step in steps), max(step.value for step in steps)
    span, rise = max(last - first, 1.0), high - low

    def place(at: datetime, value: float) -> tuple[float, float]:
        return (at.timestamp() - first) / span, (value - low) / rise if rise else 0.5

    found = [place(steps[0].at, steps[0].value)]
    for before, step in pairwise(steps):
        found.append(place(step.at, before.value))
        if step.value != before.value:
            found.append(place(step.at, step.value))
    return found


def _corners(steps: Sequence[Step]) -> list[tuple[float, float]]:
    """The line in pixels."""
    width, height = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM
    return [((_LEFT + across * width) * _SCALE, (_TOP + (1 - up) * height) * _SCALE) for across, up in corners(steps)]


def number(step: Step) -> str:
    """A number with the sign of how it is hedged, in a few letters: ``>50``, ``12.5k``."""
    value = step.value
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= size:
            value, unit = value / (1000 if letter == "k" else size), letter
            return _SIGNS[step.bound].format(f"{value:.3g}{unit}")
    return _SIGNS[step.bound].format(f"{value:.4g}")


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
