"""Is a text about the event, and which of its topics does it touch? Every answer names the words it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from newswatch.config.event import Event, Match
from newswatch.detect.phrases import Found, Phrases, folded, rules

__all__ = ["About", "Doubt", "Matcher", "TopicHit", "doubts"]


@dataclass(frozen=True, slots=True)
class About:
    """Whether a text is about the event, and why or why not, in a few words."""

    matched: bool
    why: str


@dataclass(frozen=True, slots=True)
class TopicHit:
    """A phrase of a topic, found at ``text[start:end]``.

    Attributes:
        topic_id: the topic's id.
        phrase: as the event file writes it.
        found: as the text writes it.
    """

    topic_id: str
    phrase: str
    found: str
    start: int
    end: int


class Matcher:
    """The watched phrases of one event. Built once; safe to share between threads.

    A phrase matches with other case, accents and endings, its words in order and side by side. A word with a capital
    letter is a name and matches in other scripts too. ``=WHO`` matches in just this spelling, ``raid*`` every word that
    begins so.
    """

    def __init__(self, event: Event) -> None:
        self._about = event.about
        self._topics = event.topics
        matches = (event.about, *event.topics)
        self._phrases = tuple(dict.fromkeys(phrase for match in matches for phrase in _all_of(match)))
        self._find = Phrases(self._phrases).find
        self._conditions = tuple(_Condition(topic) for topic in event.topics)
        self._watching: dict[str, list[int]] = {}
        for number, topic in enumerate(event.topics):
            for phrase in dict.fromkeys((*topic.any, *topic.all)):
                self._watching.setdefault(phrase, []).append(number)

    def about(self, text: str) -> About:
        """Whether a text is about the event: any of ``any``, all of ``all``, none of ``none``."""
        return _meets(self._about, self._places(text), text)

    def topics(self, text: str) -> tuple[TopicHit, ...]:
        """Every place that makes a topic match, in the event file's order of topics, then by place."""
        places = self._places(text)
        touched: dict[int, list[TopicHit]] = {}
        for phrase, found in places.items():
            for number in self._watching.get(phrase, ()):
                touched.setdefault(number, []).extend(
                    TopicHit(self._topics[number].id, phrase, text[place.start : place.end], place.start, place.end)
                    for place in found
                )
        return tuple(
            hit
            for number, hits in sorted(touched.items())
            if self._conditions[number].holds(places)
            for hit in sorted(hits, key=lambda hit: (hit.start, hit.end))
        )

    def _places(self, text: str) -> dict[str, list[Found]]:
        places: dict[str, list[Found]] = {}
        for found in self._find(text):
            places.setdefault(self._phrases[found.phrase], []).append(found)
        return places


class _Condition:
    """Whether a match holds, without the why; looks at the phrases found, not at those watched."""

    def __init__(self, match: Match) -> None:
        self._any, self._all, self._none = frozenset(match.any), frozenset(match.all), frozenset(match.none)

    def holds(self, places: Mapping[str, object]) -> bool:
        if not self._none.isdisjoint(places) or not self._all <= places.keys():
            return False
        return not self._any.isdisjoint(places) or bool(self._all and not self._any)


def _all_of(match: Match) -> tuple[str, ...]:
    return (*match.any, *match.all, *match.none)


def _meets(match: Match, places: Mapping[str, list[Found]], text: str) -> About:
    barred = next((phrase for phrase in match.none if phrase in places), None)
    if barred is not None:
        return About(False, f"held out by {_quoted(barred, places, text)}")
    missing = next((phrase for phrase in match.all if phrase not in places), None)
    if missing is not None:
        return About(False, f"“{missing}” does not stand there")
    first = min((phrase for phrase in match.any if phrase in places), key=lambda p: places[p][0].start, default=None)
    if match.any and first is None:
        return About(False, "none of the watched phrases stands there")
    if first is None and not match.all:
        return About(False, "no phrase is watched")
    named = ([first] if first is not None else []) + [phrase for phrase in match.all if phrase != first]
    return About(True, ", ".join(_quoted(phrase, places, text) for phrase in named))


def _quoted(phrase: str, places: Mapping[str, list[Found]], text: str) -> str:
    found = text[places[phrase][0].start : places[phrase][0].end]
    return f"“{phrase}”" if found == phrase else f"“{phrase}” (as “{found}”)"


# ---------------------------------------------------------------- doubts


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something about a phrase that is probably not as meant.

    Attributes:
        place: keys and numbers that lead to it in the event file, as ``("topics", 0, "any", 2)``.
        what: a sentence for the user that says what to write instead.
    """

    place: tuple[str | int, ...]
    what: str


def doubts(event: Event) -> tuple[Doubt, ...]:
    """What of an event's phrases can never match or says a thing twice."""
    found = list(_doubts_of("about", ("about",), event.about))
    owners: dict[str, str] = {}
    for number, topic in enumerate(event.topics):
        found += _doubts_of(f"topic {topic.id}", ("topics", number), topic)
        for index, phrase in enumerate(topic.any if not topic.all else ()):
            owner = owners.setdefault(folded(phrase), topic.id)
            if folded(phrase) and owner != topic.id:
                what = f"topic {topic.id}: “{phrase}” is also a phrase of topic {owner}; both will match."
                found.append(Doubt(("topics", number, "any", index), what))
    return tuple(dict.fromkeys(found))


def _doubts_of(where: str, place: tuple[str | int, ...], match: Match) -> Iterable[Doubt]:
    if not match.any and not match.all:
        yield Doubt(place, f"{where}: it watches no phrase, so it never matches; give it phrases under any.")
        return
    for key, phrases in (("any", match.any), ("all", match.all), ("none", match.none)):
        first: dict[str, str] = {}
        for number, phrase in enumerate(phrases):
            if wrong := _wrong(phrase):
                yield Doubt((*place, key, number), f"{where}: “{phrase}” {wrong}.")
            elif number and folded(phrase) in first:
                other = first[folded(phrase)]
                said = "stands there twice" if other == phrase else f"finds the same as “{other}”"
                yield Doubt((*place, key, number), f"{where}: “{phrase}” {said}; keep one.")
            first.setdefault(folded(phrase), phrase)
    barred = {phrase: bar for phrase in (*match.any, *match.all) if (bar := _held_out(phrase, match.none))}
    never = match.any and set(match.any) <= barred.keys()
    if never or barred.keys() & set(match.all):
        phrase = next(phrase for phrase in barred if never or phrase in match.all)
        what = f"{where}: it never matches, since “{phrase}” holds “{barred[phrase]}” of none; remove one of the two."
        yield Doubt((*place, "none"), what)
        return
    for number, phrase in enumerate(match.any):
        if phrase in barred:
            what = f"{where}: “{phrase}” never matches, since none has “{barred[phrase]}”; remove one of the two."
            yield Doubt((*place, "any", number), what)


def _wrong(phrase: str) -> str:
    """Why a phrase never matches, or does not do what it seems to, with what to write instead; or nothing."""
    if not rules(phrase):
        return "holds no letter or digit, so it never matches; write a word"
    if phrase.startswith("=") and "*" in phrase:
        return "asks for the star itself; leave out the = for every word that begins so"
    if phrase.startswith("=") and phrase[1:] != " ".join(phrase[1:].split()):
        return f"asks for white space that no text has; write “={' '.join(phrase[1:].split())}”"
    if "*" in phrase and not phrase.startswith("=") and phrase.count("*") != _stars(phrase):
        return "has a star that does nothing; a star counts only at the end of a word"
    if not phrase.startswith("=") and len(rules(phrase)) == 1 and len(rules(phrase)[0].word) == 1 and "*" in phrase:
        return "finds every word that begins with this letter; write more of the word"
    return ""


def _stars(phrase: str) -> int:
    return sum(rule.kind == "prefix" for rule in rules(phrase))


def _held_out(phrase: str, none: tuple[str, ...]) -> str:
    """The phrase of ``none`` that stands in a phrase, or nothing."""
    found = next(Phrases(none).find(phrase.removeprefix("=").replace("*", "")), None)
    return none[found.phrase] if found else ""
