"""What a template sees: plain strings, cleaned, with times in the recipient's zone. Pure.

    Delivery + Recipient -> View: events -> stories -> developments

The fields of these classes are the variables of the templates; docs of the templates name no others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from newswatch.alerting.escalation import escalates_at
from newswatch.alerting.plain import clip, direction, moment, plain, safe_link
from newswatch.alerting.sections import BesideView, EventFigures, FailedView, beside, event_figures, failed_feeds, sums
from newswatch.alerting.worded import ARROW, number
from newswatch.alerting.wording import ENGLISH, Words, words
from newswatch.config.settings import Recipient
from newswatch.model import Alert, AlertItem, Delivery, FigureChange, Outcome, Severity, Story
from newswatch.text import TOKEN, stem, without_dateline

SUBJECT_LENGTH = 120  # beyond this no mail client shows it, and Unicode subjects fold into several encoded words
SHORT_LENGTH = 40
KNOWN_LENGTH = 240  # of "Known before": it reminds; what is new is what is read
PREVIEW_LENGTH = 150  # more of it no list of messages shows
HEADLINE_SHARE = 0.5  # a headline with this share of its words in what is told says the same, only shorter


@dataclass(frozen=True, slots=True)
class DevelopmentView:
    """One development.

    Attributes:
        label: ``New``, ``Changed``, ``Corrected`` …
        kicker: what stands above the line where it bears on what was told: ``Contradicts what was known``,
            ``Corrected``, ``Confirmed by Herald``; else empty.
        summary: one complete line of news; ``dir`` is its direction, ``ltr`` or ``rtl``.
        numbers: ``more than 50 → 98``; empty without a number before, or where the summary gives both.
        was, now: the two sides of ``numbers``.
        known_before: what was known, in words, or empty; ``known_dir`` is its direction.
        quotes: the proving sentences, verbatim, the best first; without one that the summary repeats word for word.
        topic, severity, reason, speaker: words, or empty.
        urgent: it is told at once by its own weight, not along with another.
        quotes_more: how many proving sentences were left out where the room is small.
    """

    label: str
    kicker: str
    summary: str
    dir: str
    numbers: str
    was: str
    now: str
    known_before: str
    known_dir: str
    quotes: tuple[str, ...]
    topic: str
    severity: str
    reason: str
    speaker: str
    urgent: bool
    quotes_more: int = 0


@dataclass(frozen=True, slots=True)
class StoryView:
    """One story and what it says that is new.

    Attributes:
        title, source: the article's title and publisher.
        title_told: the title is word for word what one of the developments says.
        link: http(s) address, or empty.
        published: when, in the recipient's zone, in words.
        lang: language code of title and quotes, or empty; ``dir`` is their direction.
        others: ``(publisher, link)`` of other carriers; a link may be empty.
        developments: most important first.
        others_more: how many other carriers were left out where the room is small.
    """

    title: str
    title_told: bool
    source: str
    link: str
    published: str
    lang: str
    dir: str
    others: tuple[tuple[str, str], ...]
    developments: tuple[DevelopmentView, ...]
    others_more: int = 0


@dataclass(frozen=True, slots=True)
class TopicView:
    """One topic of an event in a digest; ``title`` is empty for what has none."""

    title: str
    dir: str
    stories: tuple[StoryView, ...]


@dataclass(frozen=True, slots=True)
class EventView:
    """One event of a message: an alert has one, a digest several; ``dir`` is the direction of its title.

    Attributes:
        stories: everything that is told.
        topics: of a digest, the same by topic, without what is in ``corrected``.
    """

    title: str
    dir: str
    stories: tuple[StoryView, ...]
    topics: tuple[TopicView, ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """All that the templates are given.

    Attributes:
        short: the event's short name; empty for a digest over several events.
        lead: the most important development, cut to what a subject holds; empty for an empty digest.
        more: how many developments there are beside the lead.
        preview: what a list of messages may show behind the subject: what was known before, or the proof.
        title: the event's title, or empty; ``dir`` is its direction.
        events: what is told.
        period: of a digest, in words; else empty.
        counts: ``(label, number)`` of a digest; ``sums`` is the same as lines that can be added up.
        recipient, timezone, delivery_id, created: for the foot.
        words: the fixed words of the recipient's language, by name (``words/en.toml``, ``[phrases]``).
        sentence: ``sentence("left_out", 3)``, a sentence with a number in it in the form it takes (``[sentences]``).
        lang: the language of these words.
        escalated: why an alert that was meant for somebody else came to this recipient, or empty.
        acknowledge: how to acknowledge it, and what follows if not, or empty.
        left_out: how many developments were left out where the room is small.
        corrected: of a digest, what corrects or contradicts what was known, also what was told at once.
        figures: of a digest, the figures that changed, by event.
        failed: of a digest, the sources that failed.
        beside: of a digest, figures, sources that failed and what was corrected and told at once, as lines of text.
        full: the address of newswatch's own page on it, or empty.
    """

    short: str
    lead: str
    more: int
    preview: str
    title: str
    dir: str
    digest: bool
    events: tuple[EventView, ...]
    period: str
    counts: tuple[tuple[str, int], ...]
    recipient: str
    timezone: str
    delivery_id: str
    created: str
    words: Mapping[str, str] = field(default_factory=dict)
    sentence: Callable[[str, int], str] = field(default_factory=lambda: words().sentence)
    lang: str = ENGLISH
    escalated: str = ""
    acknowledge: str = ""
    left_out: int = 0
    sums: tuple[str, ...] = ()
    corrected: tuple[StoryView, ...] = ()
    figures: tuple[EventFigures, ...] = ()
    failed: tuple[FailedView, ...] = ()
    beside: tuple[BesideView, ...] = ()
    full: str = ""


def view(delivery: Delivery, recipient: Recipient, spoken: Words | None = None) -> View:
    """Everything a template may show of a delivery, in the words of a language (English when left out).

    Args:
        delivery: what is told, as `worded.worded` says it in that language.
        recipient: to whom, for the zone of its times.
        spoken: the language.
    """
    spoken = spoken or words()
    zone = ZoneInfo(recipient.timezone)
    alert = replace(delivery.alert, items=_leading(delivery.alert))
    titles = {item.event_title or alert.event_title for item in alert.items}
    title = alert.event_title or (next(iter(titles)) if len(titles) == 1 else "")
    short = short_name(title, alert.event) if title or alert.event else ""
    more = max(len(alert.items) - 1, 0)
    figures, failed = event_figures(alert, zone, spoken, delivery.delivery_id), failed_feeds(alert, zone, spoken)
    return View(
        short=short,
        lead=_lead(alert, short, more, spoken),
        more=more,
        preview=_preview(alert, spoken),
        title=plain(title),
        dir=direction(title),
        digest=alert.digest,
        events=tuple(_events(alert, zone, spoken)),
        sums=sums(alert.counts, spoken),
        corrected=_stories((*filter(_corrects, alert.items), *alert.corrected), zone, spoken) if alert.digest else (),
        figures=figures,
        failed=failed,
        beside=beside([_in_a_line(item, spoken) for item in alert.corrected], figures, failed, spoken),
        period=_period(*alert.period, zone, spoken) if alert.period else "",
        counts=tuple((plain(spoken.count(label, count)), count) for label, count in alert.counts),
        recipient=recipient.id,
        timezone=recipient.timezone,
        delivery_id=delivery.delivery_id,
        created=moment(alert.created, zone, spoken),
        words=spoken.phrases,
        sentence=spoken.sentence,
        lang=spoken.language,
        escalated=spoken.phrases["escalated"].format(recipient=alert.escalated_from) if alert.escalated_from else "",
        acknowledge=_acknowledge(alert, recipient, zone, spoken),
    )


def _acknowledge(alert: Alert, recipient: Recipient, zone: ZoneInfo, spoken: Words) -> str:
    due = escalates_at(alert, recipient)
    if due is None or recipient.escalate is None:
        return ""
    return spoken.phrases["acknowledge"].format(
        to=recipient.escalate.to, at=moment(due, zone, spoken), command=f"newswatch ack {alert.alert_id}"
    )


def _events(alert: Alert, zone: ZoneInfo, spoken: Words) -> Iterable[EventView]:
    """Items by event, then by story, each in the order of its first item, so that no source is named twice."""
    by_event: dict[str, list[AlertItem]] = {}
    for item in alert.items:
        by_event.setdefault(plain(item.event_title or alert.event_title or item.development.event), []).append(item)
    for title, items in by_event.items():
        topics = tuple(_topics(items, zone, spoken)) if alert.digest else ()
        yield EventView(title, direction(title), _stories(items, zone, spoken), topics)


def _topics(items: Iterable[AlertItem], zone: ZoneInfo, spoken: Words) -> Iterable[TopicView]:
    """What is new of an event, topic by topic, in the order of the items."""
    by_topic: dict[str, list[AlertItem]] = {}
    for item in items:
        if not _corrects(item):
            by_topic.setdefault(plain(item.topic_title or item.development.topic), []).append(item)
    for title, some in by_topic.items():
        yield TopicView(title, direction(title), _stories(some, zone, spoken))


def _in_a_line(item: AlertItem, spoken: Words) -> str:
    kicker, source = _kicker(item, spoken), plain(item.story.source)
    line = f"{kicker}: {plain(item.development.summary)}" if kicker else plain(item.development.summary)
    return f"{line} ({source})" if source else line


def _corrects(item: AlertItem) -> bool:
    return item.development.outcome in {Outcome.CORRECTED, Outcome.CONTRADICTS}


def _stories(items: Iterable[AlertItem], zone: ZoneInfo, spoken: Words) -> tuple[StoryView, ...]:
    stories: dict[str, list[AlertItem]] = {}
    for item in items:
        stories.setdefault(item.story.story_id, []).append(item)
    return tuple(_story(some, zone, spoken) for some in stories.values())


def _story(items: list[AlertItem], zone: ZoneInfo, spoken: Words) -> StoryView:
    story = items[0].story
    others = dict.fromkeys(pair for item in items for pair in item.other_sources)
    title = plain(story.title)
    return StoryView(
        title=title,
        title_told=any(plain(item.development.summary) == title for item in items),
        source=plain(story.source),
        link=safe_link(story.url),
        published=moment(story.published, zone, spoken),
        lang=_language(story),
        dir=direction(story.title + story.text),
        others=tuple((plain(name), safe_link(url)) for name, url in others),
        developments=tuple(_development(item, spoken) for item in items),
    )


def _development(item: AlertItem, spoken: Words) -> DevelopmentView:
    development = item.development
    summary = plain(development.summary)
    told_so = ARROW in summary or development.outcome is Outcome.CONTRADICTS
    change = "" if told_so else numbers(development.figure, spoken)
    was, _, now = change.partition(ARROW)
    known = clip(without_dateline(plain(development.known_before)), KNOWN_LENGTH)
    return DevelopmentView(
        label=spoken.labels[development.outcome.value],
        kicker=_kicker(item, spoken),
        summary=summary,
        dir=direction(summary),
        numbers=change,
        was=was,
        now=now,
        known_before=known,
        known_dir=direction(known),
        quotes=tuple(
            quote
            for quote in map(plain, development.evidence)
            if summary not in (quote, without_dateline(quote)) and f"“{without_dateline(quote)}”" not in summary
        ),
        topic=plain(item.topic_title or development.topic),
        severity=development.severity.value,
        reason=plain(development.reason),
        speaker=plain(development.speaker),
        urgent=development.severity is Severity.ALERT,
    )


def _kicker(item: AlertItem, spoken: Words) -> str:
    """What a reader must know before the line: that it bears on what was told before."""
    match item.development.outcome:
        case Outcome.CONTRADICTS:
            return spoken.phrases["contradicts_known"]
        case Outcome.CORRECTED:
            return spoken.labels["corrected"]
        case Outcome.CONFIRMS:
            by = plain(item.development.speaker or item.story.source)
            return spoken.phrases["confirmed_by"].format(by=by) if by else spoken.labels["confirms"]
    return ""


def _preview(alert: Alert, spoken: Words) -> str:
    """What goes on behind the subject, of the first development: the proof where it adds something, else the source."""
    if not alert.items:
        return ""
    first = alert.items[0]
    told = first.development
    quotes = (without_dateline(plain(quote)) for quote in told.evidence)
    proof = next((quote for quote in quotes if quote != plain(told.summary)), "")
    known = without_dateline(plain(told.known_before))
    return clip(
        proof or (f"{spoken.phrases['known_before']} {known}" if known else plain(first.story.source)), PREVIEW_LENGTH
    )


def _language(story: Story) -> str:
    """A language code that may stand in an attribute, or empty."""
    code = story.language.replace("_", "-")
    return code if code.replace("-", "").isalnum() and code.isascii() else ""


# ---------------------------------------------------------------- words


def short_name(title: str, event: str) -> str:
    """The event in a word or two: its title up to the colon, or a short title, or its id made readable."""
    head = plain(title.partition(":")[0])
    if head and len(head) <= SHORT_LENGTH:
        return head
    return event.replace("_", " ").title() or clip(head, SHORT_LENGTH)


def _lead(alert: Alert, short: str, more: int, spoken: Words) -> str:
    """The first development in the room that a subject has; its story's headline where that says it shorter."""
    if not alert.items:
        return ""
    room = (
        SUBJECT_LENGTH
        - len(short)
        - len(": ")
        - (len(f" {spoken.phrases['subject_more'].format(n=more)}") if more else 0)
    )
    kicker = _kicker(alert.items[0], spoken)
    room -= len(f"{kicker}: ") if kicker else 0
    summary = _after(short, alert.items[0].development.summary)
    if len(summary) > room and (headline := _headline(alert.items[0])):
        summary = _after(short, headline)
    return (f"{kicker}: " if kicker else "") + clip(summary, max(room, SHORT_LENGTH))


def _after(short: str, text: str) -> str:
    """A line of news without a full stop, and without the event's name where that stands before it anyway."""
    line = plain(text).rstrip(".")
    if short and line.casefold().startswith(short.casefold() + ":"):
        line = line[len(short) + 1 :].strip()
    return line


def _headline(item: AlertItem) -> str:
    """The story's title if it says what is told, else empty."""
    return plain(item.story.title) if _share_of_headline(item) >= HEADLINE_SHARE else ""


def _share_of_headline(item: AlertItem) -> float:
    """How much of its story's title stands in what an item tells."""
    told = item.development
    title = _stems(plain(item.story.title))
    return len(title & _stems(" ".join((told.summary, *told.evidence)))) / len(title) if title else 0.0


def _leading(alert: Alert) -> tuple[AlertItem, ...]:
    """The items in their order; only, of the first story's most severe, the one that its headline is about leads."""
    items = alert.items
    if len(items) < 2:
        return items
    rivals = [
        (share, item)
        for item in items
        if item.story.story_id == items[0].story.story_id
        and item.development.severity is items[0].development.severity
        and (not alert.digest or item.development.topic == items[0].development.topic)  # its topics keep their order
        and (share := _share_of_headline(item)) >= HEADLINE_SHARE
    ]
    if not rivals:
        return items
    _, lead = max(rivals, key=lambda rival: rival[0])
    return (lead, *(item for item in items if item is not lead))


def _stems(text: str) -> set[str]:
    """What the longer words of a text are compared by."""
    return {stem(part) for part in TOKEN.findall(text) if len(part) > 3}


def _period(start: datetime, until: datetime, zone: ZoneInfo, spoken: Words) -> str:
    """``Thu 8 Aug 2019, 18:00 – Fri 9 Aug 2019, 18:00 UTC+6``; both with their zones when the clocks changed."""
    begin, end = moment(start, zone, spoken), moment(until, zone, spoken)
    zoned = end.rpartition(" ")[2]
    return f"{begin.removesuffix(f' {zoned}')} – {end}"


def numbers(figure: FigureChange | None, spoken: Words | None = None) -> str:
    """``more than 50 → 98``; empty when there was no number before."""
    if figure is None or figure.was is None:
        return ""
    spoken = spoken or words()
    was = number(figure.was, figure.was_bound, spoken, figure.was_unit)
    return f"{was}{ARROW}{number(figure.value, figure.bound, spoken, figure.unit)}"


__all__ = [
    "DevelopmentView", "EventView", "StoryView", "TopicView", "View", "clip", "direction", "moment", "numbers", "plain",
    "safe_link", "short_name", "view",
]  # fmt: skip
