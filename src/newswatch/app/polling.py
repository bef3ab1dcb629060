"""One poll of one feed: what it brought is decided and recorded in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit, urlunsplit

from newswatch.alerting import policy
from newswatch.alerting.routes import Routing
from newswatch.app import trail
from newswatch.app.feednotices import FeedNotices
from newswatch.app.reports import FeedProblem, Judged, PollReport, problems_log
from newswatch.app.watch import Watch, decide
from newswatch.config.settings import Feed, Recipient, Settings
from newswatch.detect import stories
from newswatch.errors import FetchError, NewswatchError, Postponed
from newswatch.feeds import schedule
from newswatch.model import Decision, Entry, FeedState, Fetched, HostState, Origin, ParsedFeed, Story
from newswatch.store import Store, Transaction

Checkpoint = Callable[[str], None]

FULL_ENOUGH = 1_000
"""Characters of a feed's text from which ``full_text: auto`` takes it for the article."""
MOST_PAGES = 20
"""Pages read in one poll of a feed, the newest; a feed's first poll may hold a hundred that are old news."""


@dataclass(frozen=True, slots=True)
class Poll:
    """A feed that is due, with what is remembered of it."""

    feed_id: str
    feed: Feed
    state: FeedState
    pace: schedule.Pace


class Recorder:
    """Decides and records what a poll brought. Used from the one thread that writes."""

    def __init__(
        self,
        settings: Settings,
        recipients: tuple[Recipient, ...],
        watch: Watch,
        store: Store,
        checkpoint: Checkpoint,
        notices: FeedNotices,
    ) -> None:
        self._notices = notices
        self._settings = settings
        self._recipients = recipients
        self._watch = watch
        self._store = store
        self._checkpoint = checkpoint

    def failed(self, poll: Poll, error: NewswatchError, now: datetime) -> PollReport:
        """Remember the failure and when to try again; a feed is never dropped.

        Raises:
            StoreError: the store did not take it.
        """
        fetch_error = error if isinstance(error, FetchError) else FetchError(str(error))
        state = schedule.after_failure(
            poll.state, fetch_error, now=now, interval=poll.pace.start, polling=self._settings.polling
        )
        with self._store.transaction() as tx:
            tx.save_feed(state)
        self._notices.saw(state, now)
        problems_log.warning(
            "feed %s failed (%s in a row): %s",
            poll.feed_id,
            state.failures,
            error,
            extra=trail.fields(feed=poll.feed_id),
        )
        return PollReport(polled=1, failed=1, problems=[FeedProblem(poll.feed_id, str(error))])

    def postponed(self, poll: Poll, error: Postponed) -> PollReport:
        """The feed's server is not to be asked yet: it is due when that is over, and nothing else is said of it.

        Raises:
            StoreError: the store did not take it.
        """
        with self._store.transaction() as tx:
            tx.save_feed(replace(poll.state, next_due=error.until))
        return PollReport(warnings=[FeedProblem(poll.feed_id, str(error))] if error.asked_for else [])

    def asked_by(self, hosts: Iterable[HostState]) -> None:
        """Keep what servers asked of us.

        Raises:
            StoreError: the store did not take it.
        """
        with self._store.transaction() as tx:
            for host in hosts:
                tx.save_host(host)

    def unchanged(self, poll: Poll, fetched: Fetched, now: datetime) -> PollReport:
        """Nothing new: only the feed's row changes.

        Raises:
            StoreError: the store did not take it.
        """
        state = schedule.after_success(poll.state, fetched, now=now, pace=poll.pace)
        with self._store.transaction() as tx:
            tx.save_feed(state)
        self._notices.saw(state, now)
        return PollReport(polled=1, unchanged=1)

    def fresh(self, poll: Poll, fetched: Fetched, parsed: ParsedFeed, now: datetime) -> PollReport:
        """Take in a feed's entries: new stories, decisions, and what is to be told to whom, all or nothing.

        Raises:
            StoreError: the store did not take it; nothing of this poll was kept, and the next poll sees it all again.
        """
        report = PollReport(polled=1, fresh=1)
        report.warnings += [FeedProblem(poll.feed_id, warning) for warning in parsed.warnings]
        self._watch.load(self._store, now)
        committed = False
        try:
            with self._store.transaction() as tx:
                known = tx.known_entries(poll.feed_id, [entry.entry_id for entry in parsed.entries])
                for entry in _oldest_first(parsed.entries):
                    seen = known.get(entry.entry_id)
                    if seen is None or seen.fingerprint != entry.fingerprint:
                        report.entries += 1
                        by_entry = tx.story(seen.story_id) if seen else None
                        self._take(tx, poll, entry, parsed.title, by_entry, now, report)
                brought = _brought(parsed, new=sum(one.entry_id not in known for one in parsed.entries))
                state = schedule.after_success(poll.state, fetched, now=now, pace=poll.pace, brought=brought)
                tx.save_feed(state)
                self._checkpoint("before-commit")
            committed = True
        finally:
            if not committed:
                self._watch.forget_ledgers()
        self._checkpoint("after-commit")
        trail.judged(report.judged)
        self._notices.saw(state, now)
        return report

    def to_be_read(self, poll: Poll, parsed: ParsedFeed) -> tuple[Entry, ...]:
        """The entries whose pages are to be read: unseen or edited, about an event, and short where that matters.

        Raises:
            StoreError: the store cannot be read.
        """
        wanted = poll.feed.full_text or self._settings.polling.full_text
        if wanted == "never":
            return ()
        watched = self._watch.of_feed(poll.feed.events)
        short = [e for e in parsed.entries if e.link and (wanted == "always" or len(e.summary) < FULL_ENOUGH)]
        about = [e for e in short if any(one.judge.about(e.title, e.summary) for one in watched)]
        if not about:
            return ()
        known = self._store.known_entries(poll.feed_id, [entry.entry_id for entry in about])
        new = [e for e in about if e.entry_id not in known or known[e.entry_id].fingerprint != e.fingerprint]
        return tuple(_oldest_first(tuple(new))[-MOST_PAGES:])

    def _take(
        self,
        tx: Transaction,
        poll: Poll,
        entry: Entry,
        feed_title: str,
        by_entry: Story | None,
        now: datetime,
        report: PollReport,
    ) -> None:
        """One unseen or edited entry: which story is it, and does that story say anything new?"""
        source = entry.source or poll.feed.title or feed_title or poll.feed_id
        by_url = tx.story_by_url(stories.canonical_url(entry.link)) if entry.link else None
        shape = stories.shape(entry.title, entry.summary)
        assigned = stories.assign(
            entry,
            source=source,
            language=poll.feed.language or entry.language,
            now=now,
            by_url=by_url,
            by_entry=by_entry,
            near=tx.near(shape.bands),
        )
        story = assigned.story
        previous = by_entry or by_url
        changed = previous is None or (story.title, story.text) != (previous.title, previous.text)
        if changed:
            tx.save_story(story, signature=assigned.shape.signature, bands=assigned.shape.bands)
        tx.save_entry(entry, story.story_id, now, source=source)
        if changed:
            report.new += previous is None
            report.edited += previous is not None
            self._judge(tx, poll, story, previous, address(story.url, entry.link), now, report)

    def _judge(
        self,
        tx: Transaction,
        poll: Poll,
        story: Story,
        previous: Story | None,
        link: str,
        now: datetime,
        report: PollReport,
    ) -> None:
        about = told = False
        for watched in self._watch.of_feed(poll.feed.events):
            decision = decide(watched, story, now=now, previous=previous, max_age=self._settings.polling.max_age)
            tx.save_decision(decision, now)
            if decision.repeats:
                tx.add_origins(_origins(decision, story, _original(tx, story), now))
            if watched.ledger is not None:
                tx.add_facts(decision.facts)
                watched.ledger.add(decision.facts, decision.marks)
            about |= decision.relevant
            if not decision.developments:
                report.judged.append(_judged(poll, decision, previous))
                continue
            told = True
            routing = policy.route(
                decision,
                replace(story, url=link),
                event=watched.event,
                recipients=self._recipients,
                now=now,
                mutes=tx.mutes(now),
                other_sources=tx.carriers(story.story_id),
            )
            tx.add_pending(routing.pending)
            tx.hold(routing.held)
            report.pending += len(routing.pending)
            report.held += len(routing.held)
            report.judged.append(_judged(poll, decision, previous, routing))
        report.about += about
        report.told += told


def _judged(poll: Poll, decision: Decision, previous: Story | None, routing: Routing | None = None) -> Judged:
    at_once = () if routing is None else tuple(dict.fromkeys(one.recipient for one in routing.pending))
    later = () if routing is None else tuple(dict.fromkeys(one.recipient for one in routing.held))
    return Judged(
        feed_id=poll.feed_id,
        story_id=decision.story_id,
        event=decision.event,
        edited=previous is not None,
        relevant=decision.relevant,
        severity=decision.severity.value,
        reason=decision.reason,
        developments=tuple(
            (one.development_id, one.outcome.value, one.severity.value) for one in decision.developments
        ),
        at_once=at_once,
        later=later,
    )


def _brought(parsed: ParsedFeed, *, new: int) -> schedule.Brought:
    dates = [entry.published for entry in parsed.entries if entry.published is not None]
    return schedule.Brought(new, len(parsed.entries), max(dates, default=None), min(dates, default=None))


def _original(tx: Transaction, story: Story) -> str:
    """Whose words a story holds: its publisher's, or of a near copy the original's."""
    original = tx.story(story.near_copy_of) if story.near_copy_of else None
    return (original or story).source


def _origins(decision: Decision, story: Story, origin: str, now: datetime) -> list[Origin]:
    event, source, story_id = decision.event, story.source, story.story_id
    return [Origin(event, fact_id, source, origin, story_id, now) for fact_id in decision.repeats]


def address(url: str, link: str) -> str:
    """Where a reader finds a story: its canonical URL, with scheme, host and closing slash as the feed writes them.

    A canonical URL is a key, and not every site answers over https or without ``www.``. Where the feed's link leads
    elsewhere (an aggregator's, or to a copy for telephones), the canonical URL is all there is.

    Args:
        url: the story's canonical URL, or empty.
        link: the entry's link, as the feed writes it.
    """
    try:
        key, written = urlsplit(url), urlsplit(link)
        same = bool(key.hostname) and (written.hostname or "").removeprefix("www.") == key.hostname
    except ValueError:
        return url
    if not same or written.scheme not in {"http", "https"} or written.path.rstrip("/") != key.path.rstrip("/"):
        return url
    return urlunsplit((written.scheme, written.netloc.rpartition("@")[2], written.path, key.query, key.fragment))


def _oldest_first(entries: tuple[Entry, ...]) -> list[Entry]:
    """By publication; entries without a date keep the feed's order, which is newest first by custom."""
    dated = [e for e in entries if e.published is not None]
    undated = [e for e in reversed(entries) if e.published is None]
    return sorted(dated, key=lambda e: (e.published, e.entry_id)) + undated


def remembered(state: FeedState | None, feed_id: str, url: str) -> FeedState:
    """The feed's row; a new one when the feed is new, or when the user changed its address: it is due at once."""
    if state is None or (state.configured_url or state.url) != url:
        return FeedState(feed_id, url, configured_url=url)
    return state
