"""A message that a mail server took for some of its readers: the others get it later, and nobody gets it twice."""

import asyncio
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from loopback import news
from loopback.smtp_server import SmtpServer
from newswatch.app import App, DeliverReport
from newswatch.config.load import load_config
from newswatch.model import Delivery, DeliveryState
from newswatch.store import Store, open_store

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
                [kept] = store.deliveries_like(delivery.delivery_id)
            # The second time, that eve is refused is told too.
            assert report.sent == 2 * turn
            assert kept.state is (DeliveryState.SENT if turn else DeliveryState.DUE)
            assert kept.taken == ("ada@example.org",)
            assert [one.address for one in kept.refused] == (["eve@example.org"] if turn else [])
            server.refuse.pop("bob@example.org", None)
    assert [received.recipients for received in server.received] == [
        ("ada@example.org",),
        ("bob@example.org",),
        ("ada@example.org", "bob@example.org"),
    ]


class Mail:
    """A store and a configuration with one email channel; each `send` is a life of its own."""

    def __init__(self, folder: Path, server: SmtpServer, more: str = "", to: str = "") -> None:
        (folder / "events").mkdir()
        (folder / "events" / "velmora.yaml").write_text(EVENT)
        self.config = folder / "newswatch.yaml"
        text = CONFIG.format(port=server.port).replace("recipients:\n", f"{more}recipients:\n{to}")
        self.config.write_text(text)
        self._folder, self._sent = folder, 0

    def send(self, now: datetime, count: int = 1) -> DeliverReport:
        async def life(store: Store) -> DeliverReport:
            async with App(load_config(self.config, {}), store, environ={}) as app:
                return await app.deliver(now)

        with closing(self.store(now)) as store:
            with store.transaction() as tx:
                for _ in range(count):
                    self._sent += 1
                    alert = replace(news.alert(news.item(news.INJURED)), alert_id=f"alr_{self._sent}")
                    tx.add_alert(alert)
                    tx.add_deliveries([Delivery(f"dlv_{self._sent:04}", alert, "mail", created=now, next_due=now)])
            return asyncio.run(life(store))

    def store(self, now: datetime) -> Store:
        return open_store("sqlite:///s.db", base=self._folder, now=now)

    def notices(self) -> list[tuple[str, list[str]]]:
        """Each notice of the outbox: its channel, and what it says."""
        with closing(self.store(news.NOW)) as store:
            return [
                (one.channel, [item.development.summary for item in one.alert.items])
                for one in reversed(store.deliveries())
                if one.alert.event == "newswatch"
            ]


BOX = "  box: {type: folder, path: box}\n"
CHIEF = "  - {id: chief, channels: [box]}\n"
EVE = (
    "Channel mail does not reach eve@example.org: its server refuses the address for good. "
    "The channel's other addresses have the messages."
)


def test_an_address_that_is_refused_is_reported_once_and_the_operator_told_once(tmp_path: Path) -> None:
    with SmtpServer(refuse={"eve@example.org": "550 5.1.1 who"}) as server:
        mail = Mail(tmp_path, server, BOX, CHIEF)
        report = mail.send(news.NOW, 3)
        assert report.sent == 4  # the notice too
        [problem] = report.problems
        assert problem.message == (
            "eve@example.org is refused for good (550 5.1.1 who – there is no such mailbox); "
            "the channel's other addresses have the message"
        )
        assert (problem.channel, problem.reason, problem.address) == ("mail", "rejected", "eve@example.org")
        assert mail.send(news.NOW + timedelta(hours=1)).sent == 1
        assert mail.notices() == [("box", [EVE])]
    [notice] = (tmp_path / "box").glob("*.eml")
    assert "550 5.1.1 who" in notice.read_text()


def test_another_address_is_told_of_and_a_mended_one_again_after_a_day(tmp_path: Path) -> None:
    with SmtpServer(refuse={"eve@example.org": "550 5.1.1 who"}) as server:
        mail = Mail(tmp_path, server, BOX, CHIEF)
        mail.send(news.NOW)
        server.refuse["bob@example.org"] = "550 5.2.1 off"
        mail.send(news.NOW + timedelta(minutes=1))
        assert [says for _, [says] in mail.notices()] == [EVE, EVE.replace("eve@", "bob@")]
        for minute in range(2, 12, 2):  # it comes and goes
            server.refuse.pop("eve@example.org", None)
            mail.send(news.NOW + timedelta(minutes=minute))
            server.refuse["eve@example.org"] = "550 5.1.1 who"
            mail.send(news.NOW + timedelta(minutes=minute + 1))
        assert len(mail.notices()) == 2
        server.refuse.pop("eve@example.org")
        mail.send(news.NOW + timedelta(days=2))
        server.refuse["eve@example.org"] = "550 5.1.1 who"
        mail.send(news.NOW + timedelta(days=2, minutes=1))
        assert [says for _, [says] in mail.notices()][2:] == [EVE]


def test_without_another_channel_the_others_of_this_one_are_told(tmp_path: Path) -> None:
    refuse = {"eve@example.org": "550 5.1.1 who", "bob@example.org": "550 5.2.1 off"}
    with SmtpServer(refuse=refuse) as server:
        mail = Mail(tmp_path, server)
        report = mail.send(news.NOW)
        assert {one.address for one in report.problems} == set(refuse)
        assert mail.notices() == [("mail", [EVE.replace("eve@", "bob@"), EVE])]
    assert [one.recipients for one in server.received] == [("ada@example.org",)] * 2
