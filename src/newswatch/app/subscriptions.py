"""Subscriptions to the hubs of feeds (WebSub): a push makes a feed due at once; polling goes on, less often."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime

from newswatch.app.reports import problems_log
from newswatch.feeds import websub
from newswatch.model import Subscription
from newswatch.store import Store


class Subscriptions:
    """Keeps what hubs are asked and have answered. Used from the one thread that writes; survives restarts in rows."""

    def __init__(self, store: Store, feed_ids: frozenset[str]) -> None:
        self._store = store
        self._feeds = feed_ids
        self._rows: dict[str, Subscription] | None = None

    @property
    def _known(self) -> dict[str, Subscription]:
        if self._rows is None:
            self._rows = {row.feed_id: row for row in self._store.subscriptions() if row.feed_id in self._feeds}
        return self._rows

    def active(self, feed_id: str, now: datetime) -> bool:
        """Whether a hub pushes what is new in a feed."""
        return websub.is_active(self._known.get(feed_id), now)

    def offered(self, feed_id: str, offer: websub.Offer | None) -> None:
        """Note the hub that a feed names; one that is named no more is forgotten.

        Raises:
            StoreError: it was not written.
        """
        before = self._known.get(feed_id)
        if offer is None:
            if before is not None:
                with self._store.transaction() as tx:
                    tx.end_subscription(feed_id)
                del self._known[feed_id]
            return
        # The secret is at most 200 bytes (5.1); it goes to the hub, and signs what the hub pushes.
        after = websub.wanted(before, feed_id, offer, token=secrets.token_urlsafe(24), secret=secrets.token_urlsafe(32))
        if after != before:
            self._save(after)

    def to_ask(self, now: datetime) -> tuple[Subscription, ...]:
        """The subscriptions whose hubs are to be asked, as they stand once they are.

        Raises:
            StoreError: it was not written; nobody is asked.
        """
        due = tuple(websub.asked(one, now) for one in self._known.values() if websub.is_due(one, now))
        for one in due:
            self._save(one)
        return due

    def refused(self, subscription: Subscription, why: str) -> None:
        """Say that a hub did not take what it was asked; it is asked again later."""
        problems_log.warning(
            "feed %s: its hub %s did not take the subscription (%s); it is asked again",
            subscription.feed_id, subscription.hub, why,
        )  # fmt: skip

    def verify(self, token: str, query: Mapping[str, str], now: datetime) -> str | None:
        """A hub asks whether we asked: the answer, or None to refuse.

        Raises:
            StoreError: it was not written.
        """
        found = self._of(token)
        if found is None:
            return None
        after, answer = websub.verified(found, query, now)
        if after != found:
            self._save(after)
        return answer

    def pushed(self, token: str, body: bytes, signature: str) -> tuple[bool, str]:
        """A hub pushes: whether there is such a subscription, and the feed that is due for it; empty where it lies."""
        found = self._of(token)
        if found is None:
            return False, ""
        if not websub.signed(signature, body, found.secret):
            problems_log.warning("feed %s: a push that its hub did not sign was not believed", found.feed_id)
            return True, ""
        return True, found.feed_id

    def _of(self, token: str) -> Subscription | None:
        same = (one for one in self._known.values() if secrets.compare_digest(one.token.encode(), token.encode()))
        return next(same, None)

    def _save(self, subscription: Subscription) -> None:
        with self._store.transaction() as tx:
            tx.save_subscription(subscription)
        self._known[subscription.feed_id] = subscription
