"""What the pages show, as the API's answers. Pure, but for an alert's deliveries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from newswatch.config import event as config
from newswatch.console import answers as a
from newswatch.console.charts import Chart
from newswatch.console.configview import bare_address
from newswatch.console.deliveriesview import DeliveriesPage, Told
from newswatch.console.eventview import Known, LedgerView
from newswatch.console.feedsview import FeedRow, FeedsPage
from newswatch.console.marking import Piece
from newswatch.console.searchview import Hit, SearchPage
from newswatch.console.startview import EventLine, Start
from newswatch.console.timeline import Line
from newswatch.model import Alert, AlertItem, Decision, Mute, Story
from newswatch.store import OutboxCounts, Pages


def counts(found: OutboxCounts) -> a.DeliveryCounts:
    """How many deliveries are in which state."""
    return a.DeliveryCounts(due=found.due, sent=found.sent, failed=found.failed, dropped=found.dropped)


def event_lines(found: Iterable[EventLine]) -> tuple[a.EventLine, ...]:
    """Events, with what the last day brought."""
    return tuple(
        a.EventLine(event=one.event.event, title=one.event.title, alerts=one.alerts, digest=one.digest) for one in found
    )


def status(seen: Start) -> a.Status:
    """Whether it works."""
    return a.Status(
        works=seen.works,
        wrong=seen.wrong,
        polled=seen.polled,
        stories_last_day=seen.stories,
        feeds=a.FeedCounts(configured=seen.feeds, failing=len(seen.failing)),
        deliveries=counts(seen.outbox),
        waiting_to_be_told=seen.waiting,
        events=event_lines(seen.events),
    )


def event(found: config.Event, ledger: LedgerView, figures: Sequence[Chart]) -> a.Event:
    """An event with what is known of it."""
    return a.Event(
        event=found.event,
        title=found.title,
        languages=found.languages,
        topics=tuple(a.Topic(topic=one.id, title=one.title or one.id, severity=one.severity) for one in found.topics),
        ledger=a.Ledger(
            known=tuple(map(_known, ledger.known)),
            disputed=tuple(map(_known, ledger.disputed)),
            corrected=tuple(map(_known, ledger.corrected)),
            baseline=tuple(fact.claim.evidence.sentence for fact in ledger.baseline),
        ),
        figures=tuple(_figure(one) for one in figures),
    )


def _known(one: Known) -> a.Known:
    fact = one.fact
    return a.Known(
        fact=fact.fact_id, sentence=fact.claim.evidence.sentence, source=fact.source, story=fact.story_id or None,
        since=one.at, why=one.why, by=one.by,
    )  # fmt: skip


def _figure(chart: Chart) -> a.Figure:
    points = (
        a.FigurePoint(at=row.at, text=row.text, source=row.source, story=row.story_id or None) for row in chart.rows
    )
    return a.Figure(label=chart.label, now=chart.now, points=tuple(points))


def development(line: Line) -> a.Development:
    """A development of a timeline."""
    told, story = line.told, line.story
    return a.Development(
        number=line.seq,
        development=told.development_id,
        event=told.event,
        story=story.story_id if story else None,
        source=story.source if story else None,
        url=story.url if story else None,
        language=story.language if story else "",
        found=line.found,
        kind=told.kind,
        outcome=told.outcome.value,
        topic=told.topic,
        severity=told.severity.value,
        summary=told.summary,
        evidence=told.evidence,
        known_before=told.known_before,
        sources=line.sources,
        fates=tuple(a.Fate.model_validate({"recipient": f.recipient, "how": f.how, "at": f.at}) for f in line.fates),
    )


def whole_story(
    found: Story,
    decisions: Iterable[tuple[datetime, Decision]],
    copies: Iterable[Story],
    entries: Iterable[tuple[str, str, datetime]],
) -> a.WholeStory:
    """A story with what was decided of it."""
    decided = (
        a.Decision(
            event=one.event, decided=at, revision=one.revision, severity=one.severity.value, reason=one.reason,
            developments=tuple(told.development_id for told in one.developments),
        )
        for at, one in decisions
    )  # fmt: skip
    return a.WholeStory(
        story=_story(found),
        decisions=tuple(decided),
        copies=tuple(one.story_id for one in copies),
        feeds=tuple(dict.fromkeys(feed_id for feed_id, _, _ in entries)),
    )


def _story(one: Story) -> a.Story:
    return a.Story(
        story=one.story_id, url=one.url, title=one.title, text=one.text, source=one.source, language=one.language,
        published=one.published, first_seen=one.first_seen, revision=one.revision,
        near_copy_of=one.near_copy_of or None,
    )  # fmt: skip


def results(seen: SearchPage) -> a.Results:
    """A page of what was found."""
    return a.Results(
        page=seen.page,
        more=seen.more,
        stories=tuple(map(_hit, seen.stories)),
        developments=tuple(development(one.line) for one in seen.developments),
    )


def _hit(one: Hit) -> a.Hit:
    story = one.story
    return a.Hit(
        story=story.story_id, title=_marked(one.title), excerpt=_marked(one.excerpt), url=story.url,
        source=story.source, language=story.language, published=story.published,
    )  # fmt: skip


def _marked(pieces: Iterable[Piece]) -> str:
    return "".join(f"⟦{piece.text}⟧" if piece.kind else piece.text for piece in pieces)


def feeds(seen: FeedsPage) -> a.Feeds:
    """The feeds, those in trouble before."""
    return a.Feeds(feeds=tuple(map(_feed, seen.rows)))


def _feed(row: FeedRow) -> a.Feed:
    found = row.health
    return a.Feed(
        feed=row.feed_id, title=row.feed.title, url=bare_address(row.feed.url), language=row.feed.language,
        health=found.kind.value, sentence=f"It {found.sentence}", last_polled=found.last_polled,
        last_success=found.last_success, last_new=found.last_new, next_due=row.due, every=row.every.total_seconds(),
        failures=found.failures, last_error=found.error, latency=found.latency_mean, repeats=found.repeats,
        polls_today=found.polls_today, failures_today=found.failures_today,
    )  # fmt: skip


def deliveries(seen: DeliveriesPage) -> a.Deliveries:
    """A page of the outbox."""
    dead = [
        a.Outage(channel=one.channel, since=one.since, disabled=False, why=one.last_error)
        for one in seen.dead
        if one.since is not None
    ]
    off = [a.Outage(channel=one.name, since=one.since, disabled=True, why=one.reason) for one in seen.disabled]
    return a.Deliveries(
        deliveries=tuple(map(_delivery, seen.rows)),
        after=seen.older or None,
        counts=counts(seen.counts),
        outages=(*dead, *off),
    )


def _delivery(one: Told) -> a.Delivery:
    found = one.delivery
    return a.Delivery(
        delivery=found.delivery_id, alert=found.alert.alert_id, state=found.state.value, channel=found.channel,
        recipient=found.alert.recipient, event=found.alert.event, summary=one.what, created=found.created,
        attempts=found.attempts, next_due=found.next_due, sent=found.sent_at, last_error=found.last_error,
        refused=tuple(a.Refused(address=r.address, answer=r.answer) for r in found.refused),
        handled=tuple(a.Handled(action=h.action, at=h.made, by=h.made_by, why=h.why) for h in one.handled),
    )  # fmt: skip


def alert(pages: Pages, found: Alert) -> a.Alert:
    """An alert as it was told, with who has seen it and its deliveries."""
    seen = pages.acknowledged(found)
    return a.Alert(
        alert=found.alert_id, event=found.event, title=found.event_title, recipient=found.recipient,
        created=found.created, digest=found.digest, items=tuple(map(_item, found.items)),
        acknowledged=a.Acknowledgement(at=seen.made, by=seen.made_by, note=seen.note) if seen else None,
        deliveries=tuple(one.delivery_id for one in pages.deliveries_of(found.alert_id)),
    )  # fmt: skip


def _item(one: AlertItem) -> a.Item:
    told = one.development
    return a.Item(
        development=told.development_id, story=one.story.story_id, summary=told.summary, severity=told.severity.value,
        topic=told.topic, evidence=told.evidence, source=one.story.source, url=one.story.url,
    )  # fmt: skip


def mute(one: Mute) -> a.Mute:
    """A mute."""
    return a.Mute(
        mute=one.mute_id, event=one.event, topic=one.topic, recipient=one.recipient, until=one.until, made=one.made,
        by=one.made_by, why=one.why,
    )  # fmt: skip
