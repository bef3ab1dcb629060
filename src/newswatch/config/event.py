"""An event file as frozen models: what a user watches, what is known at the start, and what matters how much.

A file with only ``event``, ``title`` and ``about`` is complete; everything else makes it sharper.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from newswatch.config.settings import Identifier, Model, SeverityName
from newswatch.config.values import zoned

Moment = Annotated[datetime, AfterValidator(zoned)]
Phrase = Annotated[str, Field(min_length=1, max_length=200)]


class Match(Model):
    """Which texts match: inflection, case, accents and script are folded; a phrase in ``"=quotes"`` style is exact."""

    any: tuple[Phrase, ...] = ()
    """One of these must stand there. ``=WHO`` matches only in this exact spelling."""
    all: tuple[Phrase, ...] = ()
    """All of these must."""
    none: tuple[Phrase, ...] = ()
    """None of these may."""


class Source(Model):
    """Where the baseline comes from."""

    title: str = ""
    """Title of the article."""
    publisher: str = ""
    """Who published it."""
    url: str = ""
    """Where it is."""


class FactText(Model):
    """One fact written by hand."""

    text: Annotated[str, Field(min_length=1)]
    """A plain sentence; newswatch reads its claims."""
    id: Identifier | None = None
    """A name to refer to it by."""
    as_of: Moment | None = None
    """When it was known, if not at the baseline's time."""


class Baseline(Model):
    """What is known at the start."""

    as_of: Moment | None = None
    """When the baseline was written, with a time zone; older stories are taken as known."""
    source: Source = Source()
    """See Source."""
    text: str = ""
    """Plain sentences, in any language with a lexicon."""
    facts: tuple[FactText, ...] = ()
    """Facts written by hand, beside or instead of the text."""


class Entity(Model):
    """A person, body or place of the event, with every spelling and script it goes by."""

    id: Identifier
    """Short name."""
    name: str
    """As alerts write it."""
    type: Literal["person", "body", "place", "country", "other"] = "other"
    """What it is."""
    names: tuple[Phrase, ...] = ()
    """Other spellings and scripts; inflections are found by themselves."""
    roles: tuple[Phrase, ...] = ()
    """What it is also called (``the ex-president``, ``экс-президент``)."""


class Topic(Match):
    """A named group of watched keywords with a severity."""

    id: Identifier
    """Short name."""
    title: str = ""
    """As alerts write it."""
    severity: SeverityName = "digest"
    """How a development of this topic is told when the general rules do not know better."""


class Event(Model):
    """All of one event file."""

    event: Identifier
    """Short name, unique among the event files."""
    title: Annotated[str, Field(min_length=1)]
    """As alerts write it."""
    languages: tuple[str, ...] = ("en", "ru")
    """Languages to read."""
    about: Match
    """A story is about the event when this matches."""
    baseline: Baseline = Baseline()
    """See Baseline."""
    entities: tuple[Entity, ...] = ()
    """See Entity."""
    topics: tuple[Topic, ...] = ()
    """See Topic."""
