"""A store of every earlier schema, with messages on their way: it opens, is brought up to date, and sends them all.

`old/` holds an alert, a digest and a development as the first schema's newswatch wrote them; from `0003_routes` on, an
alert also said who it was escalated from. A row has the columns of its schema alone.
"""

import asyncio
import json
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import Connection, create_engine, text

from loopback import news
from loopback.smtp_server import SmtpServer
from loopback.webhook_receiver import SECRET, WebhookReceiver
from loopback.world import write_config
from newswatch.app import App, DeliverReport
from newswatch.config.load import Loaded, load_config
from newswatch.model import DeliveryState
from newswatch.store import open_store
from newswatch.store.engine import resolved
from newswatch.store.migrate import migrations
from newswatch.store.tables import migration as applied

NOW, HOUR = news.NOW, timedelta(hours=1)
OLD = Path(__file__).with_name("old")
SCHEMA = Path(__file__).parents[2] / "config" / "schemas" / "webhook.schema.json"
CHANNELS = (
    "{{mail: {{type: email, host: 127.0.0.1, port: {port}, security: none, from: n@example.org, to: [a@example.org]}}, "
    "hook: {{type: webhook, url: '{url}', allow_private: true, secret_env: HOOK_SECRET}}}}"
)
RECIPIENTS = "[{id: desk, channels: [mail, hook], digest: {cron: '30 18 * * *'}, group_wait: 0s}]"


def micros(hours: int = 0) -> int:
    return round((NOW + hours * HOUR).timestamp() * 1_000_000)


def body(name: str, number: int, **changes: object) -> str:
    alert: dict[str, Any] = json.loads((OLD / f"{name}.json").read_text(encoding="utf-8")) | changes
    return json.dumps(alert | ({"escalated_from": "", "origin": ""} if number >= 3 and name != "item" else {}))


def insert(connection: Connection, table: str, **row: object) -> None:
    names = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), row)  # noqa: S608 - our own names


def fill(connection: Connection, number: int) -> None:
    """An alert and a digest over two channels, one sent, one put off; and what waits for a digest, or for an alert."""
    for alert_id, name, digest in (("alr_1", "alert", False), ("alr_2", "digest", True)):
        of = {"event": "" if digest else "velmora", "recipient": "desk", "digest": digest}
        insert(connection, "alert", alert_id=alert_id, created=micros(), body=body(name, number), **of)
        for channel, state in (("mail", "due"), ("hook", "due"), ("mail", "sent")):
            sent = micros() if state == "sent" else None
            insert(
                connection, "delivery", delivery_id=f"dlv_{alert_id}_{channel}_{state}", alert_id=alert_id,
                channel=channel, created=micros(), state=state, attempts=1, next_due=None if sent else micros(),
                last_error="" if sent else "mail:25 put off the message (451 later)", sent=sent,
            )  # fmt: skip
    waits: dict[str, object] = {
        "recipient": "desk", "event": "velmora", "event_title": news.EVENT.title, "since": micros(),
    }  # fmt: skip
    insert(connection, "held", development_id="dev_resigns", run_key="", body=body("item", number), **waits)
    insert(connection, "digest_run", recipient="desk", run_key="2031-03-01T18:30", until=micros(-24))
    if number >= 3:
        item = body("item", number).replace("dev_resigns", "dev_pending")
        insert(connection, "pending", development_id="dev_pending", settled="", body=item, **waits)


def made(url: str, folder: Path, number: int) -> None:
    """A store as the newswatch with this many migrations left it."""
    engine = create_engine(resolved(url, folder))
    with engine.begin() as connection:
        applied.create(connection)
        for step in migrations()[:number]:
            for statement in step.statements(engine.dialect.name):
                connection.execute(text(statement))
            row = {"number": step.number, "name": step.name, "checksum": step.checksum, "applied": NOW}
            connection.execute(applied.insert().values(**row))
        fill(connection, number)
    engine.dispose()


async def upgraded(loaded: Loaded) -> DeliverReport:
    with closing(open_store(loaded.settings.store.url, base=loaded.base, now=NOW)) as store:
        before = store.deliveries()
        assert {one.alert.digest for one in before} == {True, False}
        assert not any(one.alert.figures or one.alert.corrected or one.taken or one.refused for one in before)
        async with App(loaded, store, environ={"HOOK_SECRET": SECRET}) as app:
            later = NOW + HOUR
            await app.release(later)
            await app.digest(later)
            report = await app.deliver(later)
        assert {one.state for one in store.deliveries()} == {DeliveryState.SENT}
        assert store.integrity() == []
    return report


@pytest.mark.parametrize("number", [step.number for step in migrations()[:-1]])
def test_what_was_on_its_way_is_sent(url: str, tmp_path: Path, number: int) -> None:
    made(url, tmp_path, number)
    with SmtpServer() as smtp, WebhookReceiver() as hook:
        channels = CHANNELS.format(port=smtp.port, url=hook.url)
        config = write_config(tmp_path, {"wire": "http://127.0.0.1:9/"}, channels, RECIPIENTS)
        config.write_text(f"{config.read_text()}store: {{url: '{url}'}}\n")
        report = asyncio.run(upgraded(load_config(config, {"HOOK_SECRET": SECRET})))
    # An alert and a digest of then; the digest of what was held; from the third schema on, what was pending.
    told = 3 + (number >= 3)
    assert (report.sent, report.problems) == (2 * told, [])
    assert len(smtp.received) == len(hook.calls) == told
    schema = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    for call in hook.calls:
        assert call.verified
        schema.validate(call.data)
    old = next(call.data["data"] for call in hook.calls if call.headers["webhook-id"].startswith("dlv_alr_2"))
    assert old["counts"] == {"seen": 12, "about": 5, "told": 2, "silent": 3, "feeds failing": 1}
    mail = next(one.mail for one in smtp.received if "dlv_alr_2" in str(one.mail["message-id"]))
    assert "12 stories seen" in str(mail)
    summaries = {one["summary"] for call in hook.calls for one in call.data["data"]["developments"]}
    assert {news.INJURED.summary, news.DETAINED.summary, news.RESIGNS.summary} <= summaries
