"""Every noun of newswatch, as frozen dataclasses over the standard library only.

The way of one entry (each arrow is one pure step; only the ends touch the world):

    due feeds | fetch | parse | entries -> stories | match topics | read claims | judge | decide -> deliveries
    due deliveries | render | send | sent, or due again, or failed

Times are timezone-aware UTC datetimes. Texts are plain Unicode without markup. Ids are strings.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal


def make_id(prefix: str, *parts: str) -> str:
    """A stable id: the same parts always give the same id, so that a repeat is recognisable.

    Args:
        prefix: a short kind, such as ``sty``; becomes ``sty_…``.
        parts: what identifies the thing. Order matters.

    Returns:
        ``prefix_`` and 20 lower-case hex digits (80 bits of BLAKE2b over the length-prefixed parts).
    """
    digest = hashlib.blake2b(digest_size=10)
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass")
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return f"{prefix}_{digest.hexdigest()}"


# ---------------------------------------------------------------- feeds


@dataclass(frozen=True, slots=True)
class FeedState:
    """What we remember of a feed between polls: one row of the store.

    Attributes:
        feed_id: the id from the configuration.
        url: where it is polled now (after a remembered permanent redirect, the new place).
        etag, last_modified: validators of the last 200, verbatim; empty when none was given.
        body_hash: BLAKE2b of the last decoded body; an equal body is not parsed again.
        next_due: when it may be polled next; None means now.
        failures: failures in a row; 0 after any success.
        last_polled, last_success, last_new: times of the last poll, the last good answer, the last new entry.
        last_error: the last failure in words; empty after a success.
        last_status: the last HTTP status, or None.
        moved_to: a permanent redirect's target that was seen ``moved_count`` times in a row.
        last_failure, failed_with: when it failed last and how, kept after it answers again; None and empty: never.
        configured_url: what the configuration said when the row was made; another one there makes the row new.
        failing_since: the first of the failures in a row, or None.
        items: entries in the last body that was read, or None before the first.
        newest: the latest date of an entry in it, or None where none is dated.
        habit: seconds between two times that something new came, smoothed; 0 while unknown.
        pace: seconds between two polls as learned from the habit; 0 while unknown.
        repeats: share of entries already seen at a poll, smoothed; None before the second good poll.
        latency, latency_mean: seconds that the last good answer took, and smoothed.
        day, polls_today, failures_today: the UTC date (``2031-03-02``) of the last poll, and what was counted on it.
    """

    feed_id: str
    url: str
    configured_url: str = ""
    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""
    next_due: datetime | None = None
    failures: int = 0
    last_polled: datetime | None = None
    last_success: datetime | None = None
    last_new: datetime | None = None
    last_error: str = ""
    last_status: int | None = None
    moved_to: str = ""
    moved_count: int = 0
    last_failure: datetime | None = None
    failed_with: str = ""
    failing_since: datetime | None = None
    items: int | None = None
    newest: datetime | None = None
    habit: float = 0.0
    pace: float = 0.0
    repeats: float | None = None
    latency: float = 0.0
    latency_mean: float = 0.0
    day: str = ""
    polls_today: int = 0
    failures_today: int = 0


@dataclass(frozen=True, slots=True)
class FeedNotice:
    """Something of a feed that the operator was told, and that is still so.

    Attributes:
        feed_id: the feed.
        kind: ``broken``, ``gone`` or ``stale``.
        told: when.
    """

    feed_id: str
    kind: str
    told: datetime


@dataclass(frozen=True, slots=True)
class HostState:
    """What a server asked of everybody who asks it, kept over restarts.

    Attributes:
        host: name and port, as in an address.
        held_until: nothing is asked before (Retry-After of a 429 or 503), or None.
        crawl_delay: seconds between two requests that its robots.txt states for us, or None.
        robots_checked: when its robots.txt was looked at, or None.
    """

    host: str
    held_until: datetime | None = None
    crawl_delay: float | None = None
    robots_checked: datetime | None = None


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription to a feed's hub (WebSub), asked for or in force.

    Attributes:
        feed_id: the feed.
        topic: the address that is subscribed to.
        hub: where.
        token: the last part of the callback's path, which nobody can guess.
        secret: what the hub signs its pushes with.
        lease_until: until when the hub pushes; None: it does not.
        ask_at: when the hub is asked next (again, or to renew); None: now.
        attempts: how often it was asked since it last said yes.
    """

    feed_id: str
    topic: str
    hub: str
    token: str = field(repr=False)
    secret: str = field(repr=False)
    lease_until: datetime | None = None
    ask_at: datetime | None = None
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Fetched:
    """A good answer to one poll: fresh bytes, or "not modified" (``body is None``).

    Attributes:
        body: the decoded body, or None for 304.
        status: 200 or 304.
        url: the final URL after redirects.
        moved_to: where a chain of purely permanent redirects (301, 308) led, or empty.
        content_type: the header, verbatim, for the parser's charset rules.
        etag, last_modified: validators to save; for a 304 those to keep.
        max_age: seconds from Cache-Control, or None.
        elapsed: seconds the whole fetch took.
        links: the Link headers, verbatim.
    """

    body: bytes | None
    status: int
    url: str
    moved_to: str = ""
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""
    max_age: float | None = None
    elapsed: float = 0.0
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    r"""One item as it stands in one feed (Atom's word), cleaned: no markup, no control characters.

    Attributes:
        feed_id: the feed it stands in.
        entry_id: guid or Atom id; else the link; else a hash of title and summary. Never empty.
        link: absolute http(s) URL of the article, or empty.
        title, summary: plain text; summary keeps paragraphs as ``\\n\\n`` and is the fullest text the feed gives.
        published: publication time, or None when the feed gives none that can be believed.
        updated: time of the last change that the feed states, or None.
        language: BCP 47 code that feed or entry states, lower case, or empty.
        author: as stated, or empty.
        fingerprint: hash of title and summary; a known entry with another fingerprint was edited.
        source: the publisher where the feed carries others' articles and says so (RSS ``source``), or empty.
        full: summary is the article as its own page gives it, not as the feed does.
    """

    feed_id: str
    entry_id: str
    link: str
    title: str
    summary: str
    published: datetime | None = None
    updated: datetime | None = None
    language: str = ""
    author: str = ""
    fingerprint: str = ""
    source: str = ""
    full: bool = False


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """What a body holds.

    Attributes:
        title: the feed's own title.
        language: what the feed states, or empty.
        link: the site's address, or empty.
        entries: in the feed's order, each id once.
        warnings: what was wrong but survived, in words (``not well-formed XML, line 12``).
        children: of a sitemap index, the newest sitemaps it names, to be fetched and read as well; else none.
    """

    title: str
    language: str
    link: str
    entries: tuple[Entry, ...]
    warnings: tuple[str, ...] = ()
    children: tuple[str, ...] = ()


# ---------------------------------------------------------------- stories


@dataclass(frozen=True, slots=True)
class Story:
    """One published article, however many feeds carry it.

    Attributes:
        story_id: stable id, made of the canonical URL (or of feed and entry id where there is no link).
        url: canonical URL without tracking parameters, or empty.
        title, text: as in the first entry that brought it, or as last edited.
        source: the publisher's name as the configuration or the feed calls it.
        language: ``en``, ``ru`` …, stated or detected; empty when unknown.
        published: when it was published; the time it was first seen where no date can be believed.
        first_seen: when newswatch first saw it.
        revision: 1, and one more with every edit seen.
        near_copy_of: story id of the earlier near-copy this is a syndicated copy of, or empty.
        full: text is the article as its own page gives it, not as a feed does.
    """

    story_id: str
    url: str
    title: str
    text: str
    source: str
    language: str
    published: datetime
    first_seen: datetime
    revision: int = 1
    near_copy_of: str = ""
    full: bool = False


# ---------------------------------------------------------------- claims


class Status(StrEnum):
    """How real a happening is, as the story tells it."""

    DONE = "done"
    ATTEMPTED = "attempted"
    FAILED = "failed"
    PLANNED = "planned"
    CALLED_OFF = "called-off"
    DENIED = "denied"
    ALLEGED = "alleged"
    ONGOING = "ongoing"
    MENTIONED = "mentioned"


class Bound(StrEnum):
    """How a number is hedged: ``more than 50`` is ABOVE, ``at least 50`` AT_LEAST, ``about 50`` ABOUT."""

    EXACT = "exact"
    ABOUT = "about"
    AT_LEAST = "at-least"
    ABOVE = "above"
    AT_MOST = "at-most"
    BELOW = "below"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The sentence that proves a claim.

    Attributes:
        sentence: verbatim, white space folded.
        index: its place in the story, 0 being the title.
    """

    sentence: str
    index: int


@dataclass(frozen=True, slots=True)
class Figure:
    """A number somebody states: ``killed 1``, ``injured more than 50``.

    Attributes:
        measure: language-free id (``killed``, ``injured``, ``detained`` …).
        value: the number, or the lower end of a range.
        high: the upper end of a range, or None.
        bound: how it is hedged.
        unit: of a sum of money its currency, lower-case ISO 4217 (``usd``); else empty.
        whom: language-free subgroup ids or entity ids (``police``, ``children``); empty for all.
        where: keys of the places it was counted in: of the event's entities, of concepts, or names as found.
        when: the day the figure is of, or None when it is the story's own time.
        said_by: key of who states it, as in `Statement.speaker`, or empty.
        background: told as recall, not as news.
    """

    evidence: Evidence
    measure: str
    value: float
    high: float | None = None
    bound: Bound = Bound.EXACT
    unit: str = ""
    whom: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    when: datetime | None = None
    said_by: str = ""
    background: bool = False
    kind: Literal["figure"] = "figure"


@dataclass(frozen=True, slots=True)
class Happening:
    """What happened: ``raid`` of ``koi-tash`` by ``police``, attempted. Legal steps and positions are happenings too.

    Attributes:
        type: language-free id of the happening (``raid``, ``detain``, ``charge`` …), or ``verb:<stem>`` for a main
            verb that no lexicon knows.
        status: attempted, done, failed …
        actors, targets: entity ids, role ids or names, in both senses "who" and "to whom".
        places: entity ids or names of places.
        when: the day it happened, or None when the story does not say.
        ordinal: 2 for "second raid", "again", "fresh"; else 1.
        said_by: who says so, or empty.
        terms: content stems of the sentence, for holding it against facts of the same type.
        background: told as recall, not as news.
        details: measures of its own as ``(name, value)``: ``("article", "233")``, ``("with", "#murder")``,
            ``("years", "5")``, ``("months", "6")``, ``("until", "2019-10-26")``, ``("as", "#mayor")``.
    """

    evidence: Evidence
    type: str
    status: Status = Status.DONE
    actors: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    when: datetime | None = None
    ordinal: int = 1
    said_by: str = ""
    terms: tuple[str, ...] = ()
    background: bool = False
    kind: Literal["happening"] = "happening"
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """Who said what.

    Attributes:
        speaker: entity id, or the name as found.
        act: language-free id: ``say``, ``urge``, ``condemn``, ``deny``, ``accuse``, ``promise`` …
        to: entity id or name of the addressee, or empty.
        about: entity ids that the content names.
        terms: content stems of what was said, for telling new content from the same words again.
        when: the day it was said, or None.
        background: told as recall, not as news.
    """

    evidence: Evidence
    speaker: str
    act: str = "say"
    to: str = ""
    about: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    when: datetime | None = None
    background: bool = False
    kind: Literal["statement"] = "statement"


Claim = Figure | Happening | Statement


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a story, read.

    Attributes:
        evidence: the sentence and its place; 0 is the title.
        claims: what it says; at least one. The first that is no figure carries the sentence's terms.
        terms: key -> kind of what its words stand for: ``#arrest`` a concept, ``@atambayev`` a name, ``=98`` a number,
            anything else a stem.
        marks: how it is told: how often words of each table stand there (``tone:recall``, ``dates:year``,
            ``status:planned`` …), and ``year``, ``quote``, ``words``.
        age: days between the day it names and the story's publication, or None when it names none.
        language: the lexicon it was read with, or empty.
        spelt: key of a term -> the words of the sentence it stands for.
    """

    evidence: Evidence
    claims: tuple[Claim, ...]
    terms: Mapping[str, str] = field(hash=False)
    marks: Mapping[str, int] = field(hash=False)
    age: float | None = None
    language: str = ""
    spelt: Mapping[str, str] = field(hash=False, default_factory=dict)


# ---------------------------------------------------------------- the ledger


class FactStatus(StrEnum):
    """What we hold a fact to be."""

    REPORTED = "reported"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    RETRACTED = "retracted"


@dataclass(frozen=True, slots=True)
class Fact:
    """A claim held as known.

    Attributes:
        fact_id: stable id; those of a baseline start with ``base``.
        event: event id.
        claim: the claim itself, with its proving sentence.
        story_id: the story it came from; empty for the baseline.
        source: publisher, or the baseline's source.
        since: when it became known.
        status: reported, confirmed …
        origins: names of the independent sources that stated it.
        told: whether a development told it (False: absorbed silently, as part of the baseline or as detail).
    """

    fact_id: str
    event: str
    claim: Claim
    story_id: str
    source: str
    since: datetime
    status: FactStatus = FactStatus.REPORTED
    origins: tuple[str, ...] = ()
    told: bool = False


class Action(StrEnum):
    """What a person says of a fact."""

    ACCEPT = "accept"
    REJECT = "reject"
    MERGE = "merge"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person said of a fact; never changed, only followed by another.

    Attributes:
        fact_id: the fact.
        action: it is right, it is wrong, ``other_id`` says the same, or: forget what was said of it.
        sentence: what the fact said then; of a merge what both said, a line each. A baseline's fact keeps its id when
            its text is edited; a correction does not follow it to another text.
        made, made_by: when, and who.
        other_id: of a merge, the fact that is another wording of this one; else empty.
        note: why, or empty.
    """

    event: str
    fact_id: str
    action: Action
    sentence: str
    made: datetime
    made_by: str
    other_id: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """Somebody else who states a fact.

    Attributes:
        source: the publisher of the story that does.
        origin: whose words they are: the publisher itself, or of a near copy the original's.
        story_id, seen: where and when it was first seen to.
    """

    event: str
    fact_id: str
    source: str
    origin: str
    story_id: str
    seen: datetime


@dataclass(frozen=True, slots=True)
class Mark:
    """What a story made of a fact that was known; never changed, only followed by another. The newest counts.

    Attributes:
        status: confirmed, disputed or retracted.
        story_id, source: the story that did, and its publisher.
        made: when.
        reason: why, in a few words of English.
        said_by: of an official confirmation, key of who said it; else empty.
        why: the reason for every language, or None in what an older newswatch kept.
    """

    event: str
    fact_id: str
    status: FactStatus
    story_id: str
    source: str
    made: datetime
    reason: str
    said_by: str = ""
    why: Why | None = None


class Severity(StrEnum):
    """How urgently a development is told: at once, in the digest, or not at all. Ordered by `rank`."""

    SILENT = "silent"
    DIGEST = "digest"
    ALERT = "alert"

    @property
    def rank(self) -> int:
        """0 silent, 1 digest, 2 alert."""
        return ("silent", "digest", "alert").index(self.value)


class Outcome(StrEnum):
    """How a claim stands against the ledger."""

    KNOWN = "known"
    REFINES = "refines"
    NEW = "new"
    CHANGED = "changed"
    CONTRADICTS = "contradicts"
    CONFIRMS = "confirms"
    CORRECTED = "corrected"
    EDITED = "edited"


@dataclass(frozen=True, slots=True)
class Why:
    """A reason as a code with what it is about, so that each language can put its own words to it.

    Attributes:
        code: a code of `newswatch.reasons`.
        about: name -> a text as it was written, a number, or another reason.
    """

    code: str
    about: tuple[tuple[str, str | float | Why], ...] = ()


@dataclass(frozen=True, slots=True)
class FigureChange:
    """The number of a development: ``was`` is the value known before, or None; the bounds say how each is hedged.

    Attributes:
        line: the development's summary says this number and nothing else, ``Injured: 50 → 98``; each language writes
            it with its own words.
        group: of whom the number is (``police``), or empty. unit: its currency (``usd``), or empty.
    """

    measure: str
    value: float
    was: float | None = None
    bound: Bound = Bound.EXACT
    was_bound: Bound = Bound.EXACT
    line: bool = False
    group: str = ""
    unit: str = ""
    was_unit: str = ""

    @property
    def key(self) -> str:
        """The number without its hedge: two that have it are one."""
        return " ".join(filter(None, (self.measure, f"{self.value:.10g}", self.unit, self.group)))


@dataclass(frozen=True, slots=True)
class Development:
    """A claim the ledger lacks, with the fact it is held against and the sentence that proves it.

    Attributes:
        development_id: stable id, made of event, story, revision and claim.
        kind: ``figure``, ``happening``, ``statement``, ``legal``, ``position`` …
        outcome: new, changed, refines …
        summary: one complete, self-contained line of news.
        topic: topic id, or empty.
        severity: alert, digest or silent.
        evidence: proving sentences, verbatim, the best first. At least one.
        figure: the number, for figures.
        speaker: display name of who said it, or empty.
        against: id of the fact it was held against, or empty.
        known_before: that fact in words, for "what was known"; empty when nothing was.
        reason: why it is told, in a few words of English.
        why: the same for every language, or None in what an older newswatch kept.
        worded: the summary for every language where it is newswatch's own words and no number, or None.
        role: the concept that the speaker is named by (``police``), or empty where it is a name.
        tells: keys of what it tells, the same in every language; empty where that is too little to tell it by.
        says: keys of all that its sentence and summary say; what another tells of these, it tells too.
    """

    development_id: str
    event: str
    story_id: str
    kind: str
    outcome: Outcome
    summary: str
    topic: str
    severity: Severity
    evidence: tuple[str, ...]
    figure: FigureChange | None = None
    speaker: str = ""
    against: str = ""
    known_before: str = ""
    reason: str = ""
    why: Why | None = None
    worded: Why | None = None
    role: str = ""
    tells: tuple[str, ...] = ()
    says: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TraceLine:
    """One step of a decision: the claim that was read, how it was judged and why.

    Attributes:
        claim: the claim in words.
        outcome: how it stands against the ledger.
        against: id of the fact held against, or empty.
        reason: why.
        sentence: the proving sentence.
        probability: how likely the sentence is news; 0.0 in decisions that were kept before it was.
        news: whether that was enough to be told.
    """

    claim: str
    outcome: str
    against: str
    reason: str
    sentence: str
    probability: float = 0.0
    news: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What newswatch decided about one story for one event. Silent decisions are decisions too.

    Attributes:
        relevant: the story is about the event.
        severity: the highest of its developments': ALERT, DIGEST, or SILENT (nothing is told).
        topics: ids of the topics that matched, in the event file's order.
        reason: why, in a few words.
        developments: what is new, most important first; empty when silent.
        facts: what enters the ledger by this decision.
        trace: every claim read and its outcome.
        repeats: ids of facts that others told before and that this story states too.
        marks: what it makes of facts that were known: confirmed, disputed, retracted.
    """

    event: str
    story_id: str
    revision: int
    relevant: bool
    severity: Severity
    topics: tuple[str, ...]
    reason: str
    developments: tuple[Development, ...] = ()
    facts: tuple[Fact, ...] = ()
    trace: tuple[TraceLine, ...] = ()
    repeats: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()


# ---------------------------------------------------------------- telling


class DeliveryState(StrEnum):
    """The life of a delivery."""

    DUE = "due"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class AlertItem:
    """One development with what a reader needs beside it.

    Attributes:
        other_sources: ``(publisher, url)`` of other stories that carry the same article.
        event_title, topic_title: as the event file writes them; a digest may hold items of several events.
    """

    development: Development
    story: Story
    other_sources: tuple[tuple[str, str], ...] = ()
    event_title: str = ""
    topic_title: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """A development that waits for one recipient's next digest.

    Attributes:
        recipient: recipient id.
        event, event_title: the event it belongs to.
        since: when it was decided; a digest takes what was held up to its own time.
    """

    recipient: str
    item: AlertItem
    event: str
    event_title: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Pending:
    """A development that one recipient is to be told at once, until it is in an alert.

    It waits for more of the same event, for quiet hours to end, or for the rate to allow another alert.

    Attributes:
        recipient: recipient id.
        event, event_title: the event it belongs to.
        since: when it was decided.
    """

    recipient: str
    item: AlertItem
    event: str
    event_title: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Mute:
    """Somebody wants not to be told at once for a while; what comes meanwhile goes into the digest.

    Attributes:
        until: when it ends; an `unmute` ends it earlier.
        made, made_by: when, and by whom.
        event, topic, recipient: what it is about; each empty for all.
        why: in the words of who made it, or empty.
    """

    mute_id: str
    until: datetime
    made: datetime
    made_by: str
    event: str = ""
    topic: str = ""
    recipient: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class FigurePoint:
    """A number from a time on.

    Attributes:
        at: when it became known.
        value, bound: the number, and how it is hedged.
        said_by: the publisher that says so.
        url: where, or empty.
        baseline: it was known at the start, and is no news of the time it stands for.
    """

    at: datetime
    value: float
    bound: Bound
    said_by: str
    url: str = ""
    baseline: bool = False


@dataclass(frozen=True, slots=True)
class FigureTrack:
    """One figure of an event over time, for a digest.

    Attributes:
        event, event_title: the event it belongs to.
        measure: its id; ``label`` is how English writes it.
        points: oldest first, each another number than the one before. At least one.
        group: of whom it is (``police``), or empty.
    """

    event: str
    event_title: str
    measure: str
    label: str
    points: tuple[FigurePoint, ...]
    group: str = ""


@dataclass(frozen=True, slots=True)
class FailedFeed:
    """A feed that failed in a digest's period.

    Attributes:
        title: the publisher.
        since: when it answered last, or None when it never did.
        error: what is or was wrong, in words.
        again: of one that answers again, when it failed last; else None.
    """

    title: str
    since: datetime | None
    error: str
    again: datetime | None = None


@dataclass(frozen=True, slots=True)
class Image:
    """A picture inside a message: ``cid`` is what the HTML calls it by (RFC 2392), ``png`` its bytes."""

    cid: str
    png: bytes = field(repr=False)
    alt: str


@dataclass(frozen=True, slots=True)
class Alert:
    """The decision to tell one recipient now (``digest=False``), or a period's developments (``digest=True``).

    Attributes:
        alert_id: stable id; the same decision gives the same id.
        event: event id; empty for a digest over several events.
        event_title: the event's title.
        recipient: recipient id.
        created: when it was decided.
        items: most important first; never empty for an alert.
        digest: this is a digest.
        period: ``(from, until)`` of a digest, or None.
        counts: ``(label, number)`` pairs of a digest: seen, not about, about, told, waiting, silent, failed. They add
            up: seen = about + not about; about = told + waiting + silent + failed.
        escalated_from: the recipient who did not acknowledge it, or empty.
        origin: of an escalated alert, the id of the one that was told first; acknowledging either ends both.
        corrected: of a digest, what was corrected or contradicted in its period and was told at once.
        figures: of a digest, the figures that changed in its period.
        failed_feeds: of a digest, the sources that fail.
    """

    alert_id: str
    event: str
    event_title: str
    recipient: str
    created: datetime
    items: tuple[AlertItem, ...]
    digest: bool = False
    period: tuple[datetime, datetime] | None = None
    counts: tuple[tuple[str, int], ...] = ()
    escalated_from: str = ""
    origin: str = ""
    corrected: tuple[AlertItem, ...] = ()
    figures: tuple[FigureTrack, ...] = ()
    failed_feeds: tuple[FailedFeed, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """An address that its server refused for good, while others of the channel have the message.

    Attributes:
        address: as the channel's settings write it, without a name.
        answer: what the server said, in a line.
    """

    address: str
    answer: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver said that took a message.

    Attributes:
        said: in a line, for a person.
        refused: addresses that do not get it, and never will.
    """

    said: str
    refused: tuple[Refused, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """One alert or digest on its way over one channel: a row of the outbox.

    Attributes:
        delivery_id: stable id; it is the email's Message-ID and the webhook's ``webhook-id``.
        state: due, sent, failed (given up) or dropped (by a person).
        attempts: how often sending was tried.
        next_due: when it may be tried (again).
        last_error: the last failure in words, or empty.
        sent_at: when the receiver accepted it, or None.
        taken: addresses of the channel that have it already, while others are tried again.
        failing_since: since when its receiver puts it off, or None; a fault of the configuration does not count.
        refused: addresses of the channel that were refused for good while others have it.
    """

    delivery_id: str
    alert: Alert
    channel: str
    created: datetime
    state: DeliveryState = DeliveryState.DUE
    attempts: int = 0
    next_due: datetime | None = None
    last_error: str = ""
    sent_at: datetime | None = None
    taken: tuple[str, ...] = ()
    failing_since: datetime | None = None
    refused: tuple[Refused, ...] = ()


@dataclass(frozen=True, slots=True)
class Handling:
    """What a person did to a delivery: it was put back into the outbox (``retry``) or taken out of it (``drop``)."""

    delivery_id: str
    action: str
    made: datetime
    made_by: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Outage:
    """A channel over which nothing goes through, or did not until lately.

    Attributes:
        channel: its name.
        since: the first failure after the last message that was accepted; None: it works.
        last_error: the last failure in words.
        refused: since then a message was refused for good, or the channel is disabled.
        told: when the operator was told of this outage, or None.
        told_over: the channel over which.
        last_told: when the operator was told of any outage of this channel, or None.
    """

    channel: str
    since: datetime | None
    last_error: str
    refused: bool = False
    told: datetime | None = None
    told_over: str = ""
    last_told: datetime | None = None


@dataclass(frozen=True, slots=True)
class RefusedAddress:
    """An address of a channel that gets nothing, though the channel works.

    Attributes:
        channel: its name.
        address, answer: see `Refused`; the answer is the first one.
        since: when it was refused first.
        told: when the operator was told, or None.
    """

    channel: str
    address: str
    answer: str
    since: datetime
    told: datetime | None = None


@dataclass(frozen=True, slots=True)
class DisabledChannel:
    """A channel whose receiver said that it wants no more messages (HTTP 410): nothing is sent over it.

    Attributes:
        name: the channel's name.
        address: a print of where it sent to; another address is another receiver.
        since: when it was said.
        reason: what the receiver said, in words.
    """

    name: str
    address: str
    since: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Message:
    """A rendered delivery, ready for any channel.

    Attributes:
        delivery_id: see `Delivery`.
        thread_id: stable id of the event's thread, for References.
        subject: one line, no control characters.
        text, html: the two bodies of an email.
        payload: the webhook's JSON body, as a value ``json.dumps`` takes; empty for another channel.
        created: when the alert was decided; the email's Date.
        urgent: an alert, not a digest.
        list_name: the event's title, for List-Id.
        notice: what went wrong while rendering, for the operator's log; empty when nothing did.
        taken: see `Delivery`; they get it no second time.
        images: what the HTML shows by ``cid:``.
    """

    delivery_id: str
    thread_id: str
    subject: str
    text: str
    html: str
    payload: dict[str, object] = field(hash=False)
    created: datetime
    urgent: bool = True
    list_name: str = ""
    notice: str = ""
    taken: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
