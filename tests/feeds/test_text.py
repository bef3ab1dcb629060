"""Markup to plain text in time that grows with its length only."""

import time

import pytest

from newswatch.feeds.text import plain


@pytest.mark.parametrize("piece", ["<p ", "<b", "</", "<!--", "&lt", "<a href='"])
def test_markup_that_never_ends_is_read_in_bounded_time(piece: str) -> None:
    started = time.monotonic()
    assert plain("<b>One.</b> Two. " + piece * 100_000).startswith("One. Two.")
    assert time.monotonic() - started < 20


def test_what_is_left_at_the_end_is_read() -> None:
    assert plain("<b>One</b> &amp; 2 < 3 &lt") == "One & 2 < 3 <"
