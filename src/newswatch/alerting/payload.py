"""The webhook's JSON body: versioned, described by ``config/schemas/webhook.schema.json``, and under 20 kB. Pure."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate

from newswatch.alerting.pages import NOWHERE, Pages
from newswatch.alerting.view import clip, plain, safe_link
from newswatch.model import Alert, AlertItem, Delivery, FailedFeed, FigureChange, FigureTrack

VERSION = 1
LIMIT = 20_000  # bytes; Standard Webhooks 1.0 asks for less than 20 kB
_SENTENCE = 400
_LINE = 200
_ADDRESS = 1000
_MOST = 12  # figures, and sources that fail


def payload(delivery: Delivery, *, subject: str, pages: Pages = NOWHERE) -> dict[str, object]:
    """The body as a value for ``json.dumps``; ``type``, ``timestamp`` and ``data`` as Standard Webhooks has them.

    Where newswatch's pages can be reached, the alert and each development link to theirs (``links.full``).

    What does not fit is left out in this order: other sources beyond three, proving sentences but the best, the ends
    of very long lines (an ellipsis stands there), and at last the least important developments. Each list has a count
    beside it of what was left out: ``other_sources_left_out``, ``evidence_left_out`` and ``left_out``.
    """
    items = delivery.alert.items
    about = _About(delivery, subject, pages)
    # Each development takes more than forty bytes, so a digest of thousands need not be written out to be measured.
    for shape in (_full, _fewer, _short) if len(items) * 40 < LIMIT else ():
        body = _body(about, [shape(item, pages) for item in items], left_out=0)
        if _size(body) < LIMIT:
            return body
    short = [_short(item, pages) for item in items[: LIMIT // 40]]
    sizes = [_size(one) + 1 for one in short]
    room = LIMIT - _size(_body(about, [], left_out=len(items))) - 1
    kept = bisect_right(list(accumulate(sizes)), room)
    return _body(about, short[:kept], left_out=len(items) - kept)


def _size(body: dict[str, object]) -> int:
    return len(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"))


@dataclass(frozen=True, slots=True)
class _About:
    """What a body is made of beside its developments."""

    delivery: Delivery
    subject: str
    pages: Pages


def _body(about: _About, developments: list[dict[str, object]], *, left_out: int) -> dict[str, object]:
    delivery, alert = about.delivery, about.delivery.alert
    data: dict[str, object] = {
        "delivery_id": delivery.delivery_id,
        "alert_id": alert.alert_id,
        "kind": "digest" if alert.digest else "alert",
        "recipient": alert.recipient,
        "event": alert.event,
        "event_title": clip(plain(alert.event_title), _LINE),
        "subject": about.subject,
        "developments": developments,
        "left_out": left_out,
    }
    if alert.digest:
        data |= _digest(alert)
    data |= _links(about.pages.alert(alert))
    if alert.escalated_from:
        data["escalated_from"] = alert.escalated_from
    return {"type": "newswatch.alert", "version": VERSION, "timestamp": _iso(alert.created), "data": data}


def _digest(alert: Alert) -> dict[str, object]:
    start, until = alert.period or (alert.created, alert.created)
    return {
        "period": {"from": _iso(start), "until": _iso(until)},
        "counts": dict(alert.counts),
        "figures": [_track(track) for track in alert.figures[:_MOST]],
        "figures_left_out": max(len(alert.figures) - _MOST, 0),
        "sources_failed": [_failed(feed) for feed in alert.failed_feeds[:_MOST]],
        "sources_failed_left_out": max(len(alert.failed_feeds) - _MOST, 0),
    }


def _track(track: FigureTrack) -> dict[str, object]:
    """A figure over time; of many points the newest."""
    return {
        "event": track.event,
        "measure": track.measure,
        "label": clip(plain(track.label), 80),
        "points": [
            {"at": _iso(p.at), "value": p.value, "bound": p.bound.value, "source": clip(plain(p.said_by), 80)}
            for p in track.points[-5:]
        ],
    }


def _failed(feed: FailedFeed) -> dict[str, object]:
    return {
        "title": clip(plain(feed.title), 80),
        "last_success": None if feed.since is None else _iso(feed.since),
        "error": clip(plain(feed.error), _LINE),
    }


def _links(full: str) -> dict[str, object]:
    return {"links": {"full": full}} if full else {}


def _full(item: AlertItem, pages: Pages) -> dict[str, object]:
    evidence, others = len(item.development.evidence), len(item.other_sources)
    return _development(item, evidence=evidence, others=others, cut=_same) | _links(pages.story(item))


def _fewer(item: AlertItem, pages: Pages) -> dict[str, object]:
    return _development(item, evidence=1, others=3, cut=_same) | _links(pages.story(item))


def _short(item: AlertItem, pages: Pages) -> dict[str, object]:
    return _development(item, evidence=1, others=3, cut=clip) | _links(pages.story(item))


def _same(text: str, _length: int) -> str:
    return text


def _development(item: AlertItem, *, evidence: int, others: int, cut: Callable[[str, int], str]) -> dict[str, object]:
    told, story = item.development, item.story
    return {
        "id": told.development_id,
        "event": told.event,
        "event_title": cut(plain(item.event_title), _LINE),
        "kind": told.kind,
        "outcome": told.outcome.value,
        "severity": told.severity.value,
        "topic": told.topic,
        "summary": cut(plain(told.summary), _SENTENCE),
        "known_before": cut(plain(told.known_before), _SENTENCE),
        "figure": _figure(told.figure),
        "speaker": cut(plain(told.speaker), _LINE),
        "reason": cut(plain(told.reason), _LINE),
        "evidence": [cut(plain(sentence), _SENTENCE) for sentence in told.evidence[:evidence]],
        "evidence_left_out": max(len(told.evidence) - evidence, 0),
        "story": {
            "id": story.story_id,
            "url": _link(story.url, cut),
            "title": cut(plain(story.title), _LINE),
            "source": cut(plain(story.source), _LINE),
            "language": story.language,
            "published": _iso(story.published),
        },
        "other_sources": [
            {"source": cut(plain(name), _LINE), "url": _link(url, cut)} for name, url in item.other_sources[:others]
        ],
        "other_sources_left_out": max(len(item.other_sources) - others, 0),
    }


def _link(url: str, cut: Callable[[str, int], str]) -> str:
    """An address, which cannot be cut: one that is too long is left out as a whole."""
    link = safe_link(url)
    return link if cut(link, _ADDRESS) == link else ""


def _figure(figure: FigureChange | None) -> dict[str, object] | None:
    if figure is None:
        return None
    return {
        "measure": figure.measure,
        "value": figure.value,
        "bound": figure.bound.value,
        "was": figure.was,
        "was_bound": None if figure.was is None else figure.was_bound.value,
    }


def _iso(when: datetime) -> str:
    return when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
