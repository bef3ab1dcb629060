"""A configuration polled once in this process, its store opened and closed."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from newswatch.app import App, PollReport
from newswatch.config.load import load_config
from newswatch.model import FeedState
from newswatch.store import open_store


def polled(
    config: Path, now: datetime, environ: Mapping[str, str] = MappingProxyType({})
) -> tuple[PollReport, Mapping[str, FeedState]]:
    """What the poll reports, and what is remembered of each feed after it."""

    async def work() -> PollReport:
        async with App(loaded, store, environ=environ) as app:
            return await app.poll(now)

    loaded = load_config(config, environ)
    store = open_store(loaded.settings.store.url, base=loaded.base, now=now)
    try:
        return asyncio.run(work()), store.feed_states([feed.id for feed in loaded.settings.feeds if feed.id])
    finally:
        store.close()
