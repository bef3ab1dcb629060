"""Text as newswatch compares it: folding, words, stems, and one Latin spelling for a name in any script.

Pure and cheap; words are cached, since a day of news uses the same few thousand again and again.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import Stemmer
from anyascii import anyascii

# Latin, Greek and Cyrillic accents, Hebrew points, Arabic vowel signs. Marks of other scripts are part of the letter.
_MARKS = "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0640\u064b-\u065f\u0670"
_INVISIBLE = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff"
# Marks that make another letter, not an accent: й is no и, ї no і, ў no у.
_DROP = re.compile(f"(?<![ИиУу])\u0306|(?<![Іі])\u0308|[\u0300-\u0305\u0307\u0309-{_MARKS[2:]}{_INVISIBLE}]")
_UNIFY = str.maketrans(
    dict.fromkeys("’‘‚‛ʼʹʻ`´′＇ˈ", "'")
    | dict.fromkeys("“”„‟«»‹›″〝〞＂", '"')
    | dict.fromkeys("‐‑‒–—―−﹘﹣－⁃", "-")
    | {"ı": "i", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"}
)
_PLAIN = re.compile(r"[\x00-\x5f\x61-\x7f\u0410-\u044f№]*\Z")
"""Texts that need nothing but lower case: ASCII without the backtick, and Russian letters."""

# Scripts that put no space between words: there, every character is a word.
_UNSPACED = "\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"


def _spaced() -> str:
    """The body of a character class: letters, digits and marks of scripts with spaces, and what hides inside words."""
    unspaced = re.compile(f"[{_UNSPACED}]")
    ranges: list[list[int]] = []
    for code in range(0x30, 0xFFFF):
        char = chr(code)
        if unspaced.match(char) or not (char.isalnum() or unicodedata.category(char) in ("Mn", "Mc")):
            continue
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    body = "".join(f"{re.escape(chr(low))}-{re.escape(chr(high))}" for low, high in ranges)
    return f"{body}\u00ad\u200b-\u200d\u2060\U00010000-\U0001efff"


_LETTERS = f"[{_spaced()}]+"
_APOSTROPHE = "['’ʼ‘＇]"
_JOINED = f"{_LETTERS}(?:{_APOSTROPHE}{_LETTERS})*"
TOKEN = re.compile(f"{_JOINED}|[{_UNSPACED}]")
"""The pieces that phrases are compared by: hyphens part them, apostrophes do not; verbatim, unfolded."""
_WORD = re.compile(rf"\d+(?:[.,:]\d+)+(?![^\W\d_])|{_JOINED}(?:[-‐‑]{_JOINED})*|[{_UNSPACED}]")


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it stands in a text: ``text == source[start:end]``."""

    text: str
    start: int
    end: int

    def parts(self) -> tuple[Word, ...]:
        """The pieces of a hyphenated word (``ex-president``: two); a plain word is its only piece."""
        return tuple(
            Word(part.group(), self.start + part.start(), self.start + part.end()) for part in TOKEN.finditer(self.text)
        )


def fold(text: str) -> str:
    """Bring spellings of one text together: ``Жуко́в``, ``ЖУКОВ`` and ``жуков`` become equal.

    Compatibility forms are unified (NFKC), case, accents, stress marks, soft hyphens and zero-width characters
    removed, ё becomes е, and every apostrophe, double quote and dash one of its kind. The length may change.
    """
    return _fold_word(text) if len(text) <= 32 else _fold(text)


def _fold(text: str) -> str:
    if _PLAIN.match(text):
        return text.lower()
    apart = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text.translate(_UNIFY)).casefold())
    return unicodedata.normalize("NFC", _DROP.sub("", apart)).translate(_UNIFY)


_fold_word = lru_cache(maxsize=1 << 16)(_fold)


def words(text: str) -> list[Word]:
    """The words of a text in order, verbatim and with their places.

    A hyphenated word is one (see `Word.parts`), so are ``Sergeyev's``, ``1,200.50`` and ``14:35``; scripts without
    spaces give one word a character. Punctuation and white space are left out.
    """
    return [Word(found.group(), found.start(), found.end()) for found in _WORD.finditer(text)]


# What a report begins with: an agency's name in brackets, or a place in capitals before a dash. In Russian the agency
# may follow the dash as a sentence of its own, told from "Проф. Иванов" by its length.
_DATELINE = re.compile(
    r"""^(?:
        [^\W\d_][^()]{1,40}\([^)]{2,30}\)\s*[-–—:.]+\s*  # BISHKEK, Aug 8 (Agency) -
        | [А-ЯЁ](?:[А-ЯЁ ,]|\b-\b){2,30},\ \d[^-–—]{2,20}\s[-–—]+\s+  # МОСКВА, 8 авг - РИА Новости.
          (?:[A-ZА-ЯЁ][\w-]*\ ){0,2}(?:[A-ZА-ЯЁ]{3,}|[A-ZА-ЯЁ][\w-]{4,})\.(?:\s+|$)
        | [A-ZА-ЯЁ](?:[A-ZА-ЯЁ ,]|\b-\b){2,30}(?:,\ [^-–—]{3,20})?\s[-–—]+\s  # MOSCOW --
    )""",
    re.VERBOSE,
)


def without_dateline(sentence: str) -> str:
    """A report's first sentence without the place, day and agency that it begins with; others as they are."""
    return _DATELINE.sub("", sentence) or sentence


# ---------------------------------------------------------------- stems

_SNOWBALL = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian", "fi": "finnish", "fr": "french",
    "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian",
    "lt": "lithuanian", "nb": "norwegian", "ne": "nepali", "nl": "dutch", "no": "norwegian", "pl": "polish",
    "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil",
    "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
_CYRILLIC = re.compile("[\u0400-\u052f]")
_LATIN = re.compile("[a-zA-Z\u00c0-\u024f]")
_stemmers = threading.local()  # a Snowball stemmer keeps state while it works


def stem(word: str, language: str = "") -> str:
    """The folded stem of a word (Snowball).

    Args:
        word: one word, in any case.
        language: BCP 47 code (``en``, ``pt-br``); when empty, Cyrillic is read as Russian and Latin as English.

    Returns:
        The stem; the folded word where no stemmer knows the language or the script.
    """
    return _stem(word, language.lower().partition("-")[0])


@lru_cache(maxsize=1 << 17)
def _stem(word: str, language: str) -> str:
    folded = fold(word)
    name = _SNOWBALL.get(language) if language else _by_script(folded)
    if name is None:
        return folded
    stemmer = getattr(_stemmers, name, None)
    if stemmer is None:
        stemmer = Stemmer.Stemmer(name, 0)
        setattr(_stemmers, name, stemmer)
    return str(stemmer.stemWord(folded))


def _by_script(folded: str) -> str | None:
    if _CYRILLIC.search(folded):
        return "russian"
    return "english" if _LATIN.search(folded) else None


# ---------------------------------------------------------------- names across scripts

# Letters that anyascii writes without the sound that other scripts spell out.
_SOUNDS = str.maketrans({"š": "sh", "ş": "sh", "ș": "sh", "ś": "sh", "č": "ch", "ć": "ch", "ž": "zh", "ż": "zh"})
# Ordered: each rule sees what those before it left. The reasons are pairs of spellings that must meet.
_VARIANTS = tuple(
    (re.compile(pattern), instead)
    for pattern, instead in (
        (r"['\"`]", ""),  # El'tsin
        (r"shch|schtsch|szcz|chtch", "sh"),  # Khrushchev, Chruschtschow
        (r"dzh|dsch|dsh|zh", "j"),  # Zhukov, Joukov
        (r"(?<![a-z])dj", "j"),  # Djokovic
        (r"tsch|tch|cz", "ch"),
        (r"sch|sz", "sh"),  # Taschkent
        (r"kh", "h"),
        (r"gh", "g"),
        (r"ck|q|c(?![hkeiy])", "k"),
        (r"c(?=[eiy])", "s"),
        (r"ph|f{1,2}(?![a-z])", "f"),
        (r"(?<=[oe])f(?![a-z])", "v"),  # Romanoff
        (r"th", "t"),
        (r"tz", "ts"),
        (r"x", "ks"),
        (r"w", "v"),  # Sergejew
        (r"ou", "u"),
        (r"(?<=[aeiou])[yi](?=[aeou])|(?<=[aeiou])j(?=[aeou])", ""),  # Sergeyev, Sergeiev, Sergejew, Sergeev
        (r"(?<=[bcdfghklmnprstvz])[yij](?=[aeou])", ""),  # Lyashko, Liashko, Ljaschko
        (r"(?<![a-z])y(?=[aeou])", ""),  # Yeltsin, El'tsin
        (r"(?<=[aeiou])j(?![aeiou])", "i"),  # Koj
        (r"y", "i"),  # Koy, Koi
        (r"([a-z])\1+", r"\1"),
    )
)


def latin(text: str) -> str:
    """One rough Latin spelling for a name in any script: ``Сергеев``, ``Sergeyev``, ``Sergejew`` -> ``sergev``.

    Transliteration (anyascii), then the usual variants folded. For comparing names only, best with a measure that
    forgives a letter (rapidfuzz ``ratio`` from 89 on); endings are not cut. Spaces and hyphens stay.
    """
    return _latin_word(text) if len(text) <= 32 else _latin(text)


def _latin(text: str) -> str:
    sounds = unicodedata.normalize("NFC", text.casefold()).translate(_SOUNDS)
    spelt = anyascii(unicodedata.normalize("NFC", fold(sounds))).lower()
    for pattern, instead in _VARIANTS:
        spelt = pattern.sub(instead, spelt)
    return spelt


_latin_word = lru_cache(maxsize=1 << 16)(_latin)
