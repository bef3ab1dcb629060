"""How urgently a development is told: by the topics its sentence belongs to and by what kind of claim it is.

A topic's watched words count by what they mean: “raid” finds «штурм» and every other word of that concept, so that a
keyword in one language watches stories in all.
"""

from __future__ import annotations

from collections.abc import Iterable

from newswatch.config.event import Event, Topic
from newswatch.detect.topics import Matcher
from newswatch.model import Claim, Figure, Happening, Outcome, Sentence, Severity, Statement, Status
from newswatch.reading import kinds, lexicon, measured
from newswatch.reading.terms import Names, tokens

# What is urgent where the event file says nothing: tallies, and happenings that the lexicons call urgent.
_TALLIES = frozenset({"killed", "injured", "missing", "hostages", "detained", "evacuated", "infected", "rescued"})
_REAL = frozenset({Status.DONE, Status.CALLED_OFF, Status.FAILED, Status.ALLEGED, Status.ONGOING})
_WATCHED = frozenset({"urgent", "action", "thing", "role", "body"})


class Urgency:
    """Knows the topics of one event."""

    def __init__(self, event: Event, matcher: Matcher) -> None:
        self._matcher = matcher
        self._topics = event.topics
        self._severities = {topic.id: Severity(topic.severity) for topic in event.topics}
        people = {e.id for e in event.entities if e.type == "person"}
        names = Names({e.id: (e.name, *e.names) for e in event.entities}, people)
        self._concepts = {topic.id: _concepts(topic, event.languages) for topic in event.topics}
        self._names = {topic.id: _names(topic, names, event.languages) for topic in event.topics}

    def of(self, sentence: Sentence, claim: Claim, outcome: Outcome) -> tuple[str, Severity]:
        """The topic of a claim, or empty, and how urgently it is told.

        A topic is urgent for what it watches: a happening that it names and that is real, a number of what it names, a
        statement of somebody whose name it watches. What only mentions its words belongs to it, and can wait.

        Args:
            sentence: the sentence it stands in.
            claim: the claim that leads the development.
            outcome: how it stands against the ledger.
        """
        if not self._topics:
            return "", self._general(claim, outcome)
        own = self._most(topic.id for topic in self._topics if self._watches(topic.id, sentence, claim))
        if own and (self._severities[own] is not Severity.ALERT or _real(sentence, claim)):
            return own, self._severities[own]
        words = {hit.topic_id for hit in self._matcher.topics(sentence.evidence.sentence)}
        named = own or self._most(
            topic.id
            for topic in self._topics
            if topic.id in words or not self._concepts[topic.id].isdisjoint(sentence.terms)
        )
        severity = self._severities[named] if named else Severity.DIGEST
        return named, min(severity, Severity.DIGEST, key=lambda s: s.rank)

    def _most(self, topics: Iterable[str]) -> str:
        """The most severe of some topics, the first in the event file where several are; empty for none."""
        return max(topics, key=lambda topic: self._severities[topic].rank, default="")

    def _watches(self, topic: str, sentence: Sentence, claim: Claim) -> bool:
        """Whether a topic is about the claim itself, not only about a word of its sentence."""
        if not self._names[topic].isdisjoint(_speakers(sentence)):
            return True
        match claim:
            case Figure():
                return not self._concepts[topic].isdisjoint(measured(claim.measure))
            case Happening():
                return not self._concepts[topic].isdisjoint(_what(sentence, claim))
            case Statement():
                return False

    def _general(self, claim: Claim, outcome: Outcome) -> Severity:
        """Where the event file names no topic: tallies that change, and urgent happenings that are real."""
        if isinstance(claim, Figure):
            return Severity.ALERT if claim.measure in _TALLIES and outcome is not Outcome.REFINES else Severity.DIGEST
        if isinstance(claim, Happening) and claim.status in _REAL and not claim.background:
            return Severity.ALERT if kinds().get(claim.type) == "urgent" else Severity.DIGEST
        return Severity.DIGEST


def _real(sentence: Sentence, claim: Claim) -> bool:
    """Whether a claim tells what is: not what is planned, denied, only mentioned, or somebody's forecast."""
    if isinstance(claim, Happening):
        headline = sentence.evidence.index == 0 and claim.status is Status.MENTIONED
        return (claim.status in _REAL or headline) and "tone:comment" not in sentence.marks
    return True


def _what(sentence: Sentence, claim: Happening) -> set[str]:
    """A happening and what follows it, if that is a thing or another real happening: resumed the raid."""
    key, keys = f"#{claim.type}", list(sentence.terms)
    if key not in sentence.terms:
        return {key}
    real = {f"#{one.type}" for one in sentence.claims if isinstance(one, Happening) and one.status in _REAL}
    at = keys.index(key)
    return {key, *(one for one in keys[at + 1 : at + 2] if sentence.terms[one] == "thing" or one in real)}


def _speakers(sentence: Sentence) -> set[str]:
    return {claim.speaker for claim in sentence.claims if isinstance(claim, Statement)}


def _concepts(topic: Topic, languages: Iterable[str]) -> frozenset[str]:
    """Keys of the concepts that a topic's phrases stand for, in the languages they may be written in."""
    found = set()
    for phrase in (*topic.any, *topic.all):
        bare = phrase.lstrip("=").replace("*", "")
        if phrase.startswith("=") or bare[:1].isupper():
            continue
        for language in languages:
            book = lexicon(language)
            words = tokens(bare, language)
            hit = book.concepts.at(words.folded, words.stems, 0) if book is not None and words.raw else None
            if hit is not None and hit.size == len(words.raw) and kinds().get(hit.id) in _WATCHED:
                found.add(f"#{hit.id}")
    return frozenset(found)


def _names(topic: Topic, names: Names, languages: Iterable[str]) -> frozenset[str]:
    """Keys of the people, bodies and places whose names a topic watches."""
    found = set()
    for phrase in (*topic.any, *topic.all):
        bare = phrase.lstrip("=").replace("*", "")
        if not bare[:1].isupper():
            continue
        found.add(names.key_of(bare))
        for language in languages:
            book = lexicon(language)
            words = tokens(bare, language)
            hit = book.concepts.at(words.folded, words.stems, 0) if book is not None and words.raw else None
            if hit is not None and hit.size == len(words.raw):
                found.add(f"#{hit.id}")
    return frozenset(found)
