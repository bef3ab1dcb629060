"""Content codings undone piece by piece, so that a bomb is noticed before it is in memory (RFC 9110, 8.4)."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Protocol

import brotli

# The most one step may put out; the caller checks its cap between steps.
STEP = 262_144


class Decoder(Protocol):
    """Undoes one content coding."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Decoded pieces of bounded size, one by one, so that the caller can stop."""
        ...

    @property
    def finished(self) -> bool:
        """The coding's own end was seen."""
        ...


class Identity:
    """No coding."""

    finished = True

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What came."""
        yield data


class Zlib:
    """gzip (with several members, as it may) and deflate, with and without a zlib header."""

    def __init__(self, coding: str) -> None:
        self._gzip = coding == "gzip"
        self._object = zlib.decompressobj(zlib.MAX_WBITS | 16 if self._gzip else zlib.MAX_WBITS)
        self._started = False

    @property
    def finished(self) -> bool:
        """The end of a member was seen, and nothing after it."""
        return self._object.eof

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Decode a piece; raises zlib.error for what is no gzip or deflate."""
        while data:
            if self._object.eof:
                if not (self._gzip and data.startswith(b"\x1f\x8b")):
                    break
                self._object = zlib.decompressobj(zlib.MAX_WBITS | 16)
            yield self._step(data)
            data = self._object.unconsumed_tail or self._object.unused_data

    def _step(self, data: bytes) -> bytes:
        try:
            piece = self._object.decompress(data, STEP)
        except zlib.error:
            if self._started or self._gzip:
                raise
            # Many servers send deflate without the zlib header that the standard asks for.
            self._object = zlib.decompressobj(-zlib.MAX_WBITS)
            piece = self._object.decompress(data, STEP)
        self._started = True
        return piece


class Brotli:
    """br (RFC 7932)."""

    def __init__(self) -> None:
        self._object = brotli.Decompressor()

    @property
    def finished(self) -> bool:
        """The stream's end was seen."""
        return bool(self._object.is_finished())

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Decode a piece; raises brotli.error for what is no brotli."""
        yield self._object.process(data, output_buffer_limit=STEP)
        while not self._object.can_accept_more_data():
            yield self._object.process(b"", output_buffer_limit=STEP)


def decoder_for(content_encoding: str) -> Decoder | None:
    """The decoder for a Content-Encoding header; None for a coding that was not asked for."""
    coding = content_encoding.strip().lower()
    if coding in {"", "identity"}:
        return Identity()
    if coding in {"gzip", "x-gzip"}:
        return Zlib("gzip")
    if coding == "deflate":
        return Zlib("deflate")
    if coding == "br":
        return Brotli()
    return None


ERRORS = (zlib.error, brotli.error)
"""What `Decoder.feed` raises for bytes that are not of its coding."""
