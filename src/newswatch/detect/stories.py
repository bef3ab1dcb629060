"""Which story is this entry: one we have, an edit of it, a copy of another, or a new one?

    by entry id -> same or edited     the feed shows it again
    by address  -> same               another feed carries the same article
    by shape    -> near-copy          another publisher carries the same text
    else        -> new

Pure: what is known of each way is looked up by the caller.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from newswatch.detect.addresses import canonical_url, is_front_page
from newswatch.detect.copies import Shape, contains, same_words, shape, similarity, why_not_a_copy
from newswatch.model import Entry, Story, make_id

__all__ = ["Assignment", "Shape", "assign", "canonical_url", "joined", "shape", "similarity"]

COPY_WINDOW = timedelta(days=3)
"""How far apart copies are published; the same words a week later are a new report, an anniversary, a column."""
_CANDIDATES = 20
"""Candidates that are compared word by word, the most similar first."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """What an entry is.

    Attributes:
        kind: ``new``, ``same`` (nothing of it is new, though a fuller text may have been kept), ``near-copy`` or
            ``edited``.
        story: the story as it is now to be kept.
        reason: why, in a few words.
    """

    kind: Literal["new", "same", "near-copy", "edited"]
    story: Story
    reason: str

    @property
    def shape(self) -> Shape:
        """The shape of that story's title and text; worked out when it is asked for."""
        return shape(self.story.title, self.story.text)


def assign(
    entry: Entry,
    *,
    source: str,
    language: str,
    now: datetime,
    by_url: Story | None,
    by_entry: Story | None,
    near: Sequence[tuple[Story, bytes]],
    url: str | None = None,
) -> Assignment:
    """Decide which story an entry is.

    Args:
        entry: an entry that is new or whose fingerprint changed.
        source: the publisher's name.
        language: of the text, or empty.
        now: never earlier than the story's publication afterwards.
        by_url: the story with this entry's canonical URL, if any.
        by_entry: the story this very entry of this feed belongs to, if any.
        near: stories that share a band with this entry's shape, with their signatures; none where copies of it do
            not matter.
        url: the canonical URL of the entry's link, where that is worked out already.

    Returns:
        The decision with the story as it stands now.
    """
    if by_entry is not None:
        return _again(entry, by_entry, may_be_excerpt=source != by_entry.source)
    if by_url is not None and not is_front_page(by_url.url):
        if source == by_url.source:
            return _again(entry, by_url, may_be_excerpt=True)
        return _carried(entry, by_url)
    address = canonical_url(entry.link) if url is None else url
    return _first(entry, _new_story(entry, address, source=source, language=language, now=now), near)


def _again(entry: Entry, story: Story, *, may_be_excerpt: bool) -> Assignment:
    """The publisher shows a story again that it changed, if only in its white space.

    A shorter text of the very feed that brought the story is an edit (a retraction, perhaps), elsewhere an excerpt.
    """
    if same_words(entry.title, entry.summary, story.title, story.text):
        return _kept("same", story, "the same words again")
    if story.full and not entry.full:
        return _excerpted(entry, story)
    if entry.full and not story.full and same_words(entry.title, "", story.title, ""):
        return _kept("same", replace(story, text=entry.summary, full=True), "its page gives a fuller text")
    if may_be_excerpt and _excerpt(entry, story):
        return _kept("same", story, "an excerpt of what is known")
    edited = replace(story, title=entry.title, text=entry.summary, full=entry.full, revision=story.revision + 1)
    return _kept("edited", edited, "the feed changed the title or the text")


def _excerpted(entry: Entry, story: Story) -> Assignment:
    """A feed's excerpt of an article whose page was read, and cannot be read now.

    What the article lacks is put before it, rather than taken for the whole of it: the rest was not withdrawn.
    """
    if _excerpt(entry, story):
        return _kept("same", story, "an excerpt of the article on its page")
    text = joined(entry.summary, story.text)
    edited = replace(story, title=entry.title, text=text, revision=story.revision + 1)
    return _kept("edited", edited, "the feed says what the article on its page does not")


def joined(summary: str, article: str) -> str:
    """A feed's text and the article of its page as one: what the article says in the same words stands once."""
    return article if contains(article, summary) else f"{summary}\n\n{article}"


def _carried(entry: Entry, story: Story) -> Assignment:
    """Another feed carries the article; feeds give different excerpts, and the fullest is kept."""
    if len(entry.summary) > len(story.text):
        fuller = replace(story, text=entry.summary, full=entry.full)
        return _kept("same", fuller, "the same address, with a fuller text")
    return _kept("same", story, "the same address")


def _first(entry: Entry, story: Story, near: Sequence[tuple[Story, bytes]]) -> Assignment:
    """An address that was never seen: a copy of a recent story, or a new one."""
    if not near:
        return Assignment("new", story, "nothing like it is known")
    own = shape(entry.title, entry.summary)
    recent = [
        (similarity(own.signature, signature), earlier)
        for earlier, signature in near
        if earlier.story_id != story.story_id and abs(story.published - earlier.published) <= COPY_WINDOW
    ]
    recent.sort(key=lambda pair: (-pair[0], pair[1].first_seen, pair[1].story_id))
    reason = "nothing like it is known"
    for at, (alike, earlier) in enumerate(recent[:_CANDIDATES]):
        why_not = why_not_a_copy(entry.title, entry.summary, earlier.title, earlier.text)
        if not why_not:
            copy = replace(story, near_copy_of=earlier.near_copy_of or earlier.story_id)
            return Assignment("near-copy", copy, f"the words of {earlier.source or earlier.story_id}")
        if at == 0:
            reason = f"{alike:.0%} like {earlier.source or earlier.story_id}, but {why_not}"
    return Assignment("new", story, reason)


def _new_story(entry: Entry, url: str, *, source: str, language: str, now: datetime) -> Story:
    return Story(
        story_id=make_id("sty", *((entry.feed_id, entry.entry_id) if is_front_page(url) else (url,))),
        url=url,
        title=entry.title,
        text=entry.summary,
        source=source,
        language=language,
        published=min(entry.published or now, now),
        first_seen=now,
        full=entry.full,
    )


def _excerpt(entry: Entry, story: Story) -> bool:
    """Whether the entry says nothing that the story does not say in the same words."""
    return contains(f"{story.title}\n{story.text}", entry.title) and contains(story.text, entry.summary)


def _kept(kind: Literal["same", "edited"], story: Story, reason: str) -> Assignment:
    return Assignment(kind, story, reason)
