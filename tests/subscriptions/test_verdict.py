"""What an answer says of a feed, beside what is remembered of it."""

from datetime import UTC, datetime, timedelta

import pytest

from newswatch.errors import FetchError, ParseError
from newswatch.feeds.discover import Candidate
from newswatch.feeds.health import HealthKind
from newswatch.model import Entry, FeedState, Fetched, ParsedFeed
from newswatch.subscriptions.probe import Answer, form
from newswatch.subscriptions.verdict import verdict

NOW = datetime(2031, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
URL = "https://a.example/rss"
NEW = FeedState("a", URL, configured_url=URL)


def answered(*ages: timedelta | None, warnings: tuple[str, ...] = ()) -> Answer:
    entries = tuple(
        Entry("a", str(n), "", "T", "", published=None if age is None else NOW - age) for n, age in enumerate(ages)
    )
    return Answer(
        URL, Fetched(b"<rss version='2.0'>", 200, URL, etag="x"), ParsedFeed("A", "en", "", entries, warnings)
    )


def known(**values: object) -> FeedState:
    return FeedState("a", URL, configured_url=URL, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "answer", "kind"),
    [
        (NEW, answered(DAY), HealthKind.WELL),
        (NEW, answered(None), HealthKind.WELL),
        (NEW, answered(), HealthKind.QUIET),
        (NEW, answered(100 * DAY), HealthKind.STALE),
        (NEW, answered(-30 * DAY), HealthKind.WELL),
        (known(last_new=NOW - 2 * DAY, habit=86400.0), answered(2 * DAY), HealthKind.QUIET),
        (known(last_new=NOW - 9 * DAY, habit=3600.0), answered(9 * DAY), HealthKind.STALE),
        (known(last_new=NOW - 9 * DAY, habit=3600.0), answered(), HealthKind.STALE),
        (known(failures=9, last_error="down", last_new=NOW - DAY), answered(DAY), HealthKind.WELL),
        (NEW, Answer(URL, error=FetchError("no", status=410)), HealthKind.GONE),
        (NEW, Answer(URL, error=FetchError("no", status=503)), HealthKind.BROKEN),
        (NEW, Answer(URL, error=ParseError("no")), HealthKind.BROKEN),
    ],
)
def test_the_silences_are_told_apart(state: FeedState, answer: Answer, kind: HealthKind) -> None:
    found = verdict(state, answer, NOW)
    assert found.kind is kind
    assert found.broken == (kind in {HealthKind.BROKEN, HealthKind.GONE})


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (NEW, f"{URL} answered 503."),
        (known(failures=1), f"{URL} answered 503. Polling it has failed once, and never succeeded."),
        (known(failures=3), f"{URL} answered 503. Polling it has failed 3 times, and never succeeded."),
        (known(last_success=NOW - DAY), f"{URL} answered 503. Polling it last succeeded 24 hours ago."),
        (
            known(last_success=NOW - DAY, failures=1),
            f"{URL} answered 503. Polling it last succeeded 24 hours ago, and failed once since.",
        ),
    ],
)
def test_a_failure_has_its_history(state: FeedState, said: str) -> None:
    error = FetchError(f"{URL} answered 503; it is tried again later", status=503)
    assert verdict(state, Answer(URL, error=error), NOW).sentence == said


def test_a_page_is_no_feed_and_says_where_to_look_only_if_it_names_some() -> None:
    for kind, hint in (("rss", True), ("guess", False)):
        answer = Answer(URL, page=(Candidate("https://a.example/x", "", kind),), error=ParseError("a page"))
        assert ("newswatch feeds discover" in verdict(NEW, answer, NOW).sentence) is hint


def test_many_oddities_are_counted() -> None:
    notes = verdict(NEW, answered(DAY, warnings=("one", "two", "three")), NOW).notes
    assert notes == ("had to be read carefully: one; two; and 1 more",)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b"<?xml version='1.0'?>\n<!-- x --><rss version='0.91'>", "RSS 0.91"),
        (b"<rss>", "RSS"),
        (b"\xef\xbb\xbf<rdf:RDF xmlns='http://purl.org/rss/1.0/'>", "RSS 1.0 (RDF)"),
        (b"<feed xmlns='http://www.w3.org/2005/Atom'>", "Atom 1.0"),
        (b"<feed version='0.3' xmlns='http://purl.org/atom/ns#'>", "Atom 0.3"),
        (b'{"version": "https://jsonfeed.org/version/1.1"}', "JSON Feed 1.1"),
        (b"<urlset>", "news sitemap"),
        (b"<sitemapindex>", "sitemap index"),
        (b"text <rss", "a feed"),
        (b"<!--" * 50_000, "a feed"),
        (b"<rss " + b"version " * 50_000, "RSS"),
    ],
)
def test_a_format_is_known_by_its_first_element(body: bytes, name: str) -> None:
    assert form(body) == name
