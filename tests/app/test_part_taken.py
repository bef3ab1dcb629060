"""A message that a mail server took for some of its readers: the others get it later, and nobody gets it twice."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path

from loopback import news
from loopback.smtp_server import SmtpServer
from newswatch.app import App
from newswatch.config.load import load_config
from newswatch.model import DeliveryState
from newswatch.store import open_store

CONFIG = """\
channels:
  mail: {{type: email, host: 127.0.0.1, port: {port}, security: none, from: n@example.org,
    to: [ada@example.org, bob@example.org, eve@example.org]}}
recipients:
  - {{id: desk, channels: [mail]}}
feeds:
  - {{url: "https://herald.example.org/rss"}}
"""
EVENT = "event: velmora\ntitle: 'Velmora: the dam'\nabout: {any: [Velmora]}\nbaseline: {text: The dam broke.}\n"


async def test_nobody_gets_it_twice_whichever_process_goes_on(tmp_path: Path) -> None:
    (tmp_path / "events").mkdir()
    (tmp_path / "events" / "velmora.yaml").write_text(EVENT)
    config = tmp_path / "newswatch.yaml"
    delivery = news.delivery(news.alert(news.item(news.INJURED)))
    refuse = {"bob@example.org": "452 4.2.2 full", "eve@example.org": "550 5.1.1 who"}
    with SmtpServer(refuse=refuse) as server:
        config.write_text(CONFIG.format(port=server.port))
        for turn, now in enumerate((news.NOW, news.NOW + timedelta(hours=1))):
            with closing(open_store("sqlite:///s.db", base=tmp_path, now=now)) as store:
                if turn == 0:
                    with store.transaction() as tx:
                        tx.add_alert(delivery.alert)
                        tx.add_deliveries([delivery])
                async with App(load_config(config, {}), store, environ={}) as app:
                    report = await app.deliver(now)
                [kept] = store.deliveries()
            assert report.sent == turn
            assert kept.state is (DeliveryState.SENT if turn else DeliveryState.DUE)
            assert kept.taken == ("ada@example.org",)
            server.refuse.pop("bob@example.org", None)
    assert [received.recipients for received in server.received] == [("ada@example.org",), ("bob@example.org",)]
