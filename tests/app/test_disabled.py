"""A receiver that wants no more messages (HTTP 410): its channel is disabled, remembered, named, and enabled again."""

import asyncio
import logging
import os
from pathlib import Path

import pytest

from loopback.feed_server import FeedServer, Route
from loopback.webhook_receiver import SECRET, Answer, WebhookReceiver
from loopback.world import FEEDS, MOMENTS, rss, write_config
from newswatch.app import App, DeliverReport
from newswatch.config.load import load_config
from newswatch.model import DisabledChannel
from newswatch.store import open_store

ENVIRON = {**os.environ, "HOOK_SECRET": SECRET}


def configured(folder: Path, feeds: FeedServer, hook: WebhookReceiver, path: str = "/hook") -> Path:
    url = hook.url.removesuffix("/hook") + path
    channels = f"{{hook: {{type: webhook, url: '{url}', secret_env: HOOK_SECRET, allow_private: true}}}}"
    recipients = "[{id: desk, channels: [hook], alert_from: digest}]"
    return write_config(folder, {name: feeds.url(f"/{name}") for name in FEEDS}, channels, recipients)


def once(config: Path, hour: int) -> tuple[DeliverReport, tuple[DisabledChannel, ...]]:
    now = MOMENTS[0].replace(hour=hour)

    async def work() -> DeliverReport:
        async with App(loaded, store, environ=ENVIRON) as app:
            await app.poll(now)
            await app.release(now, wait=False)
            return await app.deliver(now)

    loaded = load_config(config, ENVIRON)
    store = open_store(loaded.settings.store.url, base=loaded.base, now=now)
    try:
        return asyncio.run(work()), store.disabled_channels()
    finally:
        store.close()


def stand(feeds: FeedServer, moment: int) -> None:
    feeds.routes = {f"/{name}": Route(rss(name, MOMENTS[moment])) for name in FEEDS}


def test_nothing_more_is_sent_and_nothing_is_lost(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with FeedServer() as feeds, WebhookReceiver([Answer(410, body=b"moved away")]) as hook:
        config = configured(tmp_path, feeds, hook)
        stand(feeds, 1)
        with caplog.at_level(logging.ERROR, logger="newswatch.problems"):
            delivered, [gone] = once(config, 12)
        assert len(hook.calls) == 1
        assert gone.name == "hook"
        assert "answered 410 (moved away)" in gone.reason
        [line] = [record.getMessage() for record in caplog.records]
        assert line.startswith("channel hook is disabled since 2031-03-02 12:00 UTC (http://127.0.0.1:")
        assert line.endswith("run `newswatch test-channel hook`")
        assert (delivered.sent, delivered.failed) == (0, 0)
        assert delivered.waiting == 1  # what came together is one alert
        waiting = delivered.waiting
        # Another process, an hour later: nothing is asked of the receiver, and the operator is told again.
        delivered, disabled = once(config, 13)
        assert len(hook.calls) == 1
        assert delivered.waiting == waiting
        assert [(refusal.channel, refusal.reason) for refusal in delivered.problems] == [("hook", "gone")]
        assert delivered.problems[0].message.startswith("it is disabled since 2031-03-02 12:00 UTC")
        # Its address is changed: what waited is sent.
        hook.answers = [Answer()]
        config = configured(tmp_path, feeds, hook, "/elsewhere")
        delivered, disabled = once(config, 14)
        assert disabled == ()
        assert (delivered.sent, delivered.waiting, delivered.problems) == (waiting, 0, [])
        assert {call.path for call in hook.calls[1:]} == {"/elsewhere"}


def test_a_channel_that_left_the_configuration_is_not_named(tmp_path: Path) -> None:
    with FeedServer() as feeds, WebhookReceiver([Answer(410)]) as hook:
        config = configured(tmp_path, feeds, hook)
        stand(feeds, 0)
        _, disabled = once(config, 12)
        assert len(disabled) == 1
        write_config(tmp_path, {"wire": feeds.url("/wire")}, "{files: {type: folder, path: out}}")
        delivered, _ = once(config, 13)
        assert [refusal.channel for refusal in delivered.problems if refusal.reason == "gone"] == []
