"""WebSub: which hub a feed names, what is asked of it, and what is believed of what it says."""

from __future__ import annotations

import hashlib
import hmac
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from newswatch.feeds import websub
from newswatch.feeds.websub import Offer, discover
from newswatch.model import Subscription

NOW = datetime(2031, 3, 2, 12, tzinfo=UTC)
URL = "https://news.example/feed"
HUB = "https://hub.example/"
ONE = Subscription("f", URL, HUB, "token", "secret")


@pytest.mark.parametrize(
    ("links", "body", "offer"),
    [
        ((f'<{HUB}>; rel="hub", <{URL}?self>; rel="self"',), b"", Offer(HUB, f"{URL}?self")),
        ((f"<{HUB}>; rel=hub", f"<{URL}?x>; rel=self"), b"", Offer(HUB, f"{URL}?x")),
        (('</hub>; title="a, b; c"; rel="x hub"',), b"", Offer("https://news.example/hub", URL)),
        ((), f'<feed><link rel="hub" href="{HUB}"/><link href="/me?a=1&amp;b=2" rel="self"/>'.encode(),
         Offer(HUB, "https://news.example/me?a=1&b=2")),
        ((), f"<rss><atom:link rel='hub' href='{HUB}' /><a10:link rel='self' href='{URL}'/>".encode(), Offer(HUB, URL)),
        ((), f'{{"hubs": [{{"type": "WebSub", "url": "{HUB}"}}], "feed_url": "{URL}?j"}}'.encode(),
         Offer(HUB, f"{URL}?j")),
        ((f"<{HUB}header>; rel=hub",), f'<link rel="hub" href="{HUB}"/>'.encode(), Offer(f"{HUB}header", URL)),
        ((), b"<rss><link>https://news.example/</link></rss>", None),
        (("<file:///etc/passwd>; rel=hub",), b"", None),
        (("<http://[bad>; rel=hub",), b'<link rel="hub" href="javascript:x"/>', None),
        ((), b'{"hubs": 7}', None),
        ((), b'{"hubs": [{"type": "websub"}]}', None),
        ((), b"{" * 100_000, None),
    ],
)  # fmt: skip
def test_which_hub_a_feed_names(links: tuple[str, ...], body: bytes, offer: Offer | None) -> None:
    assert discover(links, body, URL) == offer


@pytest.mark.parametrize("evil", ["<link " * 20_000, "<x:link rel='" * 9000, "<>;" * 20_000, "<a>; " + "; =" * 20_000])
def test_looking_for_a_hub_takes_no_time(evil: str) -> None:
    started = time.monotonic()
    assert discover((evil,), evil.encode(), URL) is None
    assert time.monotonic() - started < 1


def test_what_a_hub_is_asked() -> None:
    assert websub.form(ONE, "https://me.example/websub/") == {
        "hub.mode": "subscribe",
        "hub.topic": URL,
        "hub.callback": "https://me.example/websub/token",
        "hub.lease_seconds": "864000",
        "hub.secret": "secret",
    }


def query(**changes: str) -> dict[str, str]:
    plain = {"mode": "subscribe", "topic": URL, "challenge": "abc", "lease_seconds": "1000"}
    return {f"hub.{name}": value for name, value in {**plain, **changes}.items()}


def test_a_hub_that_verifies_pushes_until_its_lease_ends_and_is_asked_before() -> None:
    waiting = websub.asked(ONE, NOW)
    assert (websub.is_active(waiting, NOW), websub.is_due(waiting, NOW)) == (False, False)
    active, answer = websub.verified(waiting, query(), NOW)
    assert answer == "abc"
    assert active.lease_until == NOW + timedelta(seconds=1000)
    assert websub.is_active(active, NOW + timedelta(seconds=999))
    assert not websub.is_active(active, NOW + timedelta(seconds=1000))
    assert not websub.is_due(active, NOW + timedelta(seconds=799))
    assert websub.is_due(active, NOW + timedelta(seconds=800))


@pytest.mark.parametrize(
    ("seconds", "lease"),
    [("1", websub.SHORTEST), ("0", websub.SHORTEST), ("999999999", websub.LONGEST), ("-5", websub.LEASE),
     ("soon", websub.LEASE), ("", websub.LEASE), ("9" * 5000, websub.LEASE)],
)  # fmt: skip
def test_leases_are_taken_within_reason(seconds: str, lease: timedelta) -> None:
    active, _ = websub.verified(websub.asked(ONE, NOW), query(lease_seconds=seconds), NOW)
    assert active.lease_until == NOW + lease


@pytest.mark.parametrize(
    "changes", [{"topic": f"{URL}/other"}, {"mode": "unsubscribe"}, {"challenge": ""}, {"mode": ""}, {"topic": ""}]
)
def test_what_nobody_asked_for_is_refused(changes: dict[str, str]) -> None:
    waiting = websub.asked(ONE, NOW)
    assert websub.verified(waiting, query(**changes), NOW) == (waiting, None)
    settled = replace(waiting, attempts=0)
    assert websub.verified(settled, query(), NOW) == (settled, None)


def test_a_hub_that_denies_is_asked_again_a_day_later() -> None:
    denied, answer = websub.verified(websub.asked(ONE, NOW), query(mode="denied"), NOW)
    assert answer == ""
    assert not websub.is_due(denied, NOW + timedelta(hours=23))
    assert websub.is_due(denied, NOW + timedelta(days=1))


def test_a_hub_that_says_nothing_is_asked_ever_less_often() -> None:
    one, waits = ONE, []
    for _ in range(12):
        one = websub.asked(one, NOW)
        assert one.ask_at is not None
        waits.append(one.ask_at - NOW)
    assert waits[:3] == [timedelta(minutes=30), timedelta(hours=1), timedelta(hours=2)]
    assert waits[-1] == timedelta(days=1)


def test_another_hub_is_another_subscription() -> None:
    kept = websub.wanted(ONE, "f", Offer(HUB, URL), token="new", secret="new")
    other = websub.wanted(ONE, "f", Offer(f"{HUB}2", URL), token="new", secret="newer")
    assert kept is ONE
    assert (other.token, other.secret, other.lease_until) == ("new", "newer", None)
    assert "secret" not in repr(ONE).replace("Subscription", "")


@pytest.mark.parametrize("method", sorted(websub.ALGORITHMS))
def test_a_push_is_believed_when_it_is_signed(method: str) -> None:
    digest = hmac.new(b"secret", b"body", getattr(hashlib, method)).hexdigest()
    assert websub.signed(f"{method}={digest}", b"body", "secret")
    assert websub.signed(f"{method.upper()}={digest.upper()}", b"body", "secret")
    for header, body, secret in (
        (f"{method}={digest}", b"other", "secret"), (f"{method}={digest}", b"body", "other"),
        (f"{method}={digest[:-1]}", b"body", "secret"), (f"{method}=", b"body", "secret"), (digest, b"body", "secret"),
        (f"md5={digest}", b"body", "secret"), ("", b"body", "secret"), (f"{method}=ё", b"body", "secret"),
        (f"{method}={hmac.new(b'', b'body', getattr(hashlib, method)).hexdigest()}", b"body", ""),
    ):  # fmt: skip
        assert not websub.signed(header, body, secret)
