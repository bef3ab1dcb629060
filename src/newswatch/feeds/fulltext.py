"""The article on a story's own page, where the feed gives a sentence or two of it. Pure.

trafilatura finds the article. What it finds is taken only when it is the article that the feed speaks of: pages that
ask for consent, for a person or for money hold text too, and none of it is news.
"""

from __future__ import annotations

import json
import re
import warnings
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from newswatch.feeds.page import decoded
from newswatch.feeds.text import one_line

MAX_TEXT = 40_000
"""Characters of an article that are kept: a long read; a page that holds more is a forum or a book."""
MAX_MARKUP = 5_000_000
"""Characters of a page that are read; some carry megabytes of scripts."""
OPEN = 1_500
"""A page that says it is not free, and shows this many characters all the same, shows its article."""
_SHARED = 0.3
"""Of the words of title and summary, those that an article has at the least; a consent page has next to none."""
_WORD = 5
"""A word counts by this many first letters, so that its endings do not matter."""

_TAG = re.compile(r"<\s*(?:html|body|article|p|div)\b", re.IGNORECASE)
_SCRIPT = re.compile(
    r"<script\b[^<>]*type\s*=\s*[\"']?application/ld\+json[^<>]*>(.{0,200000}?)</script", re.IGNORECASE | re.DOTALL
)
_META = re.compile(r"<meta\b[^<>]*(?:content_tier|article:paywall|paywall)[^<>]*>", re.IGNORECASE)
_LOCKED = re.compile(r"content\s*=\s*[\"']?(?:locked|paid|premium|subscriber|true|hard)\b", re.IGNORECASE)
_CONSENT_HOST = re.compile(r"^(?:consent|guce|privacy|cmp|cookies?)\.", re.IGNORECASE)
_CHALLENGES = ("cf-challenge", "cf_chl_", "captcha", "are you a robot", "ddos-guard", "just a moment", "qrator")


@dataclass(frozen=True, slots=True)
class FullText:
    """What a story's page gave.

    Attributes:
        text: the article, paragraphs parted by empty lines; empty where none was taken.
        reason: why none was taken, in words that go on after "its page"; empty where one was.
    """

    text: str
    reason: str = ""


def read_full_text(body: bytes, *, url: str, content_type: str, title: str, summary: str) -> FullText:
    """Read the article of a page, or say why there is none to be taken.

    Args:
        body: decoded bytes of the answer.
        url: where it came from in the end, after redirects.
        content_type: the header, for kind and charset.
        title: the story's, as the feed gives it.
        summary: its text, as the feed gives it.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind and kind not in {"text/html", "application/xhtml+xml", "text/plain", "application/xml"}:
        return FullText("", f"is no web page ({kind})")
    markup = (decoded(body, content_type) or body.decode("utf-8", "replace"))[:MAX_MARKUP]
    if not _TAG.search(markup):
        return FullText("", "is no web page" if markup.strip() else "is empty")
    if _CONSENT_HOST.search(urlsplit(url).hostname or ""):
        return FullText("", "asks for consent before it shows anything")
    text = _article(markup, without=one_line(title))
    if not text:
        return FullText("", _why_empty(markup))
    if len(text) < OPEN and _not_free(markup):
        return FullText("", "is behind a paywall")
    if not _same_article(text, title, summary):
        return FullText("", "holds another text than the feed speaks of (a page for consent, perhaps, or a front page)")
    if len(text) <= len(summary):
        return FullText("", "holds no more than the feed")
    return FullText(text)


def _article(markup: str, *, without: str) -> str:
    """The paragraphs of the article, each once, without its title, menus, comments and tables."""
    found = _extract()(
        markup,
        favor_precision=True,
        include_comments=False,
        include_tables=False,
        include_formatting=False,
        deduplicate=False,
    )
    kept, length = [], 0
    for paragraph in dict.fromkeys(one_line(line) for line in (found or "").splitlines()):
        if not paragraph or paragraph == without:
            continue
        length += len(paragraph) + 2
        if length > MAX_TEXT:
            break
        kept.append(paragraph)
    return "\n\n".join(kept)


@cache
def _extract() -> Any:
    """Trafilatura's reader; it takes a fifth of a second to load, and is needed where there is full text only."""
    with warnings.catch_warnings():
        # Of what it could do with another package, and is not asked for.
        warnings.simplefilter("ignore")
        from trafilatura import extract

    return extract


def _why_empty(markup: str) -> str:
    start = markup[:65536].lower()
    if any(sign in start for sign in _CHALLENGES):
        return "wants a person (a challenge)"
    if _not_free(markup):
        return "is behind a paywall"
    return "holds no article (it may need JavaScript)"


def _not_free(markup: str) -> bool:
    """Whether a page says of itself that its article is not free.

    Structured data: https://developers.google.com/search/docs/appearance/structured-data/paywalled-content; and the
    ``article:content_tier`` of Facebook's instant articles.
    """
    if any(_LOCKED.search(tag) for tag in _META.findall(markup)):
        return True
    return any(_says_not_free(script) for script in _SCRIPT.findall(markup))


def _says_not_free(script: str) -> bool:
    try:
        data = json.loads(script)
    except (ValueError, RecursionError):
        return bool(re.search(r"\"isAccessibleForFree\"\s*:\s*\"?false", script, re.IGNORECASE))
    things = data if isinstance(data, list) else [data]
    graph = [thing.get("@graph") for thing in things if isinstance(thing, dict)]
    things = things + [thing for listed in graph if isinstance(listed, list) for thing in listed]
    said = [thing.get("isAccessibleForFree") for thing in things if isinstance(thing, dict)]
    return any(str(one).lower() in {"false", "http://schema.org/false", "https://schema.org/false"} for one in said)


def _same_article(text: str, title: str, summary: str) -> bool:
    """Whether a text speaks of what title and summary speak of; where these say too little, it is believed."""
    said = _words(f"{title}\n{summary}")
    return len(said) < 3 or len(said & _words(text)) >= _SHARED * len(said)


def _words(text: str) -> set[str]:
    return {word[:_WORD] for word in re.findall(r"\w+", text.casefold()) if len(word) >= _WORD - 1 or word.isdigit()}
