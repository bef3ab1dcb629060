"""A story's text to sentences, and each sentence to claims: figures, happenings and statements. Pure.

text | sentences | words | terms (what they stand for) | claims, and marks of how the sentence is told

Claims do not depend on the language: measures, happenings and speech are ids, names are entities of the event or rough
Latin, so that a Russian story can be held against what an English one told.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from newswatch.model import Claim, Evidence, Happening, Sentence, Statement, Status
from newswatch.reading.days import day_named
from newswatch.reading.details import UNTIL_REACH, details
from newswatch.reading.figures import figures
from newswatch.reading.lexicon import Forms, Lexicon, addressed, composed, lexicon, possessed
from newswatch.reading.sentences import Span, split
from newswatch.reading.terms import Names, Term, Tokens, sure_names, terms, tokens

MOST_HAPPENINGS = 8
"""Happenings read of one sentence; more is a list, not news."""
NEAR = 9
"""Words between a happening and the names it is held to be about."""
NEAR_ROLE = 5
_PHASE_BEFORE = 3
"""Words between a verb that carries a happening out and the happening: began a new wide assault."""
_PHASE_BEHIND = 2
_SPEAKERS = (({"name"}, 12), ({"role", "body"}, 6))
"""Who may speak, and how many words from the word of speech: names before all others."""
_ADDRESSEE = 2
"""Words between a word of speech and whom it is said to: urged the former president."""
OWNED = 5
"""Words between what belongs to somebody and whose it is."""
_STATUS = {
    "denied": Status.DENIED,
    "called-off": Status.CALLED_OFF,
    "failed": Status.FAILED,
    "alleged": Status.ALLEGED,
    "attempted": Status.ATTEMPTED,
}
_YEAR = re.compile(r"(?:19|20)\d\d")
_DASH = re.compile(r"[\"»”]?,? [-–—] ")
_QUOTE = re.compile('["«“„]')


class Reader:
    """Reads stories of one event: knows how its entities are called."""

    def __init__(
        self, names: Mapping[str, Iterable[str]], people: Container[str] = (), places: Iterable[str] = ()
    ) -> None:
        """Keep the names.

        Args:
            names: entity id -> its spellings.
            people: ids of those that go by their last name alone.
            places: ids of those that say nothing themselves.
        """
        self._names = Names(names, people)
        self._places = {f"@{place}" for place in places}
        self._listed = {f"@{entity}" for entity in names} - self._places

    def read(self, title: str, text: str, language: str, published: datetime) -> list[Sentence]:
        """All sentences of a story that hold anything, the title first.

        Args:
            title: plain text, or empty.
            text: plain text; paragraphs parted by empty lines.
            language: code of a lexicon (`newswatch.reading.language_of`); without one, names and numbers are read.
            published: "on Thursday" is the Thursday before.
        """
        book = lexicon(language)
        spans = split(title, text, book.abbreviations if book else frozenset())
        parted = [(span, tokens(span.text, language)) for span in spans]
        seen = {name for _, words in parted for name in sure_names(words, book)}
        return [read for span, words in parted if (read := self._sentence(span, words, book, seen, published))]

    def _sentence(
        self, span: Span, words: Tokens, book: Lexicon | None, seen: set[str], published: datetime
    ) -> Sentence | None:
        found = terms(words, book, self._names, seen)
        if not found:
            return None
        marked = _marked(words, book)
        marks: dict[str, int] = {"words": len(words.raw)}
        for name, _, _ in marked:
            marks[name] = marks.get(name, 0) + 1
        if any(_YEAR.fullmatch(word) for word in words.raw):
            marks["year"] = 1
        if _QUOTE.search(span.text):
            marks["quote"] = 1
        if book is not None and words.folded[0] in book.pronouns:
            marks["pronoun"] = 1
        evidence = Evidence(span.text, span.index)
        when = day_named(words, _without_ends(marked), published)
        keys = {term.key: term.kind for term in found}
        claims = tuple(self._claims(evidence, words, found, marked, book, when, published, tuple(keys)))
        age = None if when is None else (published - when).total_seconds() / 86400
        spelt: dict[str, str] = {}
        for term in found:
            spelt.setdefault(term.key, " ".join(words.raw[term.at : term.at + term.size]))
        return Sentence(evidence, claims, keys, marks, age, book.language if book else "", spelt)

    def _claims(
        self,
        evidence: Evidence,
        words: Tokens,
        found: list[Term],
        marked: Sequence[tuple[str, int, int]],
        book: Lexicon | None,
        when: datetime | None,
        published: datetime,
        keys: tuple[str, ...],
    ) -> Iterator[Claim]:
        """What a sentence says; the first claim that is no figure carries the sentence's terms."""
        background = _background(marked)
        said = [*_statements(evidence, words, found, when, keys, self._places, self._listed, background=background)]
        told: list[Statement | Happening] = [
            *said,
            *(
                replace(happening, said_by=said[0].speaker) if said else happening
                for happening in _happenings(
                    evidence, words, found, marked, book, when, published, background=background
                )
            ),
        ]
        if told:
            first = told[0]
            told[0] = _with_terms(first, keys)
        else:
            told = [Happening(evidence, "other", terms=keys, when=when, background=background)]
        yield from told
        if book is not None:
            speaker = said[0].speaker if said else ""
            yield from (
                replace(figure, said_by=speaker)
                for figure in figures(
                    evidence, words, found, marked, book, when, published, self._places, background=background
                )
            )


def _with_terms(claim: Happening | Statement, keys: tuple[str, ...]) -> Happening | Statement:
    return replace(claim, terms=keys)


def _marked(words: Tokens, book: Lexicon | None) -> list[tuple[str, int, int]]:
    """Every word of a small table: ``(table:id, place, words it takes)``."""
    if book is None:
        return []
    return [
        (hit.id, at, hit.size)
        for at in range(len(words.raw))
        for hit in book.marks.all_at(words.folded, words.stems, at)
        if not (hit.id.startswith("dates:") and words.folded[at] in book.capitals and words.raw[at].islower())
    ]


def _without_ends(marked: Sequence[tuple[str, int, int]]) -> Sequence[tuple[str, int, int]]:
    """Without the days until when something lasts: custody until October 26 is no news of October."""
    ends = {at + size for name, at, size in marked if name == "details:until"}
    if not ends:
        return marked
    ahead = {end + word for end in ends for word in range(UNTIL_REACH)}
    return [one for one in marked if one[1] not in ahead or not one[0].startswith("dates:")]


def _background(marked: Sequence[tuple[str, int, int]]) -> bool:
    """Told as recall: two marks of it, or one without any mark of the present day."""
    names = [name for name, _, _ in marked]
    recalls = names.count("tone:recall")
    return recalls > 1 or (recalls == 1 and "tone:fresh" not in names)


# ---------------------------------------------------------------- statements


def _statements(
    evidence: Evidence,
    words: Tokens,
    found: list[Term],
    when: datetime | None,
    keys: tuple[str, ...],
    places: Container[str],
    listed: Container[str],
    *,
    background: bool,
) -> Iterator[Statement]:
    """Who says it: the name nearest to the first verb of speech, else the nearest role or body."""
    verb = next((term for term in found if term.kind == "speech"), None)
    named = _labelled(words, found, places, listed, headline=evidence.index == 0)
    if named is not None:
        about = tuple(key for key in keys if key.startswith("@") and key != named)
        act = "say" if verb is None else verb.key[1:]
        yield Statement(evidence, named, act, about=about, when=when, background=background)
        return
    if verb is None:
        return
    counted = {term.at + term.size for term in found if term.kind == "number"}
    done_to = verb.key in addressed()
    speakers = (({"name", "role", "body"}, 6), *_SPEAKERS) if done_to else _SPEAKERS
    for kinds, reach in speakers:
        near = [
            t
            for t in found
            if t.kind in kinds and _apart(t, verb) <= reach and t.key not in places and t.at not in counted
        ]
        if near:
            ahead = [term for term in near if term.at < verb.at] if done_to else []
            who = min(ahead or near, key=lambda term: _apart(term, verb))
            about = tuple(key for key in keys if key.startswith("@") and key != who.key)
            to = _spoken_to(words, found, verb, who) if done_to else ""
            yield Statement(evidence, who.key, verb.key[1:], to=to, about=about, when=when, background=background)
            return


def _spoken_to(words: Tokens, found: list[Term], verb: Term, who: Term) -> str:
    """Key of whom it is said to: who stands right behind the word of speech, where the speaker stands before it."""
    end = verb.at + verb.size
    if who.at > verb.at:
        return ""
    behind = (
        term.key
        for term in found
        if term.kind in {"name", "role", "body"} and 0 <= term.at - end <= _ADDRESSEE and term.key != who.key
        and all(words.close(at) for at in range(end, term.at + 1))
    )  # fmt: skip
    return next(behind, "")


def _labelled(
    words: Tokens, found: list[Term], places: Container[str], listed: Container[str], *, headline: bool
) -> str | None:
    """Who says it where a colon or a headline's dash does for the verb: "Peskov: no talks", "No talks - Kremlin"."""
    who = [term for term in found if term.kind in {"name", "role", "body"} and term.key not in places]
    for term in who:
        if term is found[0] and term.at <= 1 and words.gaps[term.at + term.size].startswith(":"):
            return term.key
    last = found[-1]
    ends = last.at + last.size == len(words.raw)
    # An unlisted name behind the dash is rather the publisher's.
    known = last in who and (last.kind != "name" or last.key in listed)
    if headline and known and ends and _DASH.fullmatch(words.gaps[last.at]):
        return last.key
    return None


def _apart(one: Term, other: Term) -> int:
    """Words from the nearer end of one to the other."""
    return one.at - (other.at + other.size - 1) if one.at > other.at else other.at - (one.at + one.size - 1)


# ---------------------------------------------------------------- happenings


def _happenings(
    evidence: Evidence,
    words: Tokens,
    found: list[Term],
    marked: Sequence[tuple[str, int, int]],
    book: Lexicon | None,
    when: datetime | None,
    published: datetime,
    *,
    background: bool,
) -> Iterator[Happening]:
    forms = book.forms if book is not None else Forms()
    headline = evidence.index == 0
    acts = [term for term in found if term.kind in {"urgent", "action"} or term.key in composed()][:MOST_HAPPENINGS]
    if not acts and not any(term.kind == "speech" for term in found):
        acts = _unknown_verb(words, found, forms)
    people = [term for term in found if term.kind != "name" or not _owner(words, found, term)]
    places = tuple(term.key for term in found if term.kind == "place")
    for act in acts:
        yield Happening(
            evidence,
            _type(act),
            _status(words, found, act, marked, forms, headline=headline),
            actors=_near(people, act, {"name"}, NEAR),
            targets=_near(found, act, {"role", "body", "number"}, NEAR_ROLE),
            places=places,
            when=when,
            ordinal=2 if _again(act, marked) else 1,
            background=background,
            details=details(words, found, marked, book, act, published),
        )


def _type(act: Term) -> str:
    if act.key in composed():
        return composed()[act.key][0]
    return act.key[1:] if act.key.startswith("#") else f"verb:{act.key}"


def _owner(words: Tokens, found: list[Term], name: Term) -> bool:
    """Whether a name only says whose something is: Atambayev's house, сторонники бывшего президента Атамбаева."""
    if words.raw[name.at + name.size - 1].endswith(("'s", "’s")):
        return True
    for term in found:
        between = range(term.at + term.size, name.at)
        behind = term.at + term.size <= name.at and len(between) < OWNED
        if behind and term.key in possessed() and not _parted(words, found, between):
            return True
    return False


def _parted(words: Tokens, found: list[Term], between: range) -> bool:
    """Whether a happening or a comma stands between two places."""
    acts = any(term.at in between and term.kind in {"urgent", "action", "speech"} for term in found)
    return acts or not all(words.close(at) for at in (*between, between.stop))


def _near(found: list[Term], act: Term, kinds: set[str], reach: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys(t.key for t in found if t.kind in kinds and abs(t.at - act.at) <= reach))


def _unknown_verb(words: Tokens, found: list[Term], forms: Forms) -> list[Term]:
    """A main verb that no lexicon knows is a happening of its own, never nothing."""
    for term in found:
        if term.kind == "word" and term.at and _done(words.folded[term.at], forms):
            return [term]
    return []


def _done(word: str, forms: Forms) -> bool:
    return word in forms.done_words or (len(word) > 4 and word.endswith(forms.done))


def _attribute(words: Tokens, found: list[Term], act: Term, forms: Forms) -> bool:
    """Whether a participle only describes who follows it: the captured men; not: police captured six men."""
    end = act.at + act.size
    if act.size > 1 or not act.at or words.folded[act.at - 1] not in forms.attributes:
        return False
    return any(t.at == end and t.kind in {"name", "role", "body"} for t in found) and words.close(end)


def _carried_out(words: Tokens, act: Term, marked: Sequence[tuple[str, int, int]], forms: Forms) -> Status | None:
    """What a verb makes of a happening that is a noun: began the assault, the raid was launched, or: to begin it."""
    end = act.at + act.size
    for name, at, size in marked:
        before = 0 <= act.at - (at + size) <= _PHASE_BEFORE
        beside = before or 0 <= at - end <= _PHASE_BEHIND
        between = range(min(at + size, end), max(at, act.at) + 1)
        if name == "status:done" and beside and all(words.close(n) for n in between):
            aimed = any(word in forms.aim_before for word in words.folded[max(0, at - 2) : at])
            return Status.PLANNED if aimed else Status.DONE
    return None


def _again(act: Term, marked: Sequence[tuple[str, int, int]]) -> bool:
    """Whether it is another one of its kind: a second raid, the raid began again, resumed the raid."""
    places = [(at, at + size) for name, at, size in marked if name == "again:words"]
    return any(0 <= act.at - end <= 1 or 0 <= at - (act.at + act.size) <= 1 for at, end in places)


def _status(
    words: Tokens, found: list[Term], act: Term, marked: Sequence[tuple[str, int, int]], forms: Forms, *, headline: bool
) -> Status:
    """Whether it was done, meant, denied or only mentioned, by the form of its word and what stands before."""
    before = words.folded[max(0, act.at - 4) : act.at]
    if any(word in forms.not_before for word in before[-3:]):
        return Status.DENIED
    for name, at, _ in marked:
        table, _, kind = name.partition(":")
        if table == "status" and kind in _STATUS and -6 <= at - act.at <= 4:
            return _STATUS[kind]
    # In a phrase the verb may be any word of it: gave himself up.
    verbs = words.folded[act.at : act.at + act.size]
    meant = any(word in forms.aim_before for word in before[-2:])
    if meant or any(word.endswith(forms.aim) for word in verbs if forms.aim):
        return Status.PLANNED
    if _attribute(words, found, act, forms):
        return Status.MENTIONED
    carried = _carried_out(words, act, marked, forms)
    if carried is not None:
        return carried
    if any(word.endswith(forms.denied) for word in verbs if forms.denied):
        return Status.DENIED
    if any(word in forms.ahead_words or (forms.ahead and word.endswith(forms.ahead)) for word in verbs):
        return Status.PLANNED
    if any(_done(word, forms) for word in verbs) or (headline and act.at and verbs[0].endswith(forms.headline or "\0")):
        return Status.DONE
    return Status.MENTIONED
