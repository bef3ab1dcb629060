"""A small invented event, told by three feeds over three moments: what the tests of the whole way are fed with."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from pathlib import Path

EVENT = """\
event: velmora
title: "Velmora: the dam of Lake Arda"
about: {any: [Velmora, Велмора, "Lake Arda"]}
baseline:
  as_of: 2031-03-02T06:00:00Z
  text: |
    The dam of Lake Arda above the town of Velmora broke on Saturday night. Three people were killed and more than
    20 were injured. About 400 people were evacuated. Governor Petra Sandoval urged residents to
    stay away from the river.
entities:
  - {id: sandoval, name: Petra Sandoval, type: person, names: [Sandoval, Петра Сандовал, Сандовал]}
  - {id: velmora-town, name: Velmora, type: place, names: [Велмора]}
topics:
  - {id: casualties, severity: alert, any: [killed, dead, injured, died, погибли, погибших, пострадавших]}
  - {id: legal, severity: alert, any: [arrested, detained, charged, задержан, арестован]}
  - {id: politics, severity: digest, any: [resign, governor, parliament, губернатор]}
"""


@dataclass(frozen=True)
class Item:
    """One entry of one of the feeds.

    ``new`` names the development it brings, so that a test can say what must be told; empty for a retelling.
    """

    feed: str
    at: datetime
    guid: str
    title: str
    text: str
    new: str = ""


def _at(day: int, hour: int) -> datetime:
    return datetime(2031, 3, day, hour, tzinfo=UTC)


MOMENTS = (_at(2, 12), _at(2, 20), _at(3, 8))

ITEMS = (
    Item("wire", _at(2, 7), "w1", "Dam above Velmora breaks, three dead",
         "The dam of Lake Arda above Velmora broke on Saturday night. Three people were killed, over 20 injured."),
    Item("wire", _at(2, 10), "w2", "Velmora dam: death toll rises to nine",
         "The number of people killed in the Velmora dam break has risen to nine, the rescue service said on Sunday.",
         new="killed=9"),
    Item("herald", _at(2, 11), "h1", "Nine dead after Lake Arda dam break",
         "Nine people were killed when the dam of Lake Arda broke above Velmora, the rescue service said on Sunday."),
    Item("herald", _at(2, 11), "h2", "Silver Run marathon starts in Kestrel on Sunday",
         "Runners in Kestrel will start at nine on Sunday. The organisers expect 3,000 people."),
    Item("vestnik", _at(2, 18), "v1", "Велмора: задержан директор плотины",
         "Полиция задержала директора плотины у города Велмора Игоря Лядова. Следствие подозревает его в халатности.",
         new="detained"),
    Item("wire", _at(2, 19), "w3", "Head of Lake Arda dam detained",
         "Police have detained Igor Lyadov, the director of the dam above Velmora, on suspicion of negligence."),
    Item("wire", _at(3, 6), "w4", "Velmora: 57 people treated for injuries",
         "Hospitals have treated 57 people injured in the Velmora dam break, the health ministry said on Monday.",
         new="injured=57"),
    Item("herald", _at(3, 7), "h3", "What we know of the Lake Arda dam break",
         "The dam of Lake Arda broke on Saturday night. Nine people were killed. Police detained the director."),
)  # fmt: skip


def rss(feed: str, now: datetime, more: tuple[Item, ...] = ()) -> bytes:
    """The feed as it stands at a moment: RSS 2.0, newest first; ``more`` stands before the others."""
    items = [item for item in (*ITEMS, *more) if item.feed == feed and item.at <= now]
    body = "".join(
        f"<item><guid isPermaLink='false'>{item.guid}</guid><title>{escape(item.title)}</title>"
        f"<link>https://{feed}.example.org/{item.guid}?utm_source=rss</link>"
        f"<description>{escape(item.text)}</description><pubDate>{format_datetime(item.at)}</pubDate></item>"
        for item in reversed(items)
    )
    language = "ru" if feed == "vestnik" else "en"
    return (
        f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>{feed.title()}</title>"
        f"<link>https://{feed}.example.org/</link><language>{language}</language>{body}</channel></rss>"
    ).encode()


FEEDS = ("wire", "herald", "vestnik")


def write_config(folder: Path, feed_urls: dict[str, str], channels: str = "", recipients: str = "") -> Path:
    """Write newswatch.yaml and the event file into a folder.

    Args:
        folder: where to.
        feed_urls: feed name to address.
        channels: the value of ``channels:`` as YAML text in flow style; left out when empty.
        recipients: the same for ``recipients:``.
    """
    (folder / "events").mkdir(parents=True, exist_ok=True)
    (folder / "events" / "velmora.yaml").write_text(EVENT, encoding="utf-8")
    feeds = "".join(f"  - {{id: {name}, url: {url!r}}}\n" for name, url in feed_urls.items())
    text = f"polling: {{allow_private: true, interval: 1m}}\nfeeds:\n{feeds}"
    if channels:
        text += f"channels: {channels}\n"
    if recipients:
        text += f"recipients: {recipients}\n"
    path = folder / "newswatch.yaml"
    path.write_text(text, encoding="utf-8")
    return path
