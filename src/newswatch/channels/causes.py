"""What is behind a library's error: the causes it was raised from, and the system's own words for them."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from typing import TypeVar

from newswatch.channels.mime import one_line

E = TypeVar("E", bound=BaseException)


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error, what it was raised from, and so on."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def cause(error: BaseException, kind: type[E]) -> E | None:
    """The first of a kind among an error and its causes."""
    return next((one for one in causes(error) if isinstance(one, kind)), None)


def system_words(error: BaseException) -> str:
    """``Connection refused``, ``Name or service not known``: from the deepest cause that the system has words for."""
    words = one_line(str(error)) or type(error).__name__
    for one in causes(error):
        if isinstance(one, OSError) and one.errno is not None:
            # asyncio puts its own words in front of the number; a resolver's numbers are not the system's.
            words = os.strerror(one.errno) if one.errno in errno.errorcode else one.strerror or words
    return words
