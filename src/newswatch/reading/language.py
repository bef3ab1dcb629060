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
    """
    code = stated.lower().partition("-")[0]
    known = languages()
    if code in known:
        return code
    seen = [fold(word.text) for word in words(text[:_LOOK_AT])]
    scores = {language: sum(word in lexicon(language).stop for word in seen) for language in known}
    best = max(known, key=lambda language: scores[language])
    if scores[best]:
        return best
    cyrillic = any("а" <= letter <= "я" for letter in fold(text[:_LOOK_AT]))
    return "ru" if cyrillic and "ru" in known else "en"
