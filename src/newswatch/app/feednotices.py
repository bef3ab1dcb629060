"""The operator is told of feeds that are broken, gone or stale: once, many in one message; also when they recover."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from newswatch.alerting import notices
from newswatch.alerting.outages import Teller
from newswatch.app.reports import problems_log
from newswatch.feeds.health import Health, News, health, news
from newswatch.model import FeedNotice, FeedState, make_id
from newswatch.store import Store

GATHER = timedelta(minutes=15)
"""A network that breaks takes all feeds with it: after one message of feeds, what follows is told as one. But 410s."""
MOST = 25
"""So many feeds are named in one message; the others are counted."""


@dataclass(frozen=True, slots=True)
class _Change:
    feed_id: str
    url: str
    found: Health
    news: News


class FeedNotices:
    """Keeps what is to be told of feeds. Used from the one thread that writes; survives restarts in rows."""

    def __init__(self, store: Store, *, teller: Callable[[datetime], Teller | None], tell_after: int) -> None:
        self._store = store
        self._teller = teller
        self._tell_after = tell_after
        self._rows: dict[str, dict[str, datetime]] | None = None
        self._changes: dict[str, _Change] = {}
        self._unsaid = False

    @property
    def _standing(self) -> dict[str, dict[str, datetime]]:
        if self._rows is None:
            self._rows = {}
            for row in self._store.feed_notices():
                self._rows.setdefault(row.feed_id, {})[row.kind] = row.told
        return self._rows

    def saw(self, state: FeedState, now: datetime) -> None:
        """Note how a feed does after a poll; `check` tells what there is to tell of it.

        Raises:
            StoreError: what was told before cannot be read; the next poll notes it again.
        """
        found = health(state, now, tell_after=self._tell_after)
        change = news(found, self._standing.get(state.feed_id, {}))
        if change == News():
            self._changes.pop(state.feed_id, None)
        else:
            self._changes[state.feed_id] = _Change(state.feed_id, state.url, found, change)

    def check(self, now: datetime) -> tuple[str, ...]:
        """Put what there is to tell into the outbox, as one message.

        Returns:
            The channel over which it goes, if there is something to tell.

        Raises:
            StoreError: it was not written; it is told the next time.
        """
        changes = [one for one in self._changes.values() if self._is_time(one, now)]
        if not changes:
            return ()
        told = [one for one in changes if one.news.tell or one.news.recovered]
        to = self._teller(now) if told else None
        if told and to is None:
            if not self._unsaid:
                self._unsaid = True
                problems_log.error("%s", f"there is no channel to tell the operator over: {_summary(told[0])}")
            return ()
        with self._store.transaction() as tx:
            for one in changes:
                tx.end_feed_notices(one.feed_id, one.news.over)
                if one.news.tell:
                    tx.save_feed_notice(FeedNotice(one.feed_id, one.news.tell, now))
            if to is not None:
                alert, delivery = notices.notice(_lines(told, now), to.recipient, to.channel, now=now)
                tx.add_alert(alert)
                tx.add_deliveries([delivery])
        self._done(changes, now)
        if to is None:
            return ()
        for one in told:
            problems_log.warning("%s (%s is told so over %s)", _summary(one), to.recipient.id, to.channel)
        return (to.channel,)

    def _is_time(self, change: _Change, now: datetime) -> bool:
        if change.news.tell == "gone":
            return True
        last = max((told for kinds in self._standing.values() for told in kinds.values()), default=None)
        return last is None or now - last >= GATHER

    def _done(self, changes: list[_Change], now: datetime) -> None:
        self._unsaid = False
        for one in changes:
            self._changes.pop(one.feed_id, None)
            standing = self._standing.setdefault(one.feed_id, {})
            for kind in one.news.over:
                standing.pop(kind, None)
            if one.news.tell:
                standing[one.news.tell] = now
            if not standing:
                del self._standing[one.feed_id]


def _lines(told: list[_Change], now: datetime) -> list[notices.Line]:
    # What is broken comes before what works again.
    told = sorted(told, key=lambda one: (not one.news.tell, one.feed_id))
    lines = [_line(one, now) for one in told[:MOST]]
    if (more := len(told) - MOST) > 0:
        key = make_id("own", "feeds", str(more), now.isoformat())
        summary = f"The same is to be said of {more} more {'feed' if more == 1 else 'feeds'}."
        proof = "`newswatch feeds check` lists them."
        lines.append(notices.Line(key, f"{more} more feeds", summary, proof, "a feed's state"))
    return lines


def _line(one: _Change, now: datetime) -> notices.Line:
    what = _TITLES[one.news.tell]
    found = one.found
    polls = "once" if found.polls_today == 1 else f"{found.polls_today} times"
    proof = f"It is polled at {one.url}; today {polls}, of which {found.failures_today} failed."
    key = make_id("own", "feed", one.feed_id, what, now.isoformat())
    return notices.Line(key, f"feed {one.feed_id} {what}", _summary(one), proof, "a feed's state")


_TITLES: Mapping[str, str] = {
    "broken": "is broken",
    "gone": "is gone",
    "stale": "has nothing new",
    "": "works again",
}


def _summary(one: _Change) -> str:
    if one.news.tell == "stale" and one.news.recovered:
        return f"Feed {one.feed_id} works again. It {one.found.sentence}"
    if one.news.tell:
        return f"Feed {one.feed_id} {one.found.sentence}"
    return f"Feed {one.feed_id} works again."
