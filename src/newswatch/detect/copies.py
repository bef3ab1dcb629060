"""Is one text a copy of another? MinHash finds candidates, an alignment of the two texts decides.

A copy that is taken for news is judged twice and found known; news that is taken for a copy is lost. So the texts
decide strictly: a copy may cut passages and add a dateline or a by-line, but it may not change a word inside.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein
from rensa import RMinHash

from newswatch.text import fold, latin, stem, words

_PERMUTATIONS = 128
_SEED = 1
_ROWS = 4
"""Rows a band: 32 bands of 4 find a pair of Jaccard similarity .5 with probability .87, of .6 with .99."""
_SHINGLE = 3
_HEADLINE = 5
"""Fewer words than these ("Photo of the day") say too little to be a copy of anything."""
_SHORT = 25
"""Up to so many words, only the very same words are a copy: one word less is a large part of such a text."""

_LONG = 20_000
"""Beyond so many words (a fifth of a second to align), only the very same words are a copy."""

_REMEMBERED = 20_000
"""Texts up to so many characters are split into words once."""
_EDGE = 8
"""Words a copy may add at its start or end (agency, place, by-line)."""
_CUT = 4
"""A passage of so many words may be missing; fewer are a changed word."""
_COMMON = 0.5
"""Share of the longer text that both must have in common."""
_TITLE = 0.34
"""Share of a copy's title words that the earlier text need not hold."""
_SPELLING = 80.0
"""rapidfuzz ratio of two romanised words from which they are spellings of one."""

_NUMBER = re.compile(r"\d")
_CLOCK = re.compile(r"^\d{1,2}[.:]\d{2}(?:[.:]\d{2,4})?$|^(?:19|20)\d\d$")
_MONTH = re.compile(
    r"^(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|янв|фев|мар|апр|ма[йя]|ию[нл]|авг|сен|окт|ноя|дек)"
)


@dataclass(frozen=True, slots=True)
class Shape:
    """What near copies share.

    Attributes:
        signature: MinHash over word shingles, 128 little-endian uint32; empty for a text too short to compare.
        bands: keys of which two near copies share at least one, to look candidates up by.
    """

    signature: bytes
    bands: tuple[str, ...]


def shape(title: str, text: str) -> Shape:
    """The shape of an article; case, accents and punctuation do not count.

    A text of more than 25 words is compared by itself, since copies change the title; a shorter one together with
    its title and only as a whole; less than five words not at all.
    """
    tokens = _compared(title, text)
    if len(tokens) < _HEADLINE:
        return Shape(b"", ())
    if len(tokens) <= _SHORT:
        shingles = [" ".join(tokens)]
    else:
        shingles = [" ".join(tokens[at : at + _SHINGLE]) for at in range(len(tokens) - _SHINGLE + 1)]
    hasher = RMinHash(num_perm=_PERMUTATIONS, seed=_SEED)
    hasher.update(shingles)
    signature = np.asarray(hasher.digest(), dtype="<u4").tobytes()
    if len(tokens) <= _SHORT:
        return Shape(signature, (f"s{blake2b(signature, digest_size=8).hexdigest()}",))
    step = _ROWS * 4
    bands = tuple(
        f"{at // step:x}.{blake2b(signature[at : at + step], digest_size=8).hexdigest()}"
        for at in range(0, len(signature), step)
    )
    return Shape(signature, bands)


def similarity(a: bytes, b: bytes) -> float:
    """Estimated Jaccard similarity of two signatures, 0 to 1; standard error at most .045. 0 when one is empty."""
    if not a or not b:
        return 0.0
    return float(np.mean(np.frombuffer(a, dtype="<u4") == np.frombuffer(b, dtype="<u4")))


def same_words(title: str, text: str, other_title: str, other_text: str) -> bool:
    """Whether two versions differ in nothing but case, accents, white space and punctuation."""
    return _tokens(title) == _tokens(other_title) and _tokens(text) == _tokens(other_text)


def contains(text: str, excerpt: str) -> bool:
    """Whether the excerpt stands in the text, word for word; a word cut at the excerpt's end does not count."""
    inner = _tokens(excerpt)
    if len(inner) > _HEADLINE and not re.search(r"[.!?»”\"]\s*$", excerpt):
        inner = inner[:-1]
    return not inner or f" {' '.join(inner)} " in f" {' '.join(_tokens(text))} "


def why_not_a_copy(title: str, text: str, earlier_title: str, earlier_text: str) -> str:
    """Why the first text is no copy of the earlier one, in a few words; empty when it is a copy."""
    new, old = _compared(title, text), _compared(earlier_title, earlier_text)
    if min(len(new), len(old)) < _HEADLINE:
        return "too short to compare"
    if new == old:
        return _new_title(title, earlier_title, old)
    if min(len(new), len(old)) <= _SHORT:
        return "short texts with other words"
    if max(len(new), len(old)) > _LONG:
        return "texts too long to compare"
    return _changed(old, new) or _new_title(title, earlier_title, old)


def _changed(old: list[str], new: list[str]) -> str:
    common = 0
    for op in Levenshtein.opcodes(old, new):
        gone, come = old[op.src_start : op.src_end], new[op.dest_start : op.dest_end]
        respelt = op.tag == "replace" and all(_spelling(*pair) for pair in zip(gone, come, strict=True))
        if op.tag == "equal" or respelt:
            common += len(come)
        else:
            at_edge = op.dest_start == 0 or op.dest_end == len(new)
            reason = _added(come, at_edge=at_edge) or _missing(gone, come, at_edge=at_edge)
            if reason:
                return reason
    if common < _COMMON * max(len(old), len(new)):
        return "too little in common"
    return ""


def _added(come: list[str], *, at_edge: bool) -> str:
    if not come:
        return ""
    if any(_NUMBER.search(token) for token in _undated(come)):
        return f"a number differs: {' '.join(come[:_EDGE])}"
    if not at_edge or len(come) > _EDGE:
        return f"says more: {' '.join(come[:_EDGE])}"
    return ""


def _missing(gone: list[str], come: list[str], *, at_edge: bool) -> str:
    if at_edge or not gone or (len(gone) >= _CUT and not come):
        return ""
    return f"a word differs: {' '.join(gone[:_EDGE])}"


def _undated(tokens: list[str]) -> list[str]:
    """The tokens without dates and times, which a dateline adds."""
    dated = {
        at
        for (i, one), (j, two) in pairwise(enumerate(tokens))
        for at, month in ((i, two), (j, one))
        if _MONTH.match(month)
    }
    return [token for at, token in enumerate(tokens) if at not in dated and not _CLOCK.match(token)]


def _spelling(one: str, other: str) -> bool:
    """Two spellings of one word: no number, and no more than a letter or two apart once romanised."""
    if _NUMBER.search(one) or _NUMBER.search(other) or min(len(one), len(other)) < _SHINGLE + 2:
        return False
    return fuzz.ratio(latin(one), latin(other)) >= _SPELLING and one[:2] == other[:2]


def _new_title(title: str, earlier_title: str, old: list[str]) -> str:
    """A copy may have a title of its own, but only one that says what the earlier text says."""
    known = {*old, *_tokens(earlier_title)}
    new = [token for token in _tokens(title) if token not in known]
    if any(_NUMBER.search(token) for token in new):
        return f"a number differs: {title}"
    stems = {stem(token) for token in known}
    fresh = [token for token in new if stem(token) not in stems]
    if len(fresh) > _TITLE * len(_tokens(title)):
        return f"another title: {title}"
    return ""


def _compared(title: str, text: str) -> list[str]:
    body = _tokens(text)
    return body if len(body) > _SHORT else _tokens(title) + body


def _tokens(text: str) -> list[str]:
    return list(_split_again(text) if len(text) <= _REMEMBERED else _split(text))


def _split(text: str) -> tuple[str, ...]:
    return tuple(fold(word.text).replace("'", "").replace("\u00ad", "") for word in words(text))


# A new text is held against several others, and what many outlets carry is held against again and again.
_split_again = lru_cache(maxsize=512)(_split)
