"""Full text in both databases and both scripts: what is found, in which order, and what no query can break."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from loopback.news import DETAINED, INJURED, NOW, RESIGNS, RUSSIAN_STORY, STORY
from newswatch.model import Decision, Severity
from newswatch.store import Store, Term, open_reader, open_store, parsed, search
from newswatch.store import migrate as migrating
from newswatch.store.backup import back_up, restore
from newswatch.store.engine import connect, resolved
from newswatch.store.search import LONGEST, MOST_TERMS

DECISION = Decision("velmora", STORY.story_id, 1, True, Severity.ALERT, (), "new", (INJURED, DETAINED, RESIGNS))
ACCENTS = replace(STORY, story_id="sty_3", title="Müller résigne", text="Самолёт МЧС вылетел.", url="https://x.org/3")


@pytest.fixture
def store(url: str, tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(url, base=tmp_path, now=NOW)) as opened:
        yield opened


@pytest.fixture
def filled(store: Store) -> Store:
    with store.transaction() as tx:
        for late, story in enumerate((STORY, RUSSIAN_STORY, ACCENTS)):
            tx.save_story(replace(story, first_seen=NOW + timedelta(minutes=late)), signature=b"", bands=())
        tx.save_decision(DECISION, NOW)
    return store


def stories(url: str, folder: Path, said: str, *, limit: int = 10, offset: int = 0) -> list[str]:
    with closing(open_reader(url, base=folder)) as reader, reader.moment() as pages:
        return [one.story_id for one in pages.search_stories(parsed(said), limit=limit, offset=offset)]


def developments(url: str, folder: Path, said: str) -> list[str]:
    with closing(open_reader(url, base=folder)) as reader, reader.moment() as pages:
        return [one.development.development_id for one in pages.search_developments(parsed(said), limit=10)]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("hospital", ["sty_1"]),
        ("HOSPITALS dam", ["sty_1"]),
        ("injuring", ["sty_1"]),
        ("плотину", ["sty_2"]),
        ("плотиной директоров", ["sty_2"]),
        ("задержали", ["sty_2"]),
        ("Лядову", ["sty_2"]),
        ("самолеты", ["sty_3"]),
        ("самолёт", ["sty_3"]),
        ("muller", ["sty_3"]),
        ("Müller resigne", ["sty_3"]),
        ('"health ministry"', ["sty_1"]),
        ('"ministry health"', []),
        ("“health ministry”", ["sty_1"]),
        ("ministry health", ["sty_1"]),
        ("98", ["sty_1"]),
        ("9", []),
        ("dam плотина", []),
        ("nothing-of-this", []),
        ("", []),
    ],
)
def test_words_are_found_in_their_forms(filled: Store, url: str, tmp_path: Path, said: str, found: list[str]) -> None:
    assert filled.place
    assert stories(url, tmp_path, said) == found


@pytest.mark.parametrize(
    "said",
    [
        '"', '""', '"""', "*", "a*", "NEAR(", 'NEAR("a" "b", 5)', "title: dam", "dam OR", "NOT", "AND AND", "-dam",
        "{title body}: dam", "')", "'; DROP TABLE story; --", "dam:*", "!dam", "<->", "(dam", "dam\x00", "\\", ":x",
        "\ud800", "ﬁ", "😀", "а" * 5000, '"' * 300, "x " * 5000, "^dam", "%",
    ],
)  # fmt: skip
def test_no_sign_breaks_a_query(filled: Store, url: str, tmp_path: Path, said: str) -> None:
    assert set(stories(url, tmp_path, said)) <= {"sty_1"}
    developments(url, tmp_path, said)
    assert filled.story("sty_1")


def test_the_newest_come_first_a_page_after_the_other(filled: Store, url: str, tmp_path: Path) -> None:
    with filled.transaction() as tx:
        for number in range(7):
            story = replace(STORY, story_id=f"more{number}", url=f"https://x.org/{number}", title="Crater",
                            first_seen=NOW + timedelta(hours=number))  # fmt: skip
            tx.save_story(story, signature=b"", bands=())
    pages = [stories(url, tmp_path, "crater", limit=3, offset=offset) for offset in (0, 3, 6, 9, 999_999)]
    assert pages == [["more6", "more5", "more4"], ["more3", "more2", "more1"], ["more0"], [], []]


def test_an_edit_and_the_retention_change_what_is_found(filled: Store, url: str, tmp_path: Path) -> None:
    with filled.transaction() as tx:
        tx.save_story(replace(STORY, title="Quite another", text="Of no water.", revision=2), signature=b"", bands=())
    assert stories(url, tmp_path, "hospital") == []
    assert stories(url, tmp_path, "another water") == ["sty_1"]
    filled.maintain(NOW + timedelta(days=9), timedelta(days=1))
    for said in ("another", "плотина", "самолет"):
        assert stories(url, tmp_path, said) == []
    assert filled.integrity() == []


def test_what_is_written_twice_or_not_at_all_is_found_once_or_not(filled: Store, url: str, tmp_path: Path) -> None:
    with filled.transaction() as tx:
        tx.save_story(STORY, signature=b"", bands=())
        tx.save_decision(DECISION, NOW)

    def fails() -> None:
        with filled.transaction() as tx:
            tx.save_story(replace(STORY, story_id="lost", title="Unwritten"), signature=b"", bands=())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert stories(url, tmp_path, "hospital") == ["sty_1"]
    assert stories(url, tmp_path, "unwritten") == []
    assert developments(url, tmp_path, "injured") == [INJURED.development_id]


def test_developments_are_found_by_their_line(filled: Store, url: str, tmp_path: Path) -> None:
    assert filled.place
    word = RESIGNS.summary.split()[-1]
    assert RESIGNS.development_id in developments(url, tmp_path, word)


def test_a_backup_is_searched_like_the_store(filled: Store, url: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    back_up(filled, copy, now=NOW)
    assert stories(f"sqlite:///{copy}", tmp_path, "плотина") == ["sty_2"]
    with filled.transaction() as tx:
        tx.save_story(replace(STORY, story_id="late", title="Afterwards"), signature=b"", bands=())
    filled.close()
    restore(copy, url, base=tmp_path, now=NOW, replace=True)
    assert stories(url, tmp_path, "afterwards") == []
    assert stories(url, tmp_path, "velmora")[0] == "sty_1" or stories(url, tmp_path, "dam") == ["sty_1"]
    assert developments(url, tmp_path, "injured") == [INJURED.development_id]
    again = open_store(url, base=tmp_path, now=NOW)
    with closing(again), again.transaction() as tx:
        tx.save_story(replace(STORY, story_id="late", title="Afterwards"), signature=b"", bands=())
    assert stories(url, tmp_path, "afterwards") == ["late"]


def test_an_older_store_is_indexed_when_it_is_opened(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    number = next(m.number for m in migrating.migrations() if m.name == "search")
    older = tuple(m for m in migrating.migrations() if m.number < number)
    with monkeypatch.context() as before:
        before.setattr(migrating, "migrations", lambda: older)
        with closing(open_store(url, base=tmp_path, now=NOW)) as store, store.transaction() as tx:
            tx.save_story(RUSSIAN_STORY, signature=b"", bands=())
            tx.save_decision(DECISION, NOW)
    with closing(open_store(url, base=tmp_path, now=NOW)):
        assert stories(url, tmp_path, "плотин") == ["sty_2"]
        assert developments(url, tmp_path, "injured") == [INJURED.development_id]


def test_a_query_asks_an_index(url: str, tmp_path: Path) -> None:
    engine = connect(resolved(url, tmp_path))
    with closing(open_store(url, base=tmp_path, now=NOW)):
        pass
    if engine.dialect.name == "sqlite":
        with closing(sqlite3.connect(tmp_path / "s.db")) as raw:
            plan = raw.execute(
                "EXPLAIN QUERY PLAN SELECT story_id FROM search_story WHERE number IN (SELECT rowid FROM "
                "search_story_words WHERE search_story_words MATCH 'a' ORDER BY rowid DESC LIMIT 5)"
            ).fetchall()
        assert not any(str(row[-1]).startswith("SCAN search_story ") for row in plan)
    engine.dispose()


def test_a_query_is_cut_and_its_terms_counted() -> None:
    assert len(parsed(" ".join(f"word{n}" for n in range(90))).terms) <= MOST_TERMS
    assert sum(len(word) for term in parsed("a" * 900).terms for word in term.words) <= LONGEST
    assert parsed("dam dam").terms == parsed("dam").terms == (Term(("dam",), begins=True),)
    assert Term(("наводнен",), begins=True).marks("наводнению")
    assert not Term(("57",)).marks("570")


def test_postgresql_is_asked_in_the_words_of_its_index() -> None:
    sql = next(m.sql for m in migrating.migrations() if m.name == "search")
    assert search._STORY_WORDS in sql
    assert search._DEVELOPMENT_WORDS in sql
