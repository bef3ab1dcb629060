"""Which lexicon reads a text: the stated language where there is one for it, else the one whose small words it uses."""

from __future__ import annotations

from newswatch.reading.lexicon import languages, lexicon
from newswatch.text import fold, words

_LOOK_AT = 3000


def language_of(stated: str, text: str) -> str:
    """A language with a lexicon.

    Args:
        stated: BCP 47 code that the feed states, or empty.
        text: the story's title and text.

    Returns:
        Its code. A stated language without a lexicon is returned as it is: its names and numbers can still be read.
    """
    code = stated.lower().partition("-")[0]
    if code:
        return code
    seen = [fold(word.text) for word in words(text[:_LOOK_AT])]
    scores = {language: sum(word in _small_words(language) for word in seen) for language in languages()}
    best = max(scores, key=lambda language: scores[language])
    if scores[best]:
        return best
    cyrillic = any("а" <= letter <= "я" for letter in fold(text[:_LOOK_AT]))
    return "ru" if cyrillic else "en"


def _small_words(language: str) -> frozenset[str]:
    book = lexicon(language)
    return book.stop if book is not None else frozenset()
