"""A sample of the feedparser and gofeed suites, where they lie beside the project; all of it: benchmarks/feeds.py."""

import random
from collections import defaultdict
from pathlib import Path

import pytest
from benchmarks.feeds import compare, default_root, suite
from benchmarks.fuzz_parse import MUTATIONS, judged

from newswatch.feeds import fast

ROOT = default_root()
OF_EACH_FOLDER = 40
MEANT = {"entry_title_crazy.xml": "title", "rss_channel_item_uri_at_protocol.xml": "link"}
"""Differences that are meant: a script is no part of a title, and at:// is no address to read."""


def folders() -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = defaultdict(list)
    for path in suite(ROOT):
        found[str(path.parent.relative_to(ROOT))].append(path)
    return found


@pytest.mark.skipif(not ROOT.is_dir(), reason="the feed suites are not beside the project")
@pytest.mark.parametrize("folder", sorted(folders()) or ["none"])
def test_a_sample_of_each_folder_is_read_as_feedparser_reads_it(folder: str) -> None:
    paths = folders()[folder]
    for path in paths[:: max(1, len(paths) // OF_EACH_FOLDER)]:
        row = compare(path, ROOT, limit=0)
        assert row.outcome in {"read", "no feed"}, row
        assert row.lost == 0, row
        assert set(row.differences) <= {MEANT.get(path.name)}, row


@pytest.mark.skipif(not ROOT.is_dir(), reason="the feed suites are not beside the project")
def test_every_file_and_mutations_of_it_take_the_fast_path_only_where_it_reads_the_same() -> None:
    rng = random.Random(7)  # noqa: S311 - no secret
    pool = [
        b"<item><title>a</title><link>http://x.example/</link></item>",
        b"<title>b</title>",
        b"<pubDate>x</pubDate>",
    ]
    for path in suite(ROOT):
        body = path.read_bytes()
        if len(body) > 20_000:
            continue
        for one in (body, *(mutate(body, rng, pool) for mutate in MUTATIONS)):
            if fast.read(one, content_type="application/xml") is not None:
                assert judged(one, limit=0) == ("equal", ""), (path.name, one)
