"""What polls brought is decided and recorded: of each feed all or nothing, of several feeds in one transaction."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit, urlunsplit

from newswatch.alerting import policy
from newswatch.alerting.routes import Routing
from newswatch.app import trail
from newswatch.app.feednotices import FeedNotices
from newswatch.app.reports import FeedProblem, Judged, PollReport, problems_log
from newswatch.app.seen import Seen, fresh, oldest_first
from newswatch.app.watch import Watch, decide
from newswatch.config.settings import Feed, Recipient, Settings
from newswatch.detect import stories
from newswatch.errors import FetchError, NewswatchError, Postponed, StoreError
from newswatch.feeds import schedule
from newswatch.model import Decision, Entry, FeedState, Fetched, HostState, Origin, Story
from newswatch.preparing import Prepared, PreparedFeed
from newswatch.store import Store, Transaction

log = logging.getLogger(__name__)
Checkpoint = Callable[[str], None]

SECONDS = 0.5
"""After these, a transaction takes no further feed: deliveries, and readers, want the store too."""
PATIENCE = 2
"""A store that refuses so often is not asked for every other feed: it may let each wait for half a minute."""
NO_SHAPE = stories.Shape(b"", ())
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


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of asking one feed.

    Attributes:
        poll: the feed.
        now: when it was asked.
        fetched: the answer; None when there was none, or none that could be read.
        feed: what its body holds; None when it is known already (304, or the same bytes).
        error: why there is none.
    """

    poll: Poll
    now: datetime
    fetched: Fetched | None = None
    feed: PreparedFeed | None = None
    error: NewswatchError | None = None

    @property
    def weight(self) -> int:
        """About how many rows it brings."""
        return 1 + (len(self.feed.entries) if self.feed else 0)


class Recorder:
    """Decides and records what polls brought. Used from the one thread that writes."""

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

    def ready(self, now: datetime) -> None:
        """Load what judging needs.

        Raises:
            StoreError: the store cannot be read or written.
        """
        self._watch.load(self._store, now)

    def asked_by(self, hosts: Iterable[HostState]) -> None:
        """Keep what servers asked of us.

        Raises:
            StoreError: the store did not take it.
        """
        with self._store.transaction() as tx:
            for host in hosts:
                tx.save_host(host)

    def events(self, feed: Feed) -> tuple[str, ...]:
        """Ids of the events a feed is read for; safe in any thread."""
        return tuple(watched.event.event for watched in self._watch.of_feed(feed.events))

    def record(self, outcomes: Sequence[Outcome]) -> list[PollReport | Exception]:
        """Write down what came of several feeds, together if that works, else one by one.

        Together is one transaction, all or nothing: a commit waits for the disk. Where it fails, the fault may be one
        feed's alone, so each has a transaction of its own then. A store that refuses twice is not asked again.

        Args:
            outcomes: in the order in which they came.

        Returns:
            For the first so many of them, at least one, what was written, or why nothing was. The others are to be
            given again: those together took long enough.
        """
        try:
            return [*self._together(outcomes)]
        except Exception as error:  # noqa: BLE001 - it may be one feed's, which is found by recording each alone
            if len(outcomes) == 1:
                return [error]
            log.warning("%s feeds could not be recorded together (%s); each is recorded alone", len(outcomes), error)
        results: list[PollReport | Exception] = []
        refusals = 0
        for outcome in outcomes:
            try:
                results += self._together([outcome])
            except Exception as error:  # noqa: BLE001 - it is its feed's result
                results.append(error)
                refusals += isinstance(error, StoreError)
                if refusals == PATIENCE:
                    results += [error] * (len(outcomes) - len(results))
                    break
        return results

    def _together(self, outcomes: Sequence[Outcome]) -> list[PollReport]:
        """One transaction for the first of the outcomes, as many as half a second's work.

        Raises:
            StoreError: the store did not take it; nothing was kept, and the next poll sees it all again.
        """
        until = time.monotonic() + SECONDS
        if any(outcome.feed for outcome in outcomes):
            self._watch.load(self._store, outcomes[0].now)
        reports: list[PollReport] = []
        states: list[FeedState] = []
        committed = False
        try:
            with self._store.transaction() as tx:
                seen = Seen(tx, [(o.poll.feed_id, o.feed) for o in outcomes if o.feed])
                for outcome in outcomes:
                    report, state = self._one(tx, seen, outcome)
                    tx.save_feed(state)
                    reports.append(report)
                    states.append(state)
                    if time.monotonic() > until:
                        break
                self._checkpoint("before-commit")
            committed = True
        finally:
            if not committed:
                self._watch.forget_ledgers()
        self._checkpoint("after-commit")
        for outcome, report, state in zip(outcomes, reports, states, strict=False):
            if report.polled:
                with suppress(StoreError):  # all is recorded; the next poll notes it again
                    self._notices.saw(state, outcome.now)
            for problem in report.problems:
                problems_log.warning(
                    "feed %s failed (%s in a row): %s", outcome.poll.feed_id, state.failures, problem.message,
                    extra=trail.fields(feed=outcome.poll.feed_id),
                )  # fmt: skip
            trail.judged(report.judged)
        return reports

    def _one(self, tx: Transaction, seen: Seen, outcome: Outcome) -> tuple[PollReport, FeedState]:
        """What a feed brought is taken in; its row is still to be written."""
        poll, now = outcome.poll, outcome.now
        if isinstance(outcome.error, Postponed):
            # Its server is not to be asked yet: it is due when that is over, and nothing else is said of it.
            said = [FeedProblem(poll.feed_id, str(outcome.error))] if outcome.error.asked_for else []
            return PollReport(warnings=said), replace(poll.state, next_due=outcome.error.until)
        if outcome.fetched is None or outcome.error is not None:
            error = outcome.error or FetchError(f"{poll.state.url} gave no answer")
            report = PollReport(polled=1, failed=1, problems=[FeedProblem(poll.feed_id, str(error))])
            return report, self._failed(poll, error, now)
        if outcome.feed is None:
            state = schedule.after_success(poll.state, outcome.fetched, now=now, pace=poll.pace)
            return PollReport(polled=1, unchanged=1), state
        report = PollReport(polled=1, fresh=1)
        report.warnings += [FeedProblem(poll.feed_id, warning) for warning in outcome.feed.warnings]
        for prepared in seen.unseen(poll.feed_id, outcome.feed):
            report.entries += 1
            self._take(tx, seen, outcome, prepared, outcome.feed.title, report)
        brought = _brought(outcome.feed, new=seen.new(poll.feed_id, outcome.feed))
        return report, schedule.after_success(poll.state, outcome.fetched, now=now, pace=poll.pace, brought=brought)

    def _failed(self, poll: Poll, error: NewswatchError, now: datetime) -> FeedState:
        """The row of a feed that failed: when to try again; a feed is never dropped."""
        fetch_error = error if isinstance(error, FetchError) else FetchError(str(error))
        return schedule.after_failure(
            poll.state, fetch_error, now=now, interval=poll.pace.start, polling=self._settings.polling
        )

    def to_be_read(self, poll: Poll, feed: PreparedFeed) -> tuple[Entry, ...]:
        """The entries whose pages are to be read: unseen or edited, about an event, and short where that matters.

        Raises:
            StoreError: the store cannot be read.
        """
        wanted = poll.feed.full_text or self._settings.polling.full_text
        if wanted == "never":
            return ()
        linked = [one for one in feed.entries if one.entry.link and not all(one.beside)]
        about = [one for one in linked if wanted == "always" or len(one.entry.summary) < FULL_ENOUGH]
        if not about:
            return ()
        known = self._store.known_entries(poll.feed_id, [one.entry.entry_id for one in about])
        return tuple(one.entry for one in oldest_first(fresh(about, known))[-MOST_PAGES:])

    def _take(
        self, tx: Transaction, seen: Seen, outcome: Outcome, prepared: Prepared, feed_title: str, report: PollReport
    ) -> None:
        """One unseen or edited entry: which story is it, and does that story say anything new?"""
        poll, now, entry = outcome.poll, outcome.now, prepared.entry
        source = entry.source or poll.feed.title or feed_title or poll.feed_id
        by_entry, by_url = seen.story_of(entry), seen.at(prepared.url)
        # What is about no event is compared with nothing: whose copy it is matters to nobody.
        compared = by_entry is None and by_url is None and not (prepared.beside and all(prepared.beside))
        assigned = stories.assign(
            entry,
            source=source,
            language=poll.feed.language or entry.language,
            now=now,
            by_url=by_url,
            by_entry=by_entry,
            near=tx.near(stories.shape(entry.title, entry.summary).bands) if compared else (),
            url=prepared.url,
        )
        story = assigned.story
        previous = by_entry or by_url
        changed = previous is None or (story.title, story.text) != (previous.title, previous.text)
        if changed:
            beside = prepared.beside if (story.title, story.text) == (entry.title, entry.summary) else ()
            shape = NO_SHAPE if beside and all(beside) else assigned.shape
            tx.save_story(story, signature=shape.signature, bands=shape.bands, earlier=previous)
            seen.took(story)
            report.new += previous is None
            report.edited += previous is not None
        tx.save_entry(entry, story.story_id, now, source=source)
        if changed:
            self._judge(tx, poll, story, previous, beside, entry.link, now, report)

    def _judge(
        self,
        tx: Transaction,
        poll: Poll,
        story: Story,
        previous: Story | None,
        beside: tuple[str, ...],
        link: str,
        now: datetime,
        report: PollReport,
    ) -> None:
        about = told = False
        for number, watched in enumerate(self._watch.of_feed(poll.feed.events)):
            if beside and beside[number]:
                decision = watched.judge.beside(story, beside[number])
                tx.save_decision(decision, now)
                report.judged.append(_judged(poll, decision, previous))
                continue
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
                replace(story, url=address(story.url, link)),
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


def _brought(feed: PreparedFeed, *, new: int) -> schedule.Brought:
    dates = [one.entry.published for one in feed.entries if one.entry.published is not None]
    return schedule.Brought(new, len(feed.entries), max(dates, default=None), min(dates, default=None))


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


def remembered(state: FeedState | None, feed_id: str, url: str) -> FeedState:
    """The feed's row; a new one when the feed is new, or when the user changed its address: it is due at once."""
    if state is None or (state.configured_url or state.url) != url:
        return FeedState(feed_id, url, configured_url=url)
    return state
