"""The parse gate under fire: real and plain feeds, mutated, for so many seconds.

    python benchmarks/fuzz_parse.py --seconds 600 [--seed 1] [--root ../shared/bench/feeds]

What must hold for every body: nothing but ParseError comes out; `parse` takes less than 2 s; and where the fast reader
takes a body, its feed equals the one that the reference gives, in every field of every entry. A body that breaks one of
these is printed and written to ``--keep``, and the exit code is 1.

Three kinds of mutation, by turns: bytes (cut, doubled, swapped, replaced by what breaks markup), elements (moved,
doubled, nested, renamed to another element that some feed has), and texts (replaced by ones that readers disagree on).
"""

from __future__ import annotations

import argparse
import random
import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.feeds import LIMIT, NOW, URL, Late, default_root, limited, suite
from benchmarks.plainfeeds import PLAIN

from newswatch.errors import ParseError
from newswatch.feeds import fast
from newswatch.feeds.parse import parse
from newswatch.model import ParsedFeed

LARGEST = 20_000
HOSTILE = (
    b"<", b">", b"&", b"&amp;", b"&#150;", b"&#x96;", b"&nbsp;", b"]]>", b"<![CDATA[", b"<!--", b"-->", b"<?x?>", b"\x00",
    b"\xff", b"\xc2\x96", b"\xe2\x80\xa8", b"'", b'"', b"=", b"/", b"\r", b"\r\n\r\n", b"\t", b"<br/>", b"<b>", b"</b>", b"<p>x</p>",
    "Ã©".encode(), "é".encode(), "Дом".encode(), b"&lt;p&gt;", b"&amp;lt;", b"xml:base='http://y/' ", b"xml:lang='de' ",
    b"xmlns='http://y/' ", b"<x:y xmlns:x='http://y/'>", b" type='xhtml'", b" type='html'", b" mode='base64'", b" rel='self'",
    b"<!DOCTYPE x>", b"<!DOCTYPE x [<!ENTITY e 'f'>]>", b"&e;", b" isPermaLink='true'", b"\xef\xbb\xbf", b"2031-99-99", b"+0530 (IST)",
)  # fmt: skip
TEXTS = (
    "", " ", "a", "a & b", "<b>bold</b>", "&", "AT&T", "5 < 6", "1 &lt; 2", "a\n\nb", "  padded  ", "Ã©", "â€™", "é", "‘q’", "\u00a0", "\u00ad",
    "http://x.example/a b", "http://x.example/?a=1&b=2", "/relative", "tag:x", "a@b.example (N)", "N <a@b.example>", "a@b.example",
    "x ]]&gt; y", "Tue, 4 Mar 2025 9:58 EST", "2025-03-04", "04.03.2025 10:00", "Вт, 04 мар 2025 10:00:00 +0300", "tomorrow",
    "2025-03-04T10:00:00", "&#8217;", "&#x1F600;", "&eacute;", "javascript:x", "//host/p", "#f", "?q", "http://[", "  http://x/ ", "\u2028",
)  # fmt: skip
_ELEMENT = re.compile(rb"<([\w:]+)(?:\s[^<>]*)?(?:/>|>(?:[^<]|<!\[CDATA\[(?:(?!\]\]>).)*\]\]>)*</\1\s*>)", re.DOTALL)
_TEXT = re.compile(rb">([^<>]*)<")
_NAMES = re.compile(rb"</?([\w:]+)")


def bytewise(body: bytes, rng: random.Random, _: list[bytes]) -> bytes:
    """Some bytes cut, doubled, moved or replaced."""
    for _turn in range(rng.randint(1, 4)):
        start = rng.randrange(len(body) + 1)
        end = min(len(body), start + rng.choice((0, 0, 1, 5, 40, 400)))
        put = rng.choice((b"", rng.choice(HOSTILE), rng.choice(HOSTILE), body[start:end] * 2, rng.choice(HOSTILE) * 20))
        body = body[:start] + put + body[end:]
    return body


def elementwise(body: bytes, rng: random.Random, pool: list[bytes]) -> bytes:
    """Elements doubled, moved, nested, taken from other feeds, or renamed."""
    for _turn in range(rng.randint(1, 3)):
        found = list(_ELEMENT.finditer(body))
        if not found:
            return bytewise(body, rng, pool)
        one, other = rng.choice(found), rng.choice(found)
        kind = rng.randrange(5)
        if kind == 0:
            body = body[: other.start()] + one[0] + body[other.start() :]
        elif kind == 1:
            body = body[: one.start()] + body[one.end() :]
        elif kind == 2:
            body = body[: one.start()] + rng.choice(pool) + body[one.start() :]
        elif kind == 3:
            name = rng.choice(_NAMES.findall(rng.choice(pool)) or [b"title"])
            body = body[: one.start()] + one[0].replace(one[1], name) + body[one.end() :]
        else:
            inside = one[0].replace(b"</", rng.choice(pool) + b"</", 1)
            body = body[: one.start()] + inside + body[one.end() :]
    return body


def textwise(body: bytes, rng: random.Random, _: list[bytes]) -> bytes:
    """Texts and attributes replaced."""
    for _turn in range(rng.randint(1, 4)):
        found = list(_TEXT.finditer(body))
        if not found:
            return body
        one = rng.choice(found)
        text = rng.choice(TEXTS)
        if rng.random() < 0.5:
            text = text.replace("&", "&amp;").replace("<", "&lt;")
        put = text.encode() if rng.random() < 0.7 else b"<![CDATA[" + text.encode() + b"]]>"
        body = body[: one.start(1)] + put + body[one.end(1) :]
    return body


MUTATIONS: tuple[Callable[[bytes, random.Random, list[bytes]], bytes], ...] = (bytewise, elementwise, textwise)


def read(body: bytes, *, fast_path: bool) -> ParsedFeed | str:
    """The feed, or what the error says."""
    try:
        return parse(body, feed_id="f", url=URL, content_type="application/xml", now=NOW, fast_path=fast_path)
    except ParseError as error:
        return str(error)


def judged(body: bytes, limit: float = LIMIT) -> tuple[str, str]:
    """What came of a body: ``equal``, ``declined``, or what is wrong with it; and the details."""
    try:
        with limited(limit):
            ours = read(body, fast_path=True)
    except Late:
        return "late", ""
    except Exception as error:  # noqa: BLE001 - a crash is what is looked for
        return "crash", f"{type(error).__name__}: {error}"
    if fast.read(body, content_type="application/xml") is None:
        return "declined", ""
    theirs = read(body, fast_path=False)
    if ours == theirs:
        return "equal", ""
    return "different", difference(ours, theirs)


def difference(ours: ParsedFeed | str, theirs: ParsedFeed | str) -> str:
    """The fields that differ, in words."""
    if isinstance(ours, str) or isinstance(theirs, str):
        return f"{ours!r:.300} for {theirs!r:.300}"
    if len(ours.entries) != len(theirs.entries):
        return f"{len(ours.entries)} entries for {len(theirs.entries)}"
    pairs: zip[tuple[Any, Any]] = zip((ours, *ours.entries), (theirs, *theirs.entries), strict=True)
    found = [
        f"{name}: {getattr(mine, name)!r:.200} for {getattr(other, name)!r:.200}"
        for mine, other in pairs
        for name in type(mine).__slots__
        if name not in {"entries", "fingerprint"} and getattr(mine, name) != getattr(other, name)
    ]
    return "; ".join(found)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--root", type=Path, default=default_root())
    parser.add_argument("--keep", type=Path, help="a folder for the bodies that break something")
    options = parser.parse_args()
    rng = random.Random(options.seed)  # noqa: S311 - no secret
    real = [body for path in suite(options.root) if len(body := path.read_bytes()) <= LARGEST]
    plain = [text.encode() for text in PLAIN.values()]
    pool = [match[0] for body in (*plain, *real) for match in _ELEMENT.finditer(body) if len(match[0]) < 500]
    counts: Counter[str] = Counter()
    until = time.monotonic() + options.seconds
    slowest = 0.0
    while time.monotonic() < until:
        body = rng.choice(plain if not real or rng.random() < 0.6 else real)
        body = rng.choice(MUTATIONS)(body, rng, pool)
        started = time.perf_counter()
        outcome, details = judged(body)
        slowest = max(slowest, time.perf_counter() - started)
        counts[outcome] += 1
        if outcome not in {"equal", "declined"}:
            print(f"{outcome}: {details}", flush=True)
            if options.keep:
                options.keep.mkdir(parents=True, exist_ok=True)
                (options.keep / f"{outcome}-{counts.total()}.xml").write_bytes(body)
    print(f"{counts.total()} bodies in {options.seconds:g} s (seed {options.seed}):", dict(counts))
    print(f"slowest, read twice: {slowest:.2f} s")
    return int(bool(counts.keys() - {"equal", "declined"}))


if __name__ == "__main__":
    raise SystemExit(main())
