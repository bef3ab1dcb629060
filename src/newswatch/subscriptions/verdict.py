"""What asking a feed now says of it, beside what is remembered of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from newswatch.errors import FetchError, Postponed
from newswatch.feeds.health import HealthKind, ago, health, span
from newswatch.model import FeedState
from newswatch.subscriptions.probe import Answer

_MOST = 2
_LATER = "; it is tried again later"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a feed does at this moment.

    Attributes:
        kind: ``well``, ``quiet`` (no news, which is not unusual), ``stale`` (answers, though silent for too long) or
            ``broken`` and ``gone`` (no feed).
        sentence: what follows from what is remembered, and from what came.
        notes: what else is to be known of its address, its headers and how it was read.
    """

    kind: HealthKind
    sentence: str
    notes: tuple[str, ...]

    @property
    def broken(self) -> bool:
        """There is no feed to be had."""
        return self.kind in {HealthKind.BROKEN, HealthKind.GONE}


def verdict(state: FeedState, answer: Answer, now: datetime, *, crawl_delay: float | None = None) -> Verdict:
    """Judge an answer.

    Args:
        state: what is remembered of the feed; a new row when it was never polled.
        answer: to the request that was made just now.
        now: when.
        crawl_delay: seconds that the server's robots.txt wants between two requests, or None.
    """
    if isinstance(answer.error, Postponed):
        # Nothing was asked, so nothing is known but what is remembered.
        kept = health(state, now)
        return Verdict(kept.kind, f"{answer.error}. By what is remembered, it {kept.sentence}", ())
    if answer.feed is None:
        return _no_feed(state, answer, now)
    notes = tuple(_notes(answer, crawl_delay))
    if state.last_new is None and answer.newest is None and answer.feed.entries:
        return Verdict(HealthKind.WELL, "It answers; none of its entries says when it came.", notes)
    found = health(_answered(state, answer, now), now)
    return Verdict(found.kind, f"It {found.sentence}", notes)


def _answered(state: FeedState, answer: Answer, now: datetime) -> FeedState:
    """The row as a poll would leave it, for what health reads of it."""
    entries = answer.feed.entries if answer.feed else ()
    dated = min(answer.newest, now) if answer.newest else None
    newest = max((when for when in (state.last_new, dated) if when), default=now if entries else None)
    return replace(
        state,
        failures=0,
        failing_since=None,
        last_error="",
        last_status=200,
        last_polled=now,
        last_success=now,
        last_new=newest,
        items=len(entries),
        newest=dated,
    )


def _no_feed(state: FeedState, answer: Answer, now: datetime) -> Verdict:
    error = answer.error
    gone = isinstance(error, FetchError) and error.status == 410
    what = str(error).removesuffix(_LATER)
    if state.last_success is not None:
        history = f" Polling it last succeeded {ago(now - state.last_success)}"
        failures = f", and failed {state.failures} times since." if state.failures > 1 else "."
        history += failures if state.failures != 1 else ", and failed once since."
    elif state.failures:
        times = "once" if state.failures == 1 else f"{state.failures} times"
        history = f" Polling it has failed {times}, and never succeeded."
    else:
        history = ""
    instead = answer.page and not any(one.kind == "guess" for one in answer.page)
    hint = f" `newswatch feeds discover {answer.url}` looks for its feed." if instead else ""
    return Verdict(HealthKind.GONE if gone else HealthKind.BROKEN, f"{what}.{history}{hint}", ())


def _notes(answer: Answer, crawl_delay: float | None) -> Iterator[str]:
    fetched, feed = answer.fetched, answer.feed
    if fetched is None or feed is None:
        return
    if fetched.moved_to:
        yield f"has moved for good to {fetched.moved_to}; write that address into the configuration"
    elif fetched.url != answer.url:
        yield f"redirects to {fetched.url}, for the time being"
    if not fetched.etag and not fetched.last_modified:
        yield "sends neither ETag nor Last-Modified, so each poll costs its whole body"
    if fetched.max_age:
        yield f"asks to be left alone for {span(timedelta(seconds=fetched.max_age))} (Cache-Control)"
    if crawl_delay:
        yield f"is on a server that wants {crawl_delay:g} s between two requests (Crawl-delay in its robots.txt)"
    if feed.warnings:
        more = len(feed.warnings) - _MOST
        said = "; ".join(feed.warnings[:_MOST]) + (f"; and {more} more" if more > 0 else "")
        yield f"had to be read carefully: {said}"
