"""What a person corrects while the service runs, its next decisions follow; and who else states a fact is counted."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from loopback.feed_server import FeedServer, Route
from loopback.world import MOMENTS, write_config
from newswatch.app import App, PollReport
from newswatch.app.watch import Watch, facts_known
from newswatch.config.load import load_config
from newswatch.detect.corrections import said_of
from newswatch.model import Action, Correction, Fact, FactStatus, Figure, Happening, Status
from newswatch.store import Store, open_store

NOW = MOMENTS[0]
TOLL = "Nine people were killed in Velmora when the dam broke, the rescue service said."
COPY = f"{TOLL} Hospitals were full, roads were blocked, the railway stood still and power was out in the whole valley."


def feed(title: str, *stories: tuple[str, str]) -> bytes:
    items = "".join(
        f"<item><guid isPermaLink='false'>{guid}</guid><title>Velmora dam {guid}</title><description>{text}"
        f"</description><link>https://news.example.org/{guid}</link></item>"
        for guid, text in stories
    )
    head = "<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel>"
    return f"{head}<title>{title}</title><language>en</language>{items}</channel></rss>".encode()


def served(
    url: str, tmp_path: Path, feeds: FeedServer, steps: tuple[tuple[str, bytes, Callable[[Store], None]], ...]
) -> list[PollReport]:
    """One poll a step, by an application that stays open; after each, a person works beside it."""
    config = write_config(tmp_path, {name: feeds.url(f"/{name}") for name, _, _ in steps})
    config.write_text(f"{config.read_text()}store: {{url: '{url}'}}\n")
    loaded = load_config(config, {})

    async def work() -> list[PollReport]:
        found = []
        async with App(loaded, store, environ={}) as app:
            for number, (name, body, then) in enumerate(steps):
                feeds.routes = {f"/{other}": Route(feed("")) for other, _, _ in steps} | {f"/{name}": Route(body)}
                found.append(await app.poll(NOW + timedelta(hours=number)))
                person = open_store(url, base=loaded.base, now=NOW)
                then(person)
                person.close()
        return found

    store = open_store(url, base=loaded.base, now=NOW)
    try:
        return asyncio.run(work())
    finally:
        store.close()


def nothing(_store: Store) -> None:
    pass


def correct(action: Action, facts: Callable[[Store], list[Fact]]) -> Callable[[Store], None]:
    def do(store: Store) -> None:
        for fact in facts(store):
            with store.transaction() as tx:
                tx.add_correction(Correction("velmora", fact.fact_id, action, said_of(fact), NOW, "ana"))

    return do


def nine(store: Store) -> list[Fact]:
    return [f for f in store.facts("velmora") if isinstance(f.claim, Figure) and f.claim.value == 9]


def test_a_running_service_follows_corrections(url: str, tmp_path: Path) -> None:
    later = "Nine people were killed when the dam broke."
    with FeedServer() as feeds:
        steps = (
            ("one", feed("One", ("a", TOLL)), nothing),
            ("two", feed("One", ("b", later)), correct(Action.REJECT, nine)),
            ("three", feed("One", ("c", later)), correct(Action.UNDO, nine)),
            ("four", feed("One", ("d", later)), nothing),
        )
        reports = served(url, tmp_path, feeds, steps)
    assert [report.told for report in reports] == [1, 0, 1, 0]


def test_who_else_states_a_fact_is_noted_and_a_copy_counts_as_its_original(url: str, tmp_path: Path) -> None:
    found: list[tuple[str, str]] = []

    def look(store: Store) -> None:
        told = nine(store)[0]
        found.extend((o.source, o.origin) for o in store.origins("velmora") if o.fact_id == told.fact_id)

    with FeedServer() as feeds:
        steps = (
            ("wire", feed("Wire", ("a", COPY)), nothing),
            ("herald", feed("Herald", ("b", COPY)), nothing),
            ("post", feed("Post", ("c", "Nine people were killed, the mayor of Velmora said.")), nothing),
            ("wire", feed("Wire", ("d", TOLL)), nothing),
            ("herald", feed("Herald", ("e", "Seven people were killed in Velmora.")), look),
        )
        served(url, tmp_path, feeds, steps)
    assert found == [("Herald", "Wire"), ("Post", "Post")]


def test_what_stories_make_of_a_fact_survives_and_a_person_wins(url: str, tmp_path: Path) -> None:
    found: list[FactStatus] = []

    def arrest(store: Store) -> list[Fact]:
        return [
            fact
            for fact in store.facts("velmora")
            if isinstance(fact.claim, Happening) and (fact.claim.type, fact.claim.status) == ("arrest", Status.DONE)
        ]

    def look(store: Store) -> None:
        event = load_config(tmp_path / "newswatch.yaml", {}).events[0]
        for action in (Action.UNDO, Action.ACCEPT, Action.UNDO):
            correct(action, arrest)(store)
            watch = Watch((event,))  # as after a restart
            watch.load(store, NOW)
            ledger = watch.of_feed(())[0].ledger
            assert ledger is not None
            found.append(ledger.standing(arrest(store)[0]))

    denied = "The interior ministry denied that Igor Lyadov had been detained in Velmora."
    with FeedServer() as feeds:
        steps = (
            ("wire", feed("Wire", ("a", "Police detained Igor Lyadov in Velmora.")), nothing),
            ("herald", feed("Herald", ("b", denied)), look),
        )
        reports = served(url, tmp_path, feeds, steps)
    assert [report.told for report in reports] == [1, 1]
    assert found == [FactStatus.DISPUTED, FactStatus.CONFIRMED, FactStatus.DISPUTED]


def test_the_baseline_is_known_before_it_is_recorded(tmp_path: Path) -> None:
    event = load_config(write_config(tmp_path, {"wire": "https://news.example.org/rss"}), {}).events[0]
    store = open_store("sqlite:///s.db", base=tmp_path, now=NOW)
    try:
        known = facts_known(store, event, NOW)
        assert store.facts("velmora") == ()
        Watch((event,)).load(store, NOW)
        assert store.facts("velmora") == known == facts_known(store, event, NOW)
    finally:
        store.close()
    assert {fact.story_id for fact in known} == {""}
