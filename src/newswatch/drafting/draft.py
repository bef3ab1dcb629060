"""Articles to what an event file says: what it is about, what is known, who takes part, what matters. Pure.

Everything is a guess for a person to correct: names by how often they stand, facts by the claims that can be read.
"""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from anyascii import anyascii

from newswatch.detect.ledger import Ledger
from newswatch.detect.novelty import judge_claim
from newswatch.drafting.articles import Article
from newswatch.errors import NewswatchError
from newswatch.model import Fact, Figure, Happening, Outcome, Sentence, Statement
from newswatch.reading import Reader, language_of, languages, lexicon
from newswatch.reading.terms import Names, name_key, sure_names, terms, tokens
from newswatch.text import fold

REPEATED = 0.6
"""A sentence of which an earlier one holds this share says nothing of its own, unless it has a number of its own."""
SHORTEST = 3
"""Words that a sentence needs to say something."""
MOST_ABOUT, MOST_CANDIDATES, MOST_ENTITIES, MOST_SPELLINGS, MOST_WATCHED = 3, 6, 25, 6, 8
AS_OFTEN = 0.6
"""A name that stands in this share of the sentences that the first one stands in is watched too."""
_POSSESSIVE = re.compile(r"['’]s?$")
_BEFORE_A_NAME = re.compile(r"[\w,;:)»”\"]\s+$")


@dataclass(slots=True)
class Name:
    """A name as the articles spell it.

    Attributes:
        key: what its spellings have in common.
        place: the lexicons know it as a place.
        sentences: how many sentences it stands in.
        spellings: how often it is spelt how.
        speaks: somebody of that name is quoted.
        inside: it stands inside a sentence too, so that its capital says something.
    """

    key: str
    place: bool = False
    sentences: int = 0
    spellings: Counter[str] = field(default_factory=Counter)
    speaks: bool = False
    inside: bool = False

    @property
    def distinct(self) -> tuple[str, ...]:
        """One spelling of each that differs by more than its ending, the most frequent first."""
        alike: dict[tuple[str, ...], Counter[str]] = {}
        for spelling, count in self.spellings.items():
            # Names of the two scripts meet in one key, and are two spellings.
            script = "" if spelling.isascii() else "other"
            keys = (script, *(name_key(word) for word in spelling.split()))
            alike.setdefault(keys, Counter())[spelling] += count
        often = sorted(alike.values(), key=lambda some: -some.total())
        # Of one name's cases the shortest is the nominative, mostly; all capitals are a dateline.
        return tuple(min(some, key=lambda spelling: (spelling.isupper(), len(spelling), spelling)) for some in often)

    @property
    def common(self) -> str:
        """The spelling to watch: the most frequent; of a person the shortest, which full names hold too."""
        return min(self.distinct, key=lambda spelling: len(spelling.split())) if self.person else self.distinct[0]

    @property
    def full(self) -> str:
        """The spelling that alerts should write: first and last name, in the script that is most frequent."""
        return max(self.distinct, key=lambda spelling: min(len(spelling.split()), 2))

    @property
    def person(self) -> bool:
        """Two words in a row are mostly a first and a last name."""
        return not self.place and any(len(spelling.split()) == 2 for spelling in self.distinct)


@dataclass(frozen=True, slots=True)
class DraftFact:
    """One fact: its sentence, and the article that says it."""

    text: str
    article: Article


@dataclass(frozen=True, slots=True)
class Draft:
    """What an event file would say.

    Attributes:
        event, title: its id and title.
        languages: those read.
        about: names to watch, the most frequent first; empty when none was found.
        candidates: other names that stand often.
        as_of: when the newest article was published; `dated` is False where none says so.
        articles: what it was drafted from.
        facts: one a sentence that says something, each once.
        repeats: how many sentences were left out, since they say again what an earlier one says.
        entities: people, bodies and places.
        urgent, speakers, others: words to watch, for topics.
    """

    event: str
    title: str
    languages: tuple[str, ...]
    about: tuple[Name, ...]
    candidates: tuple[Name, ...]
    as_of: datetime
    dated: bool
    articles: tuple[Article, ...]
    facts: tuple[DraftFact, ...]
    repeats: int
    entities: tuple[tuple[str, Name], ...]
    urgent: tuple[str, ...]
    speakers: tuple[str, ...]
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Read:
    """A sentence with the article it stands in."""

    article: Article
    sentence: Sentence
    language: str


def draft(articles: Sequence[Article], *, event: str = "", title: str = "", now: datetime) -> Draft:
    """Draft an event.

    Args:
        articles: at least one.
        event: its id; made of the first name when empty.
        title: its title; the first article's when empty.
        now: for articles without a date; no date may be later.

    Raises:
        NewswatchError: nothing can be read from the articles.
    """
    read = [one for article in articles for one in _sentences(article, now)]
    facts, repeats = _facts(read, now)
    if not facts:
        known = ", ".join(languages())
        raise NewswatchError(
            f"no sentence of {', '.join(article.name for article in articles)} says anything that newswatch can read "
            f"(it has lexicons for {known}); write the facts by hand, as `newswatch init` shows"
        )
    names = _names(read)
    about = tuple(n for n in names[:MOST_ABOUT] if n.sentences >= AS_OFTEN * names[0].sentences)
    dates = [article.published for article in articles if article.published is not None and article.published <= now]
    listed = [name for name in names if not name.place and (name.sentences > 1 or " " in name.full)][:MOST_ENTITIES]
    words = _watched(read)
    return Draft(
        event or (_slug(about[0].common) if about else "") or "my-event",
        title
        or next((textwrap.shorten(a.title, 150, placeholder="…") for a in articles if a.title), "")
        or textwrap.shorten(facts[0].text, 100, placeholder="…"),
        tuple(dict.fromkeys(("en", "ru", *(one.language for one in read)))),
        about,
        tuple(name for name in names[len(about) :] if name.sentences > 1)[:MOST_CANDIDATES],
        max(dates, default=now).replace(microsecond=0),
        bool(dates),
        tuple(articles),
        facts,
        repeats,
        tuple(_with_ids(listed)),
        words["urgent"],
        tuple(dict.fromkeys(name.common for name in names if name.speaks and name.person))[:MOST_WATCHED],
        words["action"],
    )


def _sentences(article: Article, now: datetime) -> Iterator[_Read]:
    language = language_of("", f"{article.title}\n{article.text}")
    read = Reader({}).read(article.title, article.text, language, article.published or now)
    return (_Read(article, sentence, language) for sentence in read)


# ---------------------------------------------------------------- facts


def _facts(read: Iterable[_Read], now: datetime) -> tuple[tuple[DraftFact, ...], int]:
    """The sentences that say something, and how many only said it again."""
    ledger = Ledger()
    found: list[DraftFact] = []
    repeats = 0
    for one in read:
        sentence = one.sentence
        # A headline says shorter what the article says.
        if (sentence.evidence.index == 0 and one.article.text) or not _says_something(sentence):
            continue
        if _repeats(sentence, ledger):
            repeats += 1
            continue
        found.append(DraftFact(sentence.evidence.sentence, one.article))
        ledger.add(Fact(f"b{len(found)}", "draft", claim, "", "", now) for claim in sentence.claims)
    return tuple(found), repeats


def _says_something(sentence: Sentence) -> bool:
    if sentence.marks.get("words", 0) < SHORTEST or sentence.evidence.sentence.endswith("?"):
        return False
    return any(not isinstance(claim, Happening) or claim.type != "other" for claim in sentence.claims)


def _repeats(sentence: Sentence, ledger: Ledger) -> bool:
    overlap = ledger.overlap(sentence.terms)
    if overlap.best < REPEATED:
        return False
    numbers = (claim for claim in sentence.claims if isinstance(claim, Figure))
    return all(judge_claim(claim, ledger, overlap, {}).outcome is Outcome.KNOWN for claim in numbers)


# ---------------------------------------------------------------- names


def _names(read: Iterable[_Read]) -> list[Name]:
    """Names and places by how many sentences they stand in, the most frequent first."""
    names: dict[str, Name] = {}
    lower: set[str] = set()
    parted = [(one, tokens(one.sentence.evidence.sentence, one.language)) for one in read]
    sure = {name for one, words in parted for name in sure_names(words, lexicon(one.language))}
    for one, words in parted:
        text = one.sentence.evidence.sentence
        lower.update(word for word in words.raw if word.islower())
        speakers = {claim.speaker for claim in one.sentence.claims if isinstance(claim, Statement)}
        seen = set()
        for term in terms(words, lexicon(one.language), Names({}), sure):
            raw = words.raw[term.at : term.at + term.size]
            if term.kind not in {"name", "place"} or not all(word[:1].isupper() for word in raw):
                continue
            name = names.setdefault(term.key, Name(term.key, term.kind == "place"))
            name.spellings[_POSSESSIVE.sub("", _as_written(raw, text))] += 1
            name.speaks |= term.key in speakers
            before = text[: text.find(raw[0])]
            name.inside |= one.sentence.evidence.index > 0 and bool(_BEFORE_A_NAME.search(before))
            if term.key not in seen:
                name.sentences += 1
                seen.add(term.key)
    for name in names.values():
        name.spellings = _parted(name.spellings, names)
    real = [
        n for n in names.values() if (n.inside or " " in n.full) and fold(n.common) not in lower and len(n.common) > 2
    ]
    return sorted(real, key=lambda name: -name.sentences)


def _parted(spellings: Counter[str], names: Mapping[str, Name]) -> Counter[str]:
    """Spellings without another name before them: in Russian a town and a person may stand side by side."""
    found: Counter[str] = Counter()
    for spelling, count in spellings.items():
        first, _, rest = spelling.partition(" ")
        found[rest if " " in rest and f"@{name_key(first)}" in names else spelling] += count
    return found


def _as_written(raw: list[str], text: str) -> str:
    """Words that were taken apart as they stand in the text: Koi-Tash."""
    found = re.search(r"\W{1,3}".join(map(re.escape, raw)), text)
    return " ".join(found[0].split()) if found else " ".join(raw)


def _with_ids(names: Iterable[Name]) -> Iterator[tuple[str, Name]]:
    taken: set[str] = set()
    for name in names:
        plain = _slug(name.full.split()[-1]) or "name"
        slug = next(s for n in range(1, 1000) if (s := plain if n == 1 else f"{plain}-{n}") not in taken)
        taken.add(slug)
        yield slug, name


def _slug(name: str) -> str:
    """An id of a name in any script; empty where nothing of it can be written so."""
    return re.sub(r"[^a-z0-9]+", "-", anyascii(name).lower()).strip("-")[:60].strip("-")


# ---------------------------------------------------------------- topics


def _watched(read: Iterable[_Read]) -> dict[str, tuple[str, ...]]:
    """What happens, by how urgent the lexicons call it: the most frequent words, each meaning by its first spelling."""
    count: dict[str, Counter[str]] = {"urgent": Counter(), "action": Counter()}
    spelt: dict[str, str] = {}
    for one in read:
        words = tokens(one.sentence.evidence.sentence, one.language)
        for term in terms(words, lexicon(one.language), Names({})):
            if term.kind in count and term.key.startswith("#"):
                count[term.kind][term.key] += 1
                spelt.setdefault(term.key, " ".join(words.raw[term.at : term.at + term.size]).lower())
    return {
        kind: tuple(dict.fromkeys(spelt[key] for key, _ in found.most_common(MOST_WATCHED)))
        for kind, found in count.items()
    }  # fmt: skip
