"""How much each service takes, and views that say less until they fit. Pure.

What does not fit is left out in this order: proving sentences but the best, other carriers beyond three and what stands
beside the news beyond a few lines, the ends of long lines, and at last the least important developments. Each is
counted in the view, so that a template can say so.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from newswatch.alerting.sections import BesideView
from newswatch.alerting.view import DevelopmentView, StoryView, View, clip

T = TypeVar("T")
Body = dict[str, Any]
_TAG = re.compile(r"<[^<>]*>")


@dataclass(frozen=True, slots=True)
class Shape:
    """How much of each development and story, and of what stands beside the news, is kept; None: all of it."""

    quotes: int | None = None
    others: int | None = None
    length: int | None = None
    beside: int | None = None


# No service takes as many, however short they are; a digest of thousands need not be rendered to find out.
_MOST = 500
SHAPES = (Shape(), Shape(1, 3, beside=10), Shape(1, 3, 300, 4), Shape(1, 1, 120, 1))


def fitted(view: View, render: Callable[[View], Body], form: str) -> Body:
    """The body that says the most and still fits.

    Args:
        view: everything there is to say.
        render: makes a body of a view.
        form: the format, for its limits.

    Raises:
        ValueError: not even a body without any development fits; says why.
    """
    most = len(_developments(view))
    for shape in SHAPES if most <= _MOST else ():
        body = render(shaped(view, shape))
        if not too_large(form, body):
            return body
    # The largest number that fits lies in [kept, total): fewer developments never take more room.
    kept, total, best = 0, min(most, _MOST + 1), render(shaped(view, SHAPES[-1], 0))
    if why := too_large(form, best):
        raise ValueError(f"is too large without any development: {why}")
    while kept + 1 < total:
        middle = (kept + total) // 2
        body = render(shaped(view, SHAPES[-1], middle))
        if too_large(form, body):
            total = middle
        else:
            kept, best = middle, body
    return best


def shaped(view: View, shape: Shape, keep: int | None = None) -> View:
    """A view that says less.

    Args:
        view: everything.
        shape: how much of each development.
        keep: how many developments, the urgent ones first; None for all.
    """
    everything = _developments(view)
    ranked = sorted(range(len(everything)), key=lambda n: not everything[n].urgent)
    kept = frozenset(ranked if keep is None else ranked[:keep])
    number = -1
    events = []
    for event in view.events:
        stories = []
        for story in event.stories:
            developments = []
            for told in story.developments:
                number += 1
                if number in kept:
                    developments.append(_development(told, shape))
            if developments:
                stories.append(replace(_story(story, shape), developments=tuple(developments)))
        if stories:
            events.append(replace(event, title=_cut(event.title, shape), stories=tuple(stories)))
    return replace(
        view,
        title=_cut(view.title, shape),
        events=tuple(events),
        left_out=number + 1 - len(kept),
        beside=_fewer(view, shape),
    )


def _fewer(view: View, shape: Shape) -> tuple[BesideView, ...]:
    """What stands beside the news, with fewer and shorter lines; as many events with figures as a part has lines."""
    parts = []
    events = [part for part in view.beside if part.kind == "figures"]
    dropped = events[shape.beside :] if shape.beside is not None else []
    for part in view.beside:
        if part in dropped:
            continue
        lines = tuple(_cut(line, shape) for line in part.lines[: shape.beside])
        out = len(part.lines) - len(lines)
        if dropped and part is events[len(events) - len(dropped) - 1]:
            out += sum(len(other.lines) for other in dropped)
        more = view.sentence(f"{part.kind}_left_out", out) if out else ""
        parts.append(replace(part, title=_cut(part.title, shape), lines=lines, more=more))
    return tuple(parts)


def _developments(view: View) -> list[DevelopmentView]:
    return [told for event in view.events for story in event.stories for told in story.developments]


def _cut(text: str, shape: Shape) -> str:
    return text if shape.length is None else clip(text, shape.length)


def _development(told: DevelopmentView, shape: Shape) -> DevelopmentView:
    quotes = told.quotes[: shape.quotes]
    return replace(
        told,
        summary=_cut(told.summary, shape),
        known_before=_cut(told.known_before, shape),
        reason=_cut(told.reason, shape),
        topic=_cut(told.topic, shape),
        speaker=_cut(told.speaker, shape),
        quotes=tuple(_cut(quote, shape) for quote in quotes),
        quotes_more=len(told.quotes) - len(quotes),
    )


def _story(story: StoryView, shape: Shape) -> StoryView:
    others = story.others[: shape.others]
    return replace(
        story,
        title=_cut(story.title, shape),
        source=_cut(story.source, shape),
        # An address cannot be cut; one of this length is no address of an article.
        link=story.link if shape.length is None or len(story.link) <= 1000 else "",
        others=tuple((_cut(name, shape), link if len(link) <= 1000 else "") for name, link in others),
        others_more=len(story.others) - len(others),
    )


# ---------------------------------------------------------------- limits


def too_large(form: str, body: Body) -> str:
    """Why a service would not take a body, in words; empty when it would."""
    return next((why for check in _LIMITS.get(form, (_standard,)) if (why := check(body))), "")


def _over(what: str, count: int, limit: int) -> str:
    return f"{what}: {count:,} of {limit:,}" if count > limit else ""


def _bytes(body: object) -> int:
    return len(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"))


def _standard(body: Body) -> str:
    """Standard Webhooks 1.0 asks for less than 20 kB."""
    return _over("bytes", _bytes(body), 19_900)


def _texts(value: object) -> list[Mapping[str, Any]]:
    """Every object inside a value."""
    if isinstance(value, dict):
        return [value, *(found for inner in value.values() for found in _texts(inner))]
    return [found for inner in value for found in _texts(inner)] if isinstance(value, list) else []


def _slack(body: Body) -> str:
    """Block Kit: 50 blocks; 3,000 characters in a section, 150 in a header. A message: 40,000."""
    blocks = body.get("blocks") or []
    longest = {"header": 150}
    for block in blocks:
        text = block.get("text") or {}
        limit = longest.get(block.get("type"), 3000)
        if why := _over(f"characters in a {block.get('type')}", len(text.get("text", "")), limit):
            return why
    return _over("blocks", len(blocks), 50) or _over("characters", len(str(body.get("text", ""))), 40_000)


def _discord(body: Body) -> str:
    """10 embeds; title 256, description 4,096, footer 2,048, all of them together 6,000; content 2,000."""
    embeds = body.get("embeds") or []
    limits = {"title": 256, "description": 4096}
    total = 0
    for embed in embeds:
        footer = str((embed.get("footer") or {}).get("text", ""))
        parts = {key: len(str(embed.get(key, ""))) for key in limits}
        total += sum(parts.values()) + len(footer)
        for key, length in parts.items():
            if why := _over(f"characters in a {key}", length, limits[key]):
                return why
    content = _over("characters in the content", len(str(body.get("content", ""))), 2000)
    return content or _over("embeds", len(embeds), 10) or _over("characters in all embeds", total, 6000)


def _teams(body: Body) -> str:
    """28 kB, which some of its ways count in UTF-16 (a body of 14,000 letters was refused there)."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return _over("bytes in UTF-16", len(text.encode("utf-16-le", "replace")), 28_000)


def _telegram(body: Body) -> str:
    """4,096 UTF-16 units once the markup is read."""
    text = html.unescape(_TAG.sub("", str(body.get("text", ""))))
    return _over("characters", len(text.encode("utf-16-le", "replace")) // 2, 4096)


def _mattermost(body: Body) -> str:
    """16,383 characters since version 5; a server splits what is longer, in the middle of markup."""
    return _over("characters", len(str(body.get("text", ""))), 16_383)


def _ntfy(body: Body) -> str:
    """4,096 bytes of message (more becomes an attachment), and twice that for all of the JSON."""
    message = len(str(body.get("message", "")).encode("utf-8", "replace"))
    # The topic comes to it, of 64 letters at most.
    return _over("bytes of message", message, 4096) or _over("bytes", _bytes(body), 8000)


_LIMITS: dict[str, tuple[Callable[[Body], str], ...]] = {
    "slack": (_slack,),
    "discord": (_discord,),
    "teams": (_teams,),
    "telegram": (_telegram,),
    "mattermost": (_mattermost,),
    "ntfy": (_ntfy,),
}
