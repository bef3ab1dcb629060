"""Full text over stories and developments, in the databases' own indexes: FTS5 in SQLite, GIN in PostgreSQL.

    what a person writes | words and phrases | each word cut to its stem | the database's own query | the newest first

Triggers keep SQLite's index, in the transaction that writes a story (migration 15); PostgreSQL's is one of the tables
themselves. Both fold case, ё and the accents of Latin letters. Words are not stemmed in the index: a query asks for
what begins with the stem, so that a new language needs no new index.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, TextClause, text

from newswatch.inflection import bases, script
from newswatch.model import Story
from newswatch.store import reading
from newswatch.store import tables as t
from newswatch.text import fold, stem

LONGEST = 200
"""Letters of a query that are read."""
MOST_TERMS = 12
FURTHEST = 1000
"""Results that can be paged through; who wants more says more."""
_SHORTEST = 3
"""Letters of a word that it must have to stand for its other forms too."""
_PHRASE = re.compile(r'"([^"]*)"?|([^"]+)')
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Term:
    """What a text must hold.

    Attributes:
        words: one, or several that stand one after the other; folded.
        begins: the word may go on; only of a single one.
    """

    words: tuple[str, ...]
    begins: bool = False

    def marks(self, word: str) -> bool:
        """Whether a folded word of a text is one that was asked for."""
        return word.startswith(self.words[0]) if self.begins else word in self.words


@dataclass(frozen=True, slots=True)
class Query:
    """What a person asks for; all of it must be there."""

    terms: tuple[Term, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is asked for."""
        return bool(self.terms)


def parsed(said: str) -> Query:
    """Read a query: words, and phrases in double quotes. Nothing is a mistake; signs mean nothing.

    A word stands for its other forms: it is cut to its stem, and what begins so is found. Within quotes it does not.
    """
    # PostgreSQL keeps no NUL, and browsers and keyboards write quotes of many kinds: folding makes one of them.
    folded = fold(said.replace("\x00", " ")[:LONGEST])
    terms: dict[Term, None] = {}
    for quoted, plain in _PHRASE.findall(folded):
        found = [Term(tuple(_WORD.findall(quoted)))] if quoted else [_term(word) for word in _WORD.findall(plain)]
        terms |= dict.fromkeys(term for term in found if term.words)
    return Query(tuple(terms)[:MOST_TERMS])


def _term(word: str) -> Term:
    if len(word) < _SHORTEST or word.isdigit():
        return Term((word,))
    return Term((_beginning(word),), begins=True)


def _beginning(word: str) -> str:
    """What the forms of a word begin with: the shortest of its stem and what its endings leave."""
    found = {stem(word)}
    if script(word) == "cyrillic":
        found |= bases(word)
    fitting = [one for one in found if word.startswith(one) and len(one) >= _SHORTEST]
    return min(fitting, key=len, default=word)


# ---------------------------------------------------------------- in the databases


def _sqlite(query: Query) -> str:
    """In FTS5's language; letters and digits within quotes are no part of it."""
    return " AND ".join(f'"{" ".join(term.words)}"{" *" if term.begins else ""}' for term in query.terms)


def _postgresql(query: Query) -> str:
    """In the language of ``to_tsquery``."""
    parts = []
    for term in query.terms:
        some = [f"'{word}'" for word in term.words]
        parts.append(f"({' <-> '.join(some)})" if not term.begins else f"{some[0]}:*")
    return " & ".join(parts)


# As migration 15 has them, letter by letter: a database in the C locale knows no case but that of ASCII.
_ACCENTS = (
    "'ёЀЁЂЃЄЅІЇЈЉЊЋЌЍЎЏАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯҐҒҖҚҢҮҰҲҺӘӨ"
    "àáâãäåçèéêëìíîïñòóôõöùúûüýÿÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜÝŸ', "
    "'еѐеђѓєѕіїјљњћќѝўџабвгдежзийклмнопрстуфхцчшщъыьэюяґғҗқңүұҳһәө"
    "aaaaaaceeeeiiiinooooouuuuyyaaaaaaceeeeiiiinooooouuuuyy'"
)
_STORY_WORDS = f"to_tsvector('simple', translate(lower(left(title || ' ' || body, 200000)), {_ACCENTS}))"
_DEVELOPMENT_WORDS = f"to_tsvector('simple', translate(lower(summary), {_ACCENTS}))"
_STORIES = {
    "sqlite": (
        "SELECT story_id FROM search_story WHERE number IN (SELECT rowid FROM search_story_words "
        "WHERE search_story_words MATCH :asked ORDER BY rowid DESC LIMIT :limit OFFSET :offset) ORDER BY number DESC"
    ),
    "postgresql": (
        f"SELECT story_id FROM story WHERE {_STORY_WORDS} @@ to_tsquery('simple', :asked) "  # noqa: S608 - our own words
        "ORDER BY first_seen DESC, story_id LIMIT :limit OFFSET :offset"
    ),
}
_DEVELOPMENTS = {
    "sqlite": (
        "SELECT rowid FROM search_development_words WHERE search_development_words MATCH :asked "
        "ORDER BY rowid DESC LIMIT :limit OFFSET :offset"
    ),
    "postgresql": (
        f"SELECT seq FROM development WHERE {_DEVELOPMENT_WORDS} @@ to_tsquery('simple', :asked) "  # noqa: S608 - our own words
        "ORDER BY seq DESC LIMIT :limit OFFSET :offset"
    ),
}


def stories(connection: Connection, query: Query, *, limit: int, offset: int = 0) -> list[Story]:
    """Stories that hold all of a query, the newest first.

    Args:
        connection: the database.
        query: what is asked for; nothing finds nothing.
        limit: how many.
        offset: how many newer ones to leave out.
    """
    ids = [str(one) for one in _asked(connection, _STORIES, query, limit, offset)]
    found: dict[str, Story] = {}
    for some in reading.chunks(ids):
        rows = connection.execute(t.story.select().where(t.story.c.story_id.in_(some)))
        found |= {row.story_id: reading.to_story(row) for row in rows}
    return [found[one] for one in ids if one in found]


def developments(connection: Connection, query: Query, *, limit: int, offset: int = 0) -> list[int]:
    """Numbers of developments whose line holds all of a query, the newest first; for the arguments see `stories`."""
    return [int(str(one)) for one in _asked(connection, _DEVELOPMENTS, query, limit, offset)]


def _asked(connection: Connection, by: dict[str, str], query: Query, limit: int, offset: int) -> Sequence[object]:
    if not query or offset >= FURTHEST:
        return ()
    dialect = connection.dialect.name
    asked = _postgresql(query) if dialect == "postgresql" else _sqlite(query)
    values = {"asked": asked, "limit": limit, "offset": offset}
    return connection.scalars(text(by[dialect]), values).all()


# ---------------------------------------------------------------- upkeep


def renew(connection: Connection) -> None:
    """Number SQLite's stories anew, in the order in which they were first seen: rows that were copied came in another.

    PostgreSQL's indexes need nothing.
    """
    if connection.dialect.name != "sqlite":
        return
    for statement in _RENEWED:
        connection.execute(statement)


_FOLDED = "replace(replace({0}, 'ё', 'е'), 'Ё', 'Е')".format
_RENEWED: tuple[TextClause, ...] = tuple(
    text(sql)
    for sql in (
        "INSERT INTO search_story_words (search_story_words) VALUES ('delete-all')",
        "DELETE FROM search_story",
        "INSERT INTO search_story (story_id) SELECT story_id FROM story ORDER BY first_seen, story_id",
        f"INSERT INTO search_story_words (rowid, title, body) SELECT number, {_FOLDED('title')}, {_FOLDED('body')} FROM "  # noqa: E501, ISC004, S608 - our own words
        "search_story JOIN story ON story.story_id = search_story.story_id ORDER BY number",
    )
)
