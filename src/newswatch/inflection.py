"""The forms of a name: which words may be a name with an ending on it, within a script and across scripts.

Stemmers are made for words, not for names: Russian Snowball cuts ``Сергеев`` to ``серге`` but ``Сергеева`` to
``сергеев``, and makes one of Иван and Иванов. So a name's endings are listed: those of cases, not those of surnames.
"""

from __future__ import annotations

import re
from functools import lru_cache

from newswatch.text import fold, latin

_SLAVIC = """
    а я у ю ы и і е є о й ь ой ей ою ею ом ем им ым ах ях ам ям ами ями ых их ого его ому ему ые ие ими ыми ая яя ую
    ый ий ові еві ої ій єм ів
"""
_TURKIC = """
    нын нин нун нүн дын дин дун дүн тын тин тун түн га ге го гө ка ке ко кө ны ни ну нү ды ди ду дү ты ти ту тү
    да де до дө та те то тө дан ден дон дөн тан тен тон төн
"""
_LATIN = """
    s a u e y i em om ie owi ovi ego emu im ym
"""
# Russian and Ukrainian cases (adjectival surnames too) and Kyrgyz ones; Polish and Czech cases, the genitive in -s.
_ENDINGS = {"cyrillic": frozenset((_SLAVIC + _TURKIC).split()), "latin": frozenset(_LATIN.split())}
_SHORTEST = {"cyrillic": 3, "latin": 5}
"""Letters that must be left when an ending is taken off."""
_LONGEST_ENDING = 3
_OWN_ENDING = {"cyrillic": re.compile("(?:[ыи]й|ая|яя|[аеиоуыэюяйьіїє])$"), "latin": re.compile("(?:[aeiouy]|[iy]y)$")}
"""What a name itself ends in and loses before another ending: Москва, Москву; Тульский, Тульского."""


def script(folded: str) -> str:
    """``cyrillic``, ``latin`` or empty, by the first letter that is either."""
    for char in folded:
        if "a" <= char <= "z":
            return "latin"
        if "\u0400" <= char <= "\u052f":
            return "cyrillic"
    return ""


def own_bases(folded: str) -> frozenset[str]:
    """What a name may stand on in its other cases: itself, and itself without its own ending."""
    kind = script(folded)
    if not kind:
        return frozenset((folded,))
    bare = _OWN_ENDING[kind].sub("", folded)
    return frozenset((folded, bare)) if len(bare) >= _SHORTEST[kind] else frozenset((folded,))


@lru_cache(maxsize=1 << 16)
def bases(folded: str) -> frozenset[str]:
    """What a word of a text may be a form of: itself, and itself without each ending that it may carry."""
    kind = script(folded)
    if not kind:
        return frozenset((folded,))
    found = {folded}
    for length in range(1, _LONGEST_ENDING + 1):
        if len(folded) - length >= _SHORTEST[kind] and folded[-length:] in _ENDINGS[kind]:
            found.add(folded[:-length])
    return frozenset(found)


def romanised(names: frozenset[str]) -> frozenset[str]:
    """The names as `latin` spells them."""
    return frozenset(latin(name) for name in names)


def variants(token: str) -> tuple[str, ...]:
    """The folded readings of a token: as it is, and what stands before or after an apostrophe (``l'Oréal``)."""
    folded = fold(token)
    if "'" not in folded:
        return (folded,)
    head, _, tail = folded.rpartition("'")
    joined = folded.replace("'", "")
    first, _, rest = folded.partition("'")
    after = (rest.replace("'", ""),) if len(first) <= len("qu") else ()
    return (joined, head.replace("'", ""), *after) if len(head) > len("qu") or not tail else (joined, *after)
