"""What the console reads, in both databases: in the order of commits, beside the writer, and unable to write."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from loopback.news import DETAINED, INJURED, NOW, RESIGNS, STORY
from newswatch.errors import StoreError
from newswatch.model import (
    Alert,
    AlertItem,
    Decision,
    Delivery,
    DeliveryState,
    Evidence,
    Fact,
    FactStatus,
    Feedback,
    Figure,
    Held,
    Label,
    Mark,
    Origin,
    Pending,
    Severity,
)
from newswatch.store import DIVERTED, Reader, Store, Wanted, open_reader, open_store
from newswatch.store import migrate as migrating
from newswatch.store.engine import connect, resolved

DECISION = Decision("velmora", STORY.story_id, 1, True, Severity.ALERT, (), "new", (INJURED, DETAINED, RESIGNS))
FACT = Fact("fct_1", "velmora", Figure(Evidence(INJURED.evidence[0], 1), "injured", 98), STORY.story_id, "Wire", NOW,
            told=True)  # fmt: skip


@pytest.fixture
def store(url: str, tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(url, base=tmp_path, now=NOW)) as opened:
        yield opened


@pytest.fixture
def reader(store: Store, url: str, tmp_path: Path) -> Iterator[Reader]:
    assert store.place
    with closing(open_reader(url, base=tmp_path)) as opened:
        yield opened


def told(store: Store) -> None:
    with store.transaction() as tx:
        tx.save_story(STORY, signature=b"", bands=())
        tx.save_decision(DECISION, NOW)
        tx.add_facts([FACT])
        tx.add_origins([Origin("velmora", "fct_1", "Herald", "Agency", "sty_9", NOW)])


def test_developments_come_in_the_order_of_commits(store: Store, reader: Reader) -> None:
    told(store)
    earlier = replace(INJURED, development_id="dev_late")
    with store.transaction() as tx:  # a poll that began before the other, and ended after it
        tx.save_decision(replace(DECISION, developments=(earlier,)), NOW - timedelta(minutes=5))
    with reader.moment() as pages:
        found = pages.developments("velmora")
        assert [one.development.development_id for one in found] == [
            "dev_late", "dev_resigns", "dev_detained", "dev_injured",
        ]  # fmt: skip
        assert [one.seq for one in pages.since(found[-1].seq)] == sorted(one.seq for one in found[:-1])
        assert pages.newest() == found[0].seq
        assert found[3].development == INJURED
        assert found[3].story == STORY
        assert pages.developments("velmora", before=found[2].seq) == found[3:]
        assert {one.development for one in pages.developments("velmora", wanted=Wanted(topic="legal"))} == {DETAINED}
        assert pages.developments("velmora", wanted=Wanted(language="ru")) == []
        assert pages.developments("velmora", wanted=Wanted(severity="digest", language="en")) == [found[1]]
        assert pages.counts(["velmora", "other"], NOW - timedelta(days=1)) == {
            "velmora": {"alert": 3, "digest": 1}, "other": {},
        }  # fmt: skip
        assert pages.languages("velmora") == ("en",)


def test_a_development_outlives_its_story(store: Store, reader: Reader) -> None:
    told(store)
    store.maintain(NOW + timedelta(days=2), timedelta(days=1))
    with reader.moment() as pages:
        (one, *_) = pages.developments("velmora")
    assert one.story is None
    assert (one.development.summary, one.development.evidence) == (RESIGNS.summary, ())


def test_who_was_told_of_a_development(store: Store, reader: Reader) -> None:
    told(store)
    item = AlertItem(INJURED, STORY)
    alert = Alert("alr_1", "velmora", "Velmora", "desk", NOW, (item,))
    with store.transaction() as tx:
        for recipient in ("desk", "night", "muted"):
            tx.add_pending([Pending(recipient, item, "velmora", "Velmora", NOW)])
        tx.settle([Pending("desk", item, "velmora", "Velmora", NOW)], "alr_1")
        tx.settle([Pending("muted", item, "velmora", "Velmora", NOW)], DIVERTED)
        tx.add_alert(alert)
        tx.add_deliveries([Delivery("dlv_1", alert, "mail", NOW, DeliveryState.SENT, sent_at=NOW)])
        tx.hold([Held("muted", item, "velmora", "Velmora", NOW), Held("editor", item, "velmora", "Velmora", NOW)])
        assert tx.record_digest_run("editor", "run", NOW + timedelta(hours=1))
        tx.take_held("editor", NOW, "run")
    with reader.moment() as pages:
        fates = pages.fates([INJURED.development_id, "dev_nope"])
    assert list(fates) == [INJURED.development_id]
    assert [(one.recipient, one.how) for one in fates[INJURED.development_id]] == [
        ("desk", "told"), ("muted", "held"), ("night", "waits"), ("editor", "digest"),
    ]  # fmt: skip
    assert fates[INJURED.development_id][0].deliveries == (("mail", DeliveryState.SENT, NOW),)
    assert fates[INJURED.development_id][3].at == NOW + timedelta(hours=1)


def test_independent_sources_are_whose_words_they_are(store: Store, reader: Reader) -> None:
    told(store)
    with reader.moment() as pages:
        sources = pages.origins(pages.developments("velmora"))
    assert sources[INJURED.development_id] == (STORY.source, "Agency")
    assert sources[DETAINED.development_id] == (STORY.source,)


def test_the_newest_mark_of_a_fact_counts(store: Store, reader: Reader) -> None:
    marks = [Mark("velmora", "fct_1", status, "s", "Wire", NOW, status.value) for status in
             (FactStatus.DISPUTED, FactStatus.RETRACTED)]  # fmt: skip
    with store.transaction() as tx:
        tx.save_decision(replace(DECISION, marks=tuple(marks)), NOW)
    with reader.moment() as pages:
        assert pages.newest_marks("velmora") == (marks[1],)
        before = pages.ledger_stamp("velmora")
    told(store)
    with reader.moment() as pages:
        assert pages.ledger_stamp("velmora") != before
        assert pages.figures("velmora") == (FACT,)
        assert pages.told_facts("velmora", 5) == (FACT,)


def test_a_page_is_of_one_moment(store: Store, reader: Reader) -> None:
    with reader.moment() as pages:
        assert pages.newest() == 0
        told(store)
        assert pages.newest() == 0
    with reader.moment() as pages:
        assert pages.newest() > 0


def test_a_reader_cannot_write(store: Store, reader: Reader) -> None:
    told(store)
    with pytest.raises(StoreError, match="read-only"), reader.moment() as pages:
        pages._connection.execute(text("DELETE FROM story"))
    assert store.story(STORY.story_id) == STORY


def test_feedback_is_whole_and_outlives_the_story(store: Store) -> None:
    told(store)
    said = Feedback(Label.WRONG, STORY, DECISION, INJURED.development_id, NOW, "console", "1.0", "abc", "no")
    with store.transaction() as tx:
        tx.add_feedback(said)
    store.maintain(NOW + timedelta(days=2), timedelta(days=1))
    assert store.feedback() == store.feedback(STORY.story_id) == (said,)
    assert store.feedback("other") == ()


def test_developments_of_an_older_store_keep_their_order(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the migration finds is numbered by when it was found."""
    before = tuple(m for m in migrating.migrations() if m.name != "console")
    number = next(m.number for m in migrating.migrations() if m.name == "console")
    engine = connect(resolved(url, tmp_path))
    with monkeypatch.context() as older:
        older.setattr(migrating, "migrations", lambda: tuple(m for m in before if m.number < number))
        migrating.migrate(engine, NOW, place="s")
    columns = "development_id, event, story_id, kind, outcome, topic, severity, summary, found"
    with engine.execution_options(newswatch_write=True).begin() as connection:
        for name, found in (("b", 2), ("c", 3), ("a", 1)):
            row = f"'{name}', 'velmora', 's', 'figure', 'new', '', 'alert', 'what', {found}"
            connection.execute(text(f"INSERT INTO development ({columns}) VALUES ({row})"))  # noqa: S608 - our own
    engine.dispose()
    open_store(url, base=tmp_path, now=NOW).close()
    with closing(open_reader(url, base=tmp_path)) as reader, reader.moment() as pages:
        assert [one.development.development_id for one in pages.since(0)] == ["a", "b", "c"]
