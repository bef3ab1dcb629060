"""A draft as the text of an event file, commented, for a person to edit. Pure."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator

from newswatch.drafting.articles import Article
from newswatch.drafting.draft import MOST_SPELLINGS, Draft, Name

WIDTH = 110
_SHORT = 90
UNKNOWN = "CHANGE THIS NAME"


def event_file(draft: Draft) -> str:
    """The event file: it can be used as it is, and its comments say what is a guess."""
    return "\n".join(
        [*_head(draft), "", *_about(draft), "", *_baseline(draft), *_entities(draft), *_topics(draft)]
    ) + "\n"  # fmt: skip


def _quoted(text: str) -> str:
    """A double-quoted YAML scalar: JSON's form is one, where every character may stand in YAML."""
    return json.dumps("".join(char if char.isprintable() else " " for char in text), ensure_ascii=False)


def _comment(text: str, indent: str = "") -> list[str]:
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return textwrap.wrap(line, WIDTH, initial_indent=f"{indent}# ", subsequent_indent=f"{indent}# ") or [f"{indent}#"]


def _flow(values: Iterable[str]) -> str:
    return f"[{', '.join(map(_quoted, values))}]"


def _head(draft: Draft) -> Iterator[str]:
    yield "# yaml-language-server: $schema=../schemas/event.schema.json"
    yield from _comment(
        f"Drafted by `newswatch baseline draft` from {len(draft.articles)} "
        f"article{'s' if len(draft.articles) > 1 else ''}. Every line is a guess: correct it, and then run "
        f"newswatch check-config. Every key is explained in docs/configuration.md"
    )
    yield ""
    yield f"event: {_quoted(draft.event)}"
    yield f"title: {_quoted(draft.title)}"
    yield f"languages: [{', '.join(draft.languages)}]"


def _often(name: Name) -> str:
    return f"{name.common} ({name.sentences})"


def _about(draft: Draft) -> Iterator[str]:
    yield "# A story is about the event when one of these stands in it, in whatever spelling, case or script."
    if draft.about:
        yield from _comment(f"Guessed: the names that stand in most sentences: {', '.join(map(_often, draft.about))}.")
        yield from _comment("Keep what no other news has: a country or a city alone brings every story about it.")
    else:
        yield from _comment("No name was found in the articles: write one that only stories about the event have.")
    if draft.candidates:
        yield from _comment(f"Others that stand often: {', '.join(map(_often, draft.candidates))}.")
    watched = [name.common for name in draft.about] or [UNKNOWN]
    yield f"about: {{any: {_flow(watched)}}}"


def _baseline(draft: Draft) -> Iterator[str]:
    yield "# What is known at the start. Stories published before as_of are taken as known and are not told."
    yield "baseline:"
    if draft.dated:
        yield from _comment("When the newest of the articles was published.", "  ")
    else:
        yield from _comment("No article says when it was published: this is when it was drafted. Correct it.", "  ")
    yield f"  as_of: {draft.as_of:%Y-%m-%dT%H:%M:%SZ}"
    yield from _source(draft.articles)
    left = f"; {draft.repeats} that only repeat one of them were left out" if draft.repeats else ""
    yield from _comment(
        f"One fact a sentence that says something about the event{left}. Take out what is not so.", "  "
    )
    yield "  facts:"
    article: Article | None = None
    for number, fact in enumerate(draft.facts, 1):
        if fact.article is not article and len(draft.articles) > 1:
            yield from _comment(f"From {fact.article.title or fact.article.name}", "    ")
        article = fact.article
        yield from _fact(number, fact.text)


def _source(articles: tuple[Article, ...]) -> Iterator[str]:
    publishers = dict.fromkeys(article.publisher for article in articles if article.publisher)
    first = articles[0]
    pairs = (("title", first.title), ("publisher", " and ".join(publishers)), ("url", first.url))
    given = ", ".join(f"{key}: {_quoted(value)}" for key, value in pairs if value)
    if given:
        yield f"  source: {{{given}}}"
    else:
        yield '  # source: {title: "", publisher: "", url: ""}    # where this comes from'
    for article in articles[1:]:
        yield from _comment(f"and {article.title or article.name}{f', {article.url}' if article.url else ''}", "  ")


def _fact(number: int, text: str) -> Iterator[str]:
    if len(text) <= _SHORT:
        yield f"    - {{id: b{number}, text: {_quoted(text)}}}"
        return
    yield f"    - id: b{number}"
    yield "      text: >-"
    plain = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    indent = " " * 8
    yield from textwrap.wrap(
        plain, WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )  # fmt: skip


def _entities(draft: Draft) -> Iterator[str]:
    yield ""
    yield "# People, bodies and places, with the spellings seen; inflections are found by themselves."
    yield "# Add other spellings and scripts. The types are guessed too: person, body, place, country, other."
    if not draft.entities:
        yield "# entities:"
        yield "#   - {id: minister, name: Jane Doe, type: person, names: [Doe]}"
        return
    yield "entities:"
    for slug, name in draft.entities:
        others = [spelling for spelling in name.distinct if spelling != name.full][:MOST_SPELLINGS]
        names = f", names: {_flow(others)}" if others else ""
        kind = "person" if name.person else "other"
        yield f"  - {{id: {_quoted(slug)}, name: {_quoted(name.full)}, type: {kind}{names}}}"


def _topics(draft: Draft) -> Iterator[str]:
    suggested = (
        ("urgent", "alert", draft.urgent, "told at once"),
        ("statements", "digest", draft.speakers, "told in the next digest"),
        ("other", "digest", draft.others, "told in the next digest; silent would not tell it at all"),
    )
    yield ""
    yield from _comment(
        "What matters how much. Without topics, general rules decide what is urgent (deaths, arrests, raids …); with "
        "them, these do. Suggested from the articles' words, each of which stands for its meaning in every language:"
    )
    yield "# topics:"
    for topic, severity, words, meaning in suggested:
        if words:
            yield f"#   - {{id: {topic}, severity: {severity}, any: {_flow(words)}}}    # {meaning}"
