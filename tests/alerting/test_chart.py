"""A figure over time as a picture: steps, never slopes; the same bytes every time; any number has room."""

import io
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from PIL import Image

from newswatch.alerting.chart import HEIGHT, WIDTH, Step, _corners, drawn
from newswatch.model import Bound

START = datetime(2031, 3, 1, tzinfo=UTC)
RISE = (Step(START, 50, Bound.ABOVE), Step(START + timedelta(hours=20), 98), Step(START + timedelta(hours=24), 98))


def test_the_picture_is_twice_as_sharp_as_it_is_shown_and_small() -> None:
    with Image.open(io.BytesIO(drawn(RISE))) as image:
        assert image.size == (2 * WIDTH, 2 * HEIGHT)
    assert len(drawn(RISE)) < 10_000
    drawn.cache_clear()
    again = drawn(RISE)
    drawn.cache_clear()
    assert drawn(RISE) == again


def test_the_line_goes_in_steps() -> None:
    corners = _corners(RISE)
    assert all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(corners))
    assert corners[-1][1] < corners[0][1], "more is higher"


@pytest.mark.parametrize("value", [0, 1, -3, 0.5, 12_345, 999_999, 1_234_567, 8e9, 1e300])
@pytest.mark.parametrize("bound", Bound)
def test_any_number_is_drawn(value: float, bound: Bound) -> None:
    steps = (Step(START, 0, bound), Step(START, value, bound), Step(START, value, bound))
    assert drawn(steps).startswith(b"\x89PNG")
