"""WebSub (W3C Recommendation of 23 January 2018), the subscriber's side: what is asked and what is believed. Pure."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from html import unescape
from urllib.parse import urljoin, urlsplit

from newswatch.model import Subscription

LEASE = timedelta(days=10)
"""What we ask for; the hub decides."""
SHORTEST, LONGEST = timedelta(minutes=5), timedelta(days=365)
"""Leases outside of these are taken as these: a hub that says a second would be asked every second."""
RENEW_AT = 0.8
"""Share of a lease after which it is renewed."""
AGAIN = timedelta(minutes=30)
"""How long a hub may take to verify; then it is asked again, each time after twice as long, up to a day."""
DENIED = timedelta(days=1)
ALGORITHMS = frozenset({"sha1", "sha256", "sha384", "sha512"})
_HEAD = 65536
_LINK_HEADER = re.compile(r"<([^<>]*)>((?:\s*;\s*[\w*!#$%&'+.^`|~-]+(?:\s*=\s*(?:\"[^\"]*\"|[^\s\";,]*))?)*)")
_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s\";,]*))", re.IGNORECASE)
_LINK_TAG = re.compile(rb"<(?:[A-Za-z][\w.-]{0,20}:)?link\b([^<>]{0,2000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"(rel|href)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Offer:
    """What a feed says of its hub.

    Attributes:
        hub: where to subscribe.
        topic: the address to subscribe to: the feed's own, as it names itself.
    """

    hub: str
    topic: str


def discover(links: Sequence[str], body: bytes, url: str) -> Offer | None:
    """The hub that a feed names: in its Link headers, or else in itself (atom:link, or JSON Feed's ``hubs``).

    Args:
        links: values of the Link headers.
        body: the feed; its beginning is looked at.
        url: where it came from; the topic where it does not name itself.
    """
    for found in (_from_headers(links), _from_json(body) if body.lstrip()[:1] == b"{" else _from_tags(body[:_HEAD])):
        if hub := _web(url, found.get("hub", "")):
            return Offer(hub, _web(url, found.get("self", "")) or url)
    return None


def _from_headers(links: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for value in links:
        for target, parameters in _LINK_HEADER.findall(value[:8192]):
            rel = _REL.search(parameters)
            for word in (rel[1] or rel[2] or "").lower().split() if rel else ():
                found.setdefault(word, target.strip())
    return found


def _from_tags(head: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    for tag in _LINK_TAG.findall(head):
        attributes = {name.lower(): a or b for name, a, b in _ATTRIBUTE.findall(tag.decode("utf-8", "replace"))}
        for word in attributes.get("rel", "").lower().split():
            found.setdefault(word, unescape(attributes.get("href", "")).strip())
    return found


def _from_json(body: bytes) -> dict[str, str]:
    try:
        feed = json.loads(body)
        hubs = feed.get("hubs") or []
        hub = next((one["url"] for one in hubs if str(one.get("type", "")).lower() == "websub"), "")
        return {"hub": str(hub), "self": str(feed.get("feed_url") or "")}
    except (ValueError, AttributeError, TypeError, KeyError, RecursionError):
        return {}


def _web(base: str, link: str) -> str:
    """An absolute http(s) address, or nothing."""
    try:
        url = urljoin(base, link)
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if link and parts.scheme in {"http", "https"} and parts.hostname else ""


def wanted(before: Subscription | None, feed_id: str, offer: Offer, *, token: str, secret: str) -> Subscription:
    """The subscription to a feed after it was looked at: the same where it names the same hub, else a new one.

    Args:
        before: the one that there is.
        feed_id: the feed.
        offer: what it says.
        token: what the callback of a new one is known by.
        secret: what pushes to it are signed with.
    """
    if before is not None and (before.hub, before.topic) == (offer.hub, offer.topic):
        return before
    return Subscription(feed_id, offer.topic, offer.hub, token, secret)


def is_due(subscription: Subscription, now: datetime) -> bool:
    """Whether its hub is to be asked now."""
    return subscription.ask_at is None or subscription.ask_at <= now


def asked(subscription: Subscription, now: datetime) -> Subscription:
    """As it is before its hub is asked: unless the hub verifies, it is asked again, later each time."""
    wait = min(AGAIN * 2 ** min(subscription.attempts, 10), timedelta(days=1))
    return replace(subscription, ask_at=now + wait, attempts=subscription.attempts + 1)


def form(subscription: Subscription, callback: str) -> dict[str, str]:
    """What the hub is asked (5.1)."""
    return {
        "hub.mode": "subscribe",
        "hub.topic": subscription.topic,
        "hub.callback": callback_of(subscription, callback),
        "hub.lease_seconds": f"{LEASE.total_seconds():.0f}",
        "hub.secret": subscription.secret,
    }


def callback_of(subscription: Subscription, callback: str) -> str:
    """Where the hub finds us for this subscription; the path cannot be guessed."""
    return f"{callback.rstrip('/')}/{subscription.token}"


def verified(subscription: Subscription, query: Mapping[str, str], now: datetime) -> tuple[Subscription, str | None]:
    """What becomes of a subscription when its hub calls (5.2, 5.3).

    Returns:
        The subscription, and what to answer: the challenge, an empty text to acknowledge a denial, or None to refuse.
    """
    mode, topic = query.get("hub.mode", ""), query.get("hub.topic", "")
    if topic != subscription.topic:
        return subscription, None
    if mode == "denied":
        return replace(subscription, lease_until=None, ask_at=now + DENIED), ""
    # We ask for nothing but to subscribe, and only while we wait for an answer.
    if mode != "subscribe" or not query.get("hub.challenge") or not subscription.attempts:
        return subscription, None
    seconds = query.get("hub.lease_seconds", "")
    asked_for = timedelta(seconds=int(seconds)) if re.fullmatch(r"[0-9]{1,9}", seconds) else LEASE
    lease = min(max(asked_for, SHORTEST), LONGEST)
    active = replace(subscription, lease_until=now + lease, ask_at=now + lease * RENEW_AT, attempts=0)
    return active, query["hub.challenge"]


def is_active(subscription: Subscription | None, now: datetime) -> bool:
    """Whether its hub pushes."""
    return subscription is not None and subscription.lease_until is not None and subscription.lease_until > now


def signed(header: str, body: bytes, secret: str) -> bool:
    """Whether an X-Hub-Signature (``sha256=…``) is of this body, by this secret (7.1)."""
    method, _, digest = header.strip().partition("=")
    if method.lower() not in ALGORITHMS or not secret:
        return False
    right = hmac.new(secret.encode(), body, getattr(hashlib, method.lower())).hexdigest()
    return hmac.compare_digest(right.encode(), digest.strip().lower().encode("utf-8", "replace"))
