"""Full text on pages with known text: how much of the article is read, and how much else.

The pages are those of newspaper4k's source distribution (MIT), which keeps each beside the text its authors expect:

    pip download --no-deps --no-binary newspaper4k newspaper4k && tar xzf newspaper4k-*.tar.gz
    .venv/bin/python benchmarks/fulltext.py newspaper4k-*/tests/data

Recall is the share of the expected words that were read, precision the share of the words read that were expected,
each word as often as it stands. Beside it: newswatch's own reader of saved pages (``newswatch baseline draft``).
"""

from __future__ import annotations

import argparse
import re
import statistics
import time
from collections import Counter
from pathlib import Path

from newswatch.feeds.fulltext import read_full_text
from newswatch.feeds.page import decoded, read_page


def words(text: str) -> Counter[str]:
    """Words as often as they stand; of scripts without spaces each character."""
    return Counter(re.findall(r"[\u0e00-\u0e7f\u1000-\u109f\u3040-\u30ff\u4e00-\u9fff]|\w+", text.casefold()))


def scores(found: str, expected: str) -> tuple[float, float]:
    """Precision and recall."""
    one, other = words(found), words(expected)
    common = (one & other).total()
    return common / max(one.total(), 1), common / max(other.total(), 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="holds html/NAME.html and txt/NAME.txt")
    folder = parser.parse_args().folder
    read: list[tuple[float, float]] = []
    own: list[tuple[float, float]] = []
    took: list[float] = []
    print(f"{'page':30} {'precision':>9} {'recall':>7} {'ms':>6}")
    for page in sorted(folder.joinpath("html").glob("*.html")):
        known = folder / "txt" / f"{page.stem}.txt"
        if not known.exists():
            continue
        body, expected = page.read_bytes(), known.read_text(encoding="utf-8", errors="replace")
        # What a feed would say of it: its first sentence or two.
        summary = expected.strip()[:160]
        started = time.perf_counter()
        found = read_full_text(body, url="https://example.org/a", content_type="text/html", title="", summary=summary)
        took.append(time.perf_counter() - started)
        read.append(scores(found.text, expected))
        own.append(scores(read_page(decoded(body, "") or "").text, expected))
        print(f"{page.stem:30} {read[-1][0]:9.2f} {read[-1][1]:7.2f} {took[-1] * 1000:6.0f}  {found.reason}")
    for name, found_of in (("full text", read), ("own reader of saved pages", own)):
        precision, recall = (statistics.mean(pair[at] for pair in found_of) for at in (0, 1))
        print(f"{name}: {len(found_of)} pages, precision {precision:.2f}, recall {recall:.2f} (means)")
    print(f"median {statistics.median(took) * 1000:.0f} ms a page, worst {max(took) * 1000:.0f} ms")


if __name__ == "__main__":
    main()
