"""Digests over a real store: a new recipient's first one comes at their time, with everything that was held."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path

import pytest

from loopback import news
from loopback.world import write_config
from newswatch.app import App
from newswatch.config.load import load_config
from newswatch.model import Held
from newswatch.store import open_store

NOW = datetime.fromisoformat("2031-03-02T12:00Z")
NEXT = datetime.fromisoformat("2031-03-03T07:00:20Z")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def digests(folder: Path, url: str, send_empty: str, held: Sequence[Held], *moments: datetime) -> list[int]:
    """Keep developments for the recipient, then write and send what is due at these moments; how many it was."""

    async def work() -> list[int]:
        async with App(loaded, store, environ={}) as app:
            written = []
            for now in moments:
                written.append(await app.digest(now))
                await app.deliver(now)
            return written

    who = f"[{{id: desk, channels: [box], digest: {{cron: '0 7 * * *', send_empty: {send_empty}}}}}]"
    config = write_config(folder, {"wire": "http://127.0.0.1:9/"}, "{box: {type: folder, path: outbox}}", who)
    config.write_text(f"{config.read_text()}store: {{url: '{url}'}}\n")
    loaded = load_config(config, {})
    store = open_store(loaded.settings.store.url, base=loaded.base, now=moments[0])
    try:
        with store.transaction() as tx:
            tx.hold(held)
        return asyncio.run(work())
    finally:
        store.close()


def texts(folder: Path) -> list[str]:
    mails = [message_from_bytes(path.read_bytes(), policy=SMTP) for path in (folder / "outbox").glob("*.eml")]
    return [str(body.get_content()) for mail in mails if (body := mail.get_body(("plain",))) is not None]


@pytest.mark.parametrize("ago", [DAY, 6 * HOUR, HOUR], ids=["a day before", "before today's time", "an hour before"])
def test_a_first_digest_comes_at_its_time_with_what_was_held(ago: timedelta, url: str, tmp_path: Path) -> None:
    held = Held("desk", news.item(news.RESIGNS), "velmora", news.EVENT.title, NOW - ago)
    assert digests(tmp_path, url, "false", [held], NOW, NOW + HOUR, NEXT, NEXT + DAY) == [0, 0, 1, 0]
    [text] = texts(tmp_path)
    assert news.RESIGNS.summary in text


def test_an_empty_first_digest_is_not_sent_at_once(url: str, tmp_path: Path) -> None:
    assert digests(tmp_path, url, "true", [], NOW, NOW + HOUR, NEXT, NEXT + HOUR, NEXT + DAY) == [0, 0, 1, 0, 1]
    assert all("Nothing new." in text for text in texts(tmp_path))
    assert len(texts(tmp_path)) == 2
