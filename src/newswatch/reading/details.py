"""What a legal step or a change of office is by its own measures: article, crime, years, until when, as what.

Which happenings have which is data: ``[details]`` of ``lexicons/concepts.toml``. Two charges of different crimes, two
sentences of different years, two appointments to different posts are different happenings by these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from newswatch.reading.days import day_beside, year_beside
from newswatch.reading.lexicon import Lexicon, composed, crimes, posts, steps
from newswatch.reading.numbers import value_at
from newswatch.reading.terms import MONTHS, NUMBER, Term, Tokens

REACH = 14
"""Words after a step in which its article, crime or years may stand."""
REACH_BACK = 5
_POST_REACH = 6
UNTIL_REACH = 3
"""Words behind "until" in which its day stands."""
_LONGEST = 100
"""More years or months are no sentence."""
_PAST = timedelta(days=60)
"""A date without a year that is further past than this is next year's: custody is extended into the future."""
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_SPANS = {"dates:year": "years", "dates:month": "months", "measures:sentence-years": "years"}

Details = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Step:
    """A step in its sentence; `start` and `stop` part its words from those of the steps beside it."""

    words: Tokens
    found: Sequence[Term]
    marked: Sequence[tuple[str, int, int]]
    book: Lexicon
    act: Term
    published: datetime
    start: int
    stop: int

    def own(self, at: int) -> bool:
        """Whether a word stands close enough, and no other step closer."""
        return max(self.start, self.act.at - REACH_BACK) <= at < min(self.stop, self.act.at + self.act.size + REACH)


def details(
    words: Tokens,
    found: Sequence[Term],
    marked: Sequence[tuple[str, int, int]],
    book: Lexicon | None,
    act: Term,
    published: datetime,
) -> Details:
    """The measures of one step as ``(name, value)`` pairs, in a fixed order; empty for what has none.

    Returns:
        ``("article", "233")``, ``("with", "#murder")`` a crime's concept, ``("years", "5")`` or ``("months", "6")``,
        ``("until", "2019-10-26")`` or only its month, ``("as", "#mayor")`` a post's concept.
    """
    step_of, crime = composed().get(act.key, (act.key[1:], ""))
    wanted = steps().get(step_of, ()) if book is not None else ()
    if not wanted or book is None:
        return ()
    others = [term for term in found if term.key[1:] in steps() and term.key != act.key]
    start = max((term.at + term.size for term in others if term.at < act.at), default=0)
    stop = min((term.at for term in others if term.at > act.at), default=len(words.raw))
    step = _Step(words, found, marked, book, act, published, start, stop)
    pairs = [(name, value) for name in wanted for value in _READ[name](step)]
    return tuple(dict.fromkeys(_spans([*pairs, ("with", f"#{crime}")] if crime else pairs)))


def _spans(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Spans of time by their unit: ``years`` reads months too."""
    for name, value in pairs:
        number, _, unit = value.partition(" ")
        yield (unit, number) if unit else (name, value)


def _articles(step: _Step) -> Iterator[str]:
    """Numbers behind the word for an article: Articles 97, 233-1 and 140."""
    raw, gaps = step.words.raw, step.words.gaps
    for name, at, size in step.marked:
        if name != "details:article" or not step.own(at):
            continue
        place = at + size
        while place < len(raw) and NUMBER.fullmatch(raw[place]):
            article = raw[place].rstrip(".,:")
            place += 1
            while place < len(raw) and gaps[place] in {"-", "–"} and raw[place].isdigit():
                article, place = f"{article}-{raw[place]}", place + 1
            yield article
            place += place < len(raw) and step.words.folded[place] in step.book.joined


def _crimes(step: _Step) -> Iterator[str]:
    """Crimes behind the step, or right before it: murder charges."""
    for term in step.found:
        near = term.at > step.act.at or term.at + term.size == step.act.at
        if near and term.key[1:] in crimes() and step.own(term.at):
            yield term.key


def _terms(step: _Step) -> Iterator[str]:
    """How long: ``5 years``, ``6 months``; not how old somebody is, nor how long ago it was."""
    no_term = {at for name, at, _ in step.marked if name in {"tone:recall", "dates:age"}}
    for name, at, _ in step.marked:
        unit = _SPANS.get(name)
        if unit is None or at in no_term or not step.own(at):
            continue
        for start in range(max(0, at - 3), at):
            value, end = value_at(step.words, step.book, start)
            if value is not None and end == at:
                if 0 < value <= _LONGEST and start not in no_term:
                    yield f"{value:g} {unit}"
                break


def _until(step: _Step) -> Iterator[str]:
    """The day, or the month, that stands right behind a word for until."""
    for name, at, size in step.marked:
        if name == "details:until" and step.own(at):
            day = _date(step, at + size)
            if day:
                yield day


def _date(step: _Step, start: int) -> str:
    midnight = step.published.replace(hour=0, minute=0, second=0, microsecond=0)
    for name, at, _ in step.marked:
        kind = name[6:] if name.startswith("dates:") and start <= at < start + UNTIL_REACH else ""
        if kind in MONTHS:
            month, day = MONTHS.index(kind) + 1, day_beside(step.words, at)
            year = year_beside(step.words, at) or _year_ahead(midnight, month, day or 28)
            return f"{year:04}-{month:02}" + (f"-{day:02}" if day else "")
        if kind in _WEEKDAYS:
            ahead = (_WEEKDAYS.index(kind) - midnight.weekday() - 1) % 7 + 1
            return f"{midnight + timedelta(days=ahead):%Y-%m-%d}"
    return ""


def _year_ahead(midnight: datetime, month: int, day: int) -> int:
    past = midnight - _PAST
    return past.year + ((month, day) < (past.month, past.day))


def _posts(step: _Step) -> Iterator[str]:
    """The post nearest behind the step, not who did it; of who resigned, the one right before."""
    by = {at + size for name, at, size in step.marked if name == "details:by"}
    end = step.act.at + step.act.size
    for term in step.found:
        if not end <= term.at < min(step.stop, end + _POST_REACH):
            continue
        if term.kind == "speech":
            return
        done_by = any(place in by for place in range(term.at - 1, term.at + 1))
        if term.key[1:] in posts() and not done_by:
            yield term.key
            return


_READ: dict[str, Callable[[_Step], Iterator[str]]] = {
    "article": _articles,
    "with": _crimes,
    "years": _terms,
    "until": _until,
    "as": _posts,
}
