"""Reading: text to language, sentences and claims. Its lexicons are data files, one a language. Pure."""

from newswatch.reading.claims import Reader
from newswatch.reading.language import language_of
from newswatch.reading.lexicon import kinds, languages, lexicon, measured, official

__all__ = ["Reader", "kinds", "language_of", "languages", "lexicon", "measured", "official"]
